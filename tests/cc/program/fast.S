#include "config.h"
#define ENTRY(name) .globl name; name:
	.text
ENTRY(unit_fast)
	.skip UNIT_TURNS, 0x90
	ret
	.section .note.GNU-stack,"",@progbits
