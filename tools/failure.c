// SPDX-License-Identifier: GPL-2.0-only
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

void clean_text(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

int fail(struct failure *failure, enum failure_code code, const char *format, ...)
{
	va_list args;

	failure->code = code;
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	clean_text(failure->text);
	return code;
}
