# The lecture's second program as one would write it by hand: errors are checked, and
# are the exit status.
# rbx descriptor, rbp bytes of the file, r12 start of the map

        .intel_syntax noprefix
        .globl _start
        .text
_start:
        push 2                          # open
        pop rax
        mov edi, offset name
        xor esi, esi
        call call_kernel
        xchg ebx, eax
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
        push 1
        pop rdx
        push 1
        pop r10
        mov r8d, ebx
        xor r9d, r9d
        call call_kernel
        xchg r12, rax
        push 57                         # fork
        pop rax
        call call_kernel
        mov r13d, offset child
        push 33
        pop r14
        test eax, eax
        jz 1f
        xchg edi, eax
        push 61                         # wait4
        pop rax
        xor esi, esi
        xor edx, edx
        xor r10d, r10d
        call call_kernel
        mov r13d, offset parent
        inc r14d
1:      mov esi, r13d
        mov edx, r14d
        call print
        call text
        call print
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
child:  .ascii "Child access memory mapped file:\n"
parent: .ascii "Parent access memory mapped file:\n"
