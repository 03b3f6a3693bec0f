//! x86_64: 16 bytes in a vector register, which every such processor has.
//!
//! | | |
//! |---|---|
//! | arguments | `rdi` `rsi` `rdx` |
//! | result | `rax` |
//! | free to use | `rcx` `r8` to `r11`, `xmm0` to `xmm15` |
//!
//! From 1 KiB on, `rep movsb` and `rep stosb` are as fast as anything that a
//! processor has; they take some thirty cycles to begin. The direction flag is clear
//! at entry, as the ABI has it.

/// Expands in the program: see the [module](super).
#[doc(hidden)]
#[macro_export]
macro_rules! __support {
    () => {
        ::core::arch::global_asm!(
            "
            # memcpy(rdi to, rsi from, rdx length) -> rax to

            .pushsection .text.memcpy,\"ax\",@progbits
            .globl memcpy
            .type memcpy,@function
        memcpy:
            mov rax, rdi
            cmp rdx, 16
            jb 4f
            movups xmm0, [rsi]
            movups xmm1, [rsi + rdx - 16]
            cmp rdx, 32
            ja 2f
            movups [rdi], xmm0
            movups [rdi + rdx - 16], xmm1
            ret
        2:
            cmp rdx, 1024
            jae 7f
            # The last 32 are read before anything is written: memmove's rest.
            movups xmm0, [rsi + rdx - 32]
            lea r8, [rdi + rdx - 32]
        3:
            movups xmm2, [rsi]
            movups xmm3, [rsi + 16]
            movups [rdi], xmm2
            movups [rdi + 16], xmm3
            add rsi, 32
            add rdi, 32
            cmp rdi, r8
            jb 3b
            movups [r8], xmm0
            movups [r8 + 16], xmm1
            ret
        4:  # Fewer than 16: the first half and the last, which may overlap.
            cmp edx, 8
            jb 5f
            mov rcx, [rsi]
            mov r8, [rsi + rdx - 8]
            mov [rdi], rcx
            mov [rdi + rdx - 8], r8
            ret
        5:
            cmp edx, 4
            jb 6f
            mov ecx, [rsi]
            mov r8d, [rsi + rdx - 4]
            mov [rdi], ecx
            mov [rdi + rdx - 4], r8d
            ret
        6:  # Fewer than 4: the first, the middle and the last.
            test edx, edx
            jz 8f
            mov r9d, edx
            shr r9d
            movzx ecx, byte ptr [rsi]
            movzx r8d, byte ptr [rsi + r9]
            movzx esi, byte ptr [rsi + rdx - 1]
            mov [rdi], cl
            mov [rdi + r9], r8b
            mov [rdi + rdx - 1], sil
            ret
        7:
            mov rcx, rdx
            rep movsb
        8:
            ret
            .size memcpy, . - memcpy
            .popsection

            # memmove: as memcpy where that reads all before it writes, or nothing
            # overlaps

            .pushsection .text.memmove,\"ax\",@progbits
            .globl memmove
            .type memmove,@function
        memmove:
            cmp rdx, 32
            jbe memcpy
            mov rcx, rdi
            sub rcx, rsi
            cmp rcx, rdx
            jb 3f
            neg rcx
            cmp rcx, rdx
            jae memcpy
            # Upwards, the last 32 read first, for they may be written over.
            mov rax, rdi
            movups xmm0, [rsi + rdx - 32]
            movups xmm1, [rsi + rdx - 16]
            lea r8, [rdi + rdx - 32]
        2:
            movups xmm2, [rsi]
            movups xmm3, [rsi + 16]
            movups [rdi], xmm2
            movups [rdi + 16], xmm3
            add rsi, 32
            add rdi, 32
            cmp rdi, r8
            jb 2b
            movups [r8], xmm0
            movups [r8 + 16], xmm1
            ret
        3:  # Downwards, the first 32 read first.
            mov rax, rdi
            movups xmm0, [rsi]
            movups xmm1, [rsi + 16]
        4:
            movups xmm2, [rsi + rdx - 16]
            movups xmm3, [rsi + rdx - 32]
            movups [rdi + rdx - 16], xmm2
            movups [rdi + rdx - 32], xmm3
            sub rdx, 32
            cmp rdx, 32
            ja 4b
            movups [rdi], xmm0
            movups [rdi + 16], xmm1
            ret
            .size memmove, . - memmove
            .popsection

            # memset(rdi to, sil byte, rdx length) -> rax to

            .pushsection .text.memset,\"ax\",@progbits
            .globl memset
            .type memset,@function
        memset:
            movzx esi, sil
            mov rax, 0x0101010101010101
            imul rsi, rax
            mov rax, rdi
            cmp rdx, 16
            jb 3f
            cmp rdx, 1024
            jae 6f
            movq xmm0, rsi
            punpcklqdq xmm0, xmm0
            cmp rdx, 32
            ja 2f
            movups [rdi], xmm0
            movups [rdi + rdx - 16], xmm0
            ret
        2:
            lea r8, [rdi + rdx - 32]
        8:
            movups [rdi], xmm0
            movups [rdi + 16], xmm0
            add rdi, 32
            cmp rdi, r8
            jb 8b
            movups [r8], xmm0
            movups [r8 + 16], xmm0
            ret
        3:
            cmp edx, 8
            jb 4f
            mov [rdi], rsi
            mov [rdi + rdx - 8], rsi
            ret
        4:
            cmp edx, 4
            jb 5f
            mov [rdi], esi
            mov [rdi + rdx - 4], esi
            ret
        5:
            test edx, edx
            jz 7f
            mov ecx, edx
            shr ecx
            mov [rdi], sil
            mov [rdi + rcx], sil
            mov [rdi + rdx - 1], sil
            ret
        6:
            mov r8, rdi
            mov rcx, rdx
            mov eax, esi
            rep stosb
            mov rax, r8
        7:
            ret
            .size memset, . - memset
            .popsection

            # memcmp(rdi, rsi, rdx length) -> eax: and bcmp, which may give any
            # non-zero for \"differ\"

            .pushsection .text.memcmp,\"ax\",@progbits
            .globl memcmp
            .globl bcmp
            .type memcmp,@function
            .type bcmp,@function
        memcmp:
        bcmp:
            mov r8, rdx
            sub r8, 16
            jb 4f
            xor ecx, ecx
        2:  # The last 16 overlap with what came before.
            cmp rcx, r8
            cmova rcx, r8
            movups xmm0, [rdi + rcx]
            movups xmm1, [rsi + rcx]
            pcmpeqb xmm0, xmm1
            pmovmskb eax, xmm0
            sub eax, 0xffff
            jnz 3f
            add rcx, 16
            cmp rcx, rdx
            jb 2b
            ret
        3:  # The lowest bit that is set is that of the first that differs.
            bsf eax, eax
            add rcx, rax
            movzx eax, byte ptr [rdi + rcx]
            movzx ecx, byte ptr [rsi + rcx]
            sub eax, ecx
            ret
        4:  # Fewer than 16 as numbers, the first byte the highest.
            cmp edx, 8
            jb 5f
            mov rax, [rdi]
            mov rcx, [rsi]
            cmp rax, rcx
            jne 7f
            mov rax, [rdi + rdx - 8]
            mov rcx, [rsi + rdx - 8]
            jmp 7f
        5:
            cmp edx, 4
            jb 6f
            mov eax, [rdi + rdx - 4]
            mov ecx, [rsi + rdx - 4]
            shl rax, 32
            shl rcx, 32
            mov r8d, [rdi]
            mov r9d, [rsi]
            or rax, r8
            or rcx, r9
            jmp 7f
        6:  # The first, the middle and the last.
            xor eax, eax
            test edx, edx
            jz 8f
            mov r8d, edx
            shr r8d
            movzx eax, byte ptr [rdi + rdx - 1]
            movzx ecx, byte ptr [rsi + rdx - 1]
            shl eax, 8
            shl ecx, 8
            mov al, [rdi + r8]
            mov cl, [rsi + r8]
            shl eax, 8
            shl ecx, 8
            mov al, [rdi]
            mov cl, [rsi]
        7:
            bswap rax
            bswap rcx
            cmp rax, rcx
            seta al
            sbb al, 0
            movsx eax, al
        8:
            ret
            .size memcmp, . - memcmp
            .popsection

            # strlen(rdi text) -> rax bytes before the NUL: 16 at a time from where
            # 16 begin, so that no page is touched that the text is not in

            .pushsection .text.strlen,\"ax\",@progbits
            .globl strlen
            .type strlen,@function
        strlen:
            mov rax, rdi
            and rax, -16
            mov ecx, edi
            and ecx, 15
            pxor xmm0, xmm0
            movdqa xmm1, [rax]
            pcmpeqb xmm1, xmm0
            pmovmskb edx, xmm1
            shr edx, cl
            shl edx, cl
        2:
            bsf edx, edx
            jnz 3f
            add rax, 16
            movdqa xmm1, [rax]
            pcmpeqb xmm1, xmm0
            pmovmskb edx, xmm1
            jmp 2b
        3:
            add rax, rdx
            sub rax, rdi
            ret
            .size strlen, . - strlen
            .popsection
            "
        );
    };
}
