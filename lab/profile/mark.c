// SPDX-License-Identifier: GPL-2.0-only
/*
 * mark start|stop: begins or ends the counting of plugin.c. Elsewhere it does
 * nothing.
 */
#include <stdio.h>
#include <string.h>

#include "mark.h"

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "start")) {
		__asm__ volatile("nopl %c0(%%rax,%%rax,1)" : : "i"(MARK_START));
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "stop")) {
		__asm__ volatile("nopl %c0(%%rax,%%rax,1)" : : "i"(MARK_STOP));
		return 0;
	}
	fprintf(stderr, "usage: mark start|stop\n");
	return 1;
}
