// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The bytes of the UTF-8 sequence at @text, 0 if it is none: too long a form,
 * a surrogate and what lies beyond U+10FFFF are none (RFC 3629).
 */
static size_t utf8_bytes(const unsigned char *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t bytes, i;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc0 || text[0] >= 0xf8)
		return 0;
	bytes = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	code = text[0] & (0xff >> (bytes + 1));
	for (i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return bytes;
}

void json_text(FILE *out, const char *text)
{
	const unsigned char *next = (const unsigned char *)text;
	size_t bytes;

	if (!text) {
		fputs("null", out);
		return;
	}
	putc('"', out);
	for (; *next; next += bytes ? bytes : 1) {
		bytes = utf8_bytes(next);
		if (!bytes)
			fputs("\\ufffd", out);
		else if (*next == '"' || *next == '\\')
			fprintf(out, "\\%c", *next);
		else if (*next < 0x20 || *next == 0x7f)
			fprintf(out, "\\u%04x", *next);
		else
			fwrite(next, 1, bytes, out);
	}
	putc('"', out);
}
