/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How dom0 runs commands in a guest over its Xen console, which works when
 * the network under test does not. The kernel prints on the same console and
 * may cut into any line, so every line carries its own sum, and what does not
 * add up is asked for again.
 *
 *   to the guest  @C ID SUM BASE64      run this shell command
 *                 @B ID SUM BASE64      the same, in the background
 *                 @A ID FROM            answer again, from line FROM on
 *   from it       @READY
 *                 @R ID LINE LINES STATUS SUM BASE64   a part of the answer
 */
#ifndef LAB_CONSOLE_H
#define LAB_CONSOLE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READY_LINE	"@READY"
#define CHUNK_BYTES	600	/* of an answer, in one line */
#define LINE_BYTES	1024	/* the longest line of an answer */

/* FNV-1a over the text as it goes over the console. */
static inline uint32_t sum_of(const char *text)
{
	uint32_t sum = 2166136261u;

	while (*text)
		sum = (sum ^ (uint8_t)*text++) * 16777619u;
	return sum;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* "-" stands for nothing, so that no field of a line is ever empty. */
static inline void base64_encode(const uint8_t *in, size_t bytes, char *out)
{
	uint32_t word;
	size_t i;

	if (!bytes)
		*out++ = '-';
	for (i = 0; i < bytes; i += 3) {
		word = in[i] << 16;
		word |= i + 1 < bytes ? in[i + 1] << 8 : 0;
		word |= i + 2 < bytes ? in[i + 2] : 0;
		*out++ = base64_digits[word >> 18];
		*out++ = base64_digits[word >> 12 & 63];
		*out++ = i + 1 < bytes ? base64_digits[word >> 6 & 63] : '=';
		*out++ = i + 2 < bytes ? base64_digits[word & 63] : '=';
	}
	*out = 0;
}

/* Returns the number of bytes; the text has been checked by its sum. */
static inline size_t base64_decode(const char *in, uint8_t *out)
{
	uint32_t word = 0;
	size_t bytes = 0;
	int bits = 0;

	if (*in == '-')
		return 0;
	for (; *in && *in != '='; in++) {
		word = word << 6 | (strchr(base64_digits, *in) - base64_digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[bytes++] = word >> bits;
		}
	}
	return bytes;
}

#endif /* LAB_CONSOLE_H */
