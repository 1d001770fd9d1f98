	.text
	.globl unit_start
unit_start:
	ret
	.section .note.GNU-stack,"",@progbits
