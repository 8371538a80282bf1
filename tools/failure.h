/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_FAILURE_H
#define XENDRAIN_FAILURE_H

/* The exit codes that the manual page promises. */
enum failure_code {
	FAILURE_NONE = 0,
	FAILURE_SYSTEM = 1,	/* xenstore, the kernel or memory let us down */
	FAILURE_INPUT = 2,	/* what the user asked for does not exist or cannot work */
	FAILURE_TIMEOUT = 3,	/* a driver did not answer */
};

/* What the user is told: one line, and the exit code that goes with it. */
struct failure {
	enum failure_code code;
	char text[512];
};

/**
 * fail() - record why something did not work
 * @failure: where; an earlier record is replaced
 * @code: the exit code
 * @format: one sentence that names the value seen and the values allowed
 *
 * Control characters, and what is not UTF-8, are replaced, so that the text stays
 * one line and cannot steer a terminal, whoever wrote the values in it.
 *
 * Return: @code.
 */
int fail(struct failure *failure, enum failure_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same replacement for text that is printed by other ways. */
void clean_text(char *text);

#endif
