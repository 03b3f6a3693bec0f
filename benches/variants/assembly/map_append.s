# The lecture's third program as one would write it by hand: errors are checked, and
# are the exit status.
# rbx descriptor, rbp bytes of the file, r12 start of the map

        .intel_syntax noprefix
        .globl _start
        .text
_start:
        push 2                          # open
        pop rax
        mov edi, offset name
        push 2
        pop rsi
        call call_kernel
        xchg ebx, eax
        push 8                          # lseek past the end
        pop rax
        mov edi, ebx
        push 100
        pop rsi
        push 2
        pop rdx
        call call_kernel
        push 1                          # write a NUL there
        pop rax
        mov edi, ebx
        mov esi, offset nul
        push 1
        pop rdx
        call call_kernel
        push 5                          # fstat, onto the stack
        pop rax
        mov edi, ebx
        sub rsp, 144
        mov rsi, rsp
        call call_kernel
        mov rbp, [rsp + 48]
        push 9                          # mmap
        pop rax
        xor edi, edi
        mov rsi, rbp
        push 3
        pop rdx
        push 1
        pop r10
        mov r8d, ebx
        xor r9d, r9d
        call call_kernel
        xchg r12, rax
        mov esi, offset old
        push 44
        pop rdx
        call print
        call text
        call print
        lea rdi, [rsi + rdx]
        mov esi, offset new
        push 13
        pop rcx
        rep movsb
        mov esi, offset then
        push 41
        pop rdx
        call print
        call text
        call print
        push 26                         # msync
        pop rax
        mov rdi, r12
        mov rsi, rbp
        push 4
        pop rdx
        call call_kernel
        push 11                         # munmap
        pop rax
        mov rdi, r12
        mov rsi, rbp
        call call_kernel
        push 3                          # close
        pop rax
        mov edi, ebx
        call call_kernel
        xor edi, edi
exit:   push 60                         # exit
        pop rax
        syscall

# rax number, rdi rsi rdx r10 r8 r9 arguments: an error ends the program.
print:
        push 1
        pop rax
        mov edi, eax
call_kernel:
        syscall
        test rax, rax
        js failed
        ret
failed:
        neg eax
        xchg edi, eax
        jmp exit

# r12 start of the map, rbp its bytes -> rdx bytes before the NUL, or all; rsi start
text:
        mov rdi, r12
        mov rcx, rbp
        xor eax, eax
        repne scasb
        jne 1f
        dec rdi
1:      sub rdi, r12
        mov rdx, rdi
        mov rsi, r12
        ret

name:   .asciz "f1.txt"
old:    .ascii "Data of f1.txt that is mapped in memory is:\n"
then:   .ascii "New data in the memory mapped region is:\n"
new:    .ascii "This is GR8\n"
nul:    .byte 0
