//! aarch64: 32 bytes in two vector registers, which every such processor has.
//!
//! | | |
//! |---|---|
//! | arguments | `x0` `x1` `x2` |
//! | result | `x0` |
//! | free to use | `x3` to `x17`, `v0` to `v7` |
//!
//! Words need not be aligned: the memory that programs have is not a device's.

/// Expands in the program: see the [module](super).
#[doc(hidden)]
#[macro_export]
macro_rules! __support {
    () => {
        ::core::arch::global_asm!(
            "
            // memcpy(x0 to, x1 from, x2 length) -> x0 to

            .pushsection .text.memcpy,\"ax\",%progbits
            .globl memcpy
            .type memcpy,%function
        memcpy:
            add x4, x1, x2
            add x5, x0, x2
            cmp x2, #16
            b.lo 4f
            cmp x2, #32
            b.hi 2f
            ldr q0, [x1]
            ldr q1, [x4, #-16]
            str q0, [x0]
            str q1, [x5, #-16]
            ret
        2:  // The last 32 are read before anything is written, for memmove.
            mov x3, x0
            ldp q0, q1, [x4, #-32]
            sub x5, x5, #32
        3:
            ldp q2, q3, [x1], #32
            stp q2, q3, [x3], #32
            cmp x3, x5
            b.lo 3b
            stp q0, q1, [x5]
            ret
        4:  // Fewer than 16: the first half and the last, which may overlap.
            tbz x2, #3, 5f
            ldr x6, [x1]
            ldr x7, [x4, #-8]
            str x6, [x0]
            str x7, [x5, #-8]
            ret
        5:
            tbz x2, #2, 6f
            ldr w6, [x1]
            ldr w7, [x4, #-4]
            str w6, [x0]
            str w7, [x5, #-4]
            ret
        6:  // Fewer than 4: the first, the middle and the last.
            cbz x2, 7f
            lsr x3, x2, #1
            ldrb w6, [x1]
            ldrb w7, [x1, x3]
            ldrb w8, [x4, #-1]
            strb w6, [x0]
            strb w7, [x0, x3]
            strb w8, [x5, #-1]
        7:
            ret
            .size memcpy, . - memcpy
            .popsection

            // memmove: upwards, as memcpy, which reads ahead of what it writes; up to
            // 32 it reads all first. Else downwards.

            .pushsection .text.memmove,\"ax\",%progbits
            .globl memmove
            .type memmove,%function
        memmove:
            sub x3, x0, x1
            cmp x3, x2
            b.hs 4f
            cmp x2, #32
            b.ls 4f
            ldp q0, q1, [x1]
            add x4, x1, x2
            add x5, x0, x2
            add x6, x0, #32
        2:
            ldp q2, q3, [x4, #-32]!
            stp q2, q3, [x5, #-32]!
            cmp x5, x6
            b.hi 2b
            stp q0, q1, [x0]
            ret
            // As far as a linker may put it, which no condition reaches.
        4:
            b memcpy
            .size memmove, . - memmove
            .popsection

            // memset(x0 to, w1 byte, x2 length) -> x0 to

            .pushsection .text.memset,\"ax\",%progbits
            .globl memset
            .type memset,%function
        memset:
            dup v0.16b, w1
            add x5, x0, x2
            cmp x2, #16
            b.lo 4f
            mov x3, x0
            sub x5, x5, #16
            b 3f
        2:
            str q0, [x3], #16
        3:
            cmp x3, x5
            b.lo 2b
            str q0, [x5]
            ret
        4:
            tbz x2, #3, 5f
            str d0, [x0]
            str d0, [x5, #-8]
            ret
        5:
            tbz x2, #2, 6f
            str s0, [x0]
            str s0, [x5, #-4]
            ret
        6:
            cbz x2, 7f
            lsr x3, x2, #1
            strb w1, [x0]
            strb w1, [x0, x3]
            strb w1, [x5, #-1]
        7:
            ret
            .size memset, . - memset
            .popsection

            // memcmp(x0, x1, x2 length) -> w0: and bcmp, which may give any non-zero
            // for \"differ\". As numbers, the first byte the highest.

            .pushsection .text.memcmp,\"ax\",%progbits
            .globl memcmp
            .type memcmp,%function
            .globl bcmp
            .type bcmp,%function
        memcmp:
        bcmp:
            add x4, x0, x2
            add x5, x1, x2
            subs x2, x2, #8
            b.lo 3f
        2:
            cbz x2, 5f
            ldr x6, [x0], #8
            ldr x7, [x1], #8
            cmp x6, x7
            b.ne 6f
            subs x2, x2, #8
            b.hi 2b
        5:  // The last 8 overlap with what came before.
            ldr x6, [x4, #-8]
            ldr x7, [x5, #-8]
            b 6f
        3:
            tbz x2, #2, 4f
            ldr w6, [x0]
            ldr w7, [x1]
            ldr w8, [x4, #-4]
            ldr w9, [x5, #-4]
            orr x6, x6, x8, lsl #32
            orr x7, x7, x9, lsl #32
            b 6f
        4:  // Fewer than 4: the first, the middle and the last.
            adds x2, x2, #8
            b.eq 7f
            lsr x3, x2, #1
            ldrb w6, [x0]
            ldrb w7, [x1]
            ldrb w8, [x0, x3]
            ldrb w9, [x1, x3]
            orr w6, w6, w8, lsl #8
            orr w7, w7, w9, lsl #8
            ldrb w8, [x4, #-1]
            ldrb w9, [x5, #-1]
            orr w6, w6, w8, lsl #16
            orr w7, w7, w9, lsl #16
        6:
            rev x6, x6
            rev x7, x7
            cmp x6, x7
            cset w0, hi
            csinv w0, w0, wzr, hs
            ret
        7:
            mov w0, wzr
            ret
            .size memcmp, . - memcmp
            .popsection

            // strlen(x0 text) -> x0 bytes before the NUL: 8 at a time from where 8
            // begin, so that no page is touched that the text is not in

            .pushsection .text.strlen,\"ax\",%progbits
            .globl strlen
            .type strlen,%function
        strlen:
            bic x1, x0, #7
            mov x4, #0x0101010101010101
            ldr x2, [x1], #8
            // What is before the text becomes ones.
            lsl x5, x0, #3
            mov x3, #-1
            lsl x3, x3, x5
            orn x2, x2, x3
            b 3f
        2:
            ldr x2, [x1], #8
        3:  // A byte is 0 if taking 1 from it sets the highest bit, which was clear.
            sub x3, x2, x4
            bic x3, x3, x2
            ands x3, x3, #0x8080808080808080
            b.eq 2b
            // How far the lowest such bit is up.
            rbit x3, x3
            clz x3, x3
            sub x1, x1, #8
            sub x0, x1, x0
            add x0, x0, x3, lsr #3
            ret
            .size strlen, . - strlen
            .popsection
            "
        );
    };
}
