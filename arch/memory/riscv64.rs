//! riscv64: 8 bytes in a register, for there may be no vectors. Words are aligned:
//! others may trap to the firmware.
//!
//! | | |
//! |---|---|
//! | arguments | `a0` `a1` `a2` |
//! | result | `a0` |
//! | free to use | `a3` to `a7`, `t0` to `t6` |

/// Expands in the program: see the [module](super).
#[doc(hidden)]
#[macro_export]
macro_rules! __support {
    () => {
        ::core::arch::global_asm!(
            "
            # memcpy(a0 to, a1 from, a2 length) -> a0 to

            .pushsection .text.memcpy,\"ax\",@progbits
            .globl memcpy
            .type memcpy,@function
        memcpy:
            mv t0, a0
            li t3, 16
            bltu a2, t3, 8f
        2:  # Up to where a word begins that is written.
            andi t1, t0, 7
            beqz t1, 3f
            lbu t2, 0(a1)
            sb t2, 0(t0)
            addi a1, a1, 1
            addi t0, t0, 1
            addi a2, a2, -1
            j 2b
        3:
            li t3, 8
            andi t1, a1, 7
            bnez t1, 5f
        4:
            bltu a2, t3, 8f
            ld t2, 0(a1)
            sd t2, 0(t0)
            addi a1, a1, 8
            addi t0, t0, 8
            addi a2, a2, -8
            j 4b
        5:  # Each word out of two: the high end of one, the low end of the next. The
            # second is read before a word is written, for memmove.
            slli t4, t1, 3
            neg t5, t4
            andi a3, a1, -8
            ld t2, 0(a3)
        6:
            bltu a2, t3, 8f
            ld t6, 8(a3)
            srl t2, t2, t4
            sll a4, t6, t5
            or t2, t2, a4
            sd t2, 0(t0)
            mv t2, t6
            addi a3, a3, 8
            addi a1, a1, 8
            addi t0, t0, 8
            addi a2, a2, -8
            j 6b
        7:
            lbu t2, 0(a1)
            sb t2, 0(t0)
            addi a1, a1, 1
            addi t0, t0, 1
            addi a2, a2, -1
        8:
            bnez a2, 7b
            ret
            .size memcpy, . - memcpy
            .popsection

            # memmove: upwards, as memcpy, unless `to` lies inside [from, from + length)

            .pushsection .text.memmove,\"ax\",@progbits
            .globl memmove
            .type memmove,@function
        memmove:
            sub t0, a0, a1
            bltu t0, a2, 2f
            tail memcpy
        2:
            # What both ends have alike tells whether words can be moved.
            andi t4, t0, 7
            add t0, a0, a2
            add a1, a1, a2
            j 5f
        3:
            addi a1, a1, -1
            addi t0, t0, -1
            addi a2, a2, -1
            lbu t2, 0(a1)
            sb t2, 0(t0)
        5:
            beqz a2, 7f
            andi t1, t0, 7
            or t1, t1, t4
            bnez t1, 3b
            li t3, 8
        6:
            bltu a2, t3, 8f
            addi a1, a1, -8
            addi t0, t0, -8
            addi a2, a2, -8
            ld t2, 0(a1)
            sd t2, 0(t0)
            j 6b
        8:  # Fewer than a word.
            li t4, 1
            bnez a2, 3b
        7:
            ret
            .size memmove, . - memmove
            .popsection

            # memset(a0 to, a1 byte, a2 length) -> a0 to

            .pushsection .text.memset,\"ax\",@progbits
            .globl memset
            .type memset,@function
        memset:
            mv t0, a0
            li t3, 8
            andi a1, a1, 0xff
            slli t1, a1, 8
            or a1, a1, t1
            slli t1, a1, 16
            or a1, a1, t1
            slli t1, a1, 32
            or a1, a1, t1
        2:
            andi t1, t0, 7
            beqz t1, 3f
            beqz a2, 6f
            sb a1, 0(t0)
            addi t0, t0, 1
            addi a2, a2, -1
            j 2b
        3:
            bltu a2, t3, 5f
            sd a1, 0(t0)
            addi t0, t0, 8
            addi a2, a2, -8
            j 3b
        4:
            sb a1, 0(t0)
            addi t0, t0, 1
            addi a2, a2, -1
        5:
            bnez a2, 4b
        6:
            ret
            .size memset, . - memset
            .popsection

            # memcmp(a0, a1, a2 length) -> a0: and bcmp, which may give any non-zero
            # for \"differ\"

            .pushsection .text.memcmp,\"ax\",@progbits
            .globl memcmp
            .type memcmp,@function
            .globl bcmp
            .type bcmp,@function
        memcmp:
        bcmp:
            mv t0, a0
            li a0, 0
            li t3, 8
            xor t4, t0, a1
            andi t4, t4, 7
        2:
            beqz a2, 5f
            andi t1, t0, 7
            or t1, t1, t4
            beqz t1, 4f
        3:
            lbu t1, 0(t0)
            lbu t2, 0(a1)
            addi t0, t0, 1
            addi a1, a1, 1
            addi a2, a2, -1
            sub a0, t1, t2
            beqz a0, 2b
            ret
        4:  # Words as long as they are equal; what differs is looked for by bytes.
            bltu a2, t3, 6f
            ld t1, 0(t0)
            ld t2, 0(a1)
            bne t1, t2, 6f
            addi t0, t0, 8
            addi a1, a1, 8
            addi a2, a2, -8
            j 4b
        6:
            li t4, 1
            bnez a2, 3b
        5:
            ret
            .size memcmp, . - memcmp
            .popsection

            # strlen(a0 text) -> a0 bytes before the NUL

            .pushsection .text.strlen,\"ax\",@progbits
            .globl strlen
            .type strlen,@function
        strlen:
            mv t0, a0
        2:
            andi t1, t0, 7
            beqz t1, 3f
            lbu t1, 0(t0)
            beqz t1, 6f
            addi t0, t0, 1
            j 2b
        3:  # A byte is 0 if taking 1 from it sets the highest bit, which was clear.
            li t3, 0x01010101
            slli t4, t3, 32
            or t3, t3, t4
            slli t4, t3, 7
        4:
            ld t1, 0(t0)
            sub t2, t1, t3
            not t1, t1
            and t2, t2, t1
            and t2, t2, t4
            bnez t2, 5f
            addi t0, t0, 8
            j 4b
        5:
            lbu t1, 0(t0)
            beqz t1, 6f
            addi t0, t0, 1
            j 5b
        6:
            sub a0, t0, a0
            ret
            .size strlen, . - strlen
            .popsection
            "
        );
    };
}
