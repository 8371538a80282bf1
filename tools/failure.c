// SPDX-License-Identifier: GPL-2.0-only
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

void clean_text(char *text)
{
	unsigned char *byte = (unsigned char *)text;
	unsigned int follow = 0;

	for (; *byte; byte++) {
		if (follow && (*byte & 0xc0) == 0x80) {
			follow--;
			continue;
		}
		follow = *byte >= 0xf0 ? 3 : *byte >= 0xe0 ? 2 : *byte >= 0xc2 ? 1 : 0;
		if (*byte < 0x20 || (*byte >= 0x7f && *byte < 0xc2) || *byte > 0xf4 ||
		    (*byte == 0xc2 && byte[1] < 0xa0)) {
			*byte = '?';
			follow = 0;
		}
	}
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
