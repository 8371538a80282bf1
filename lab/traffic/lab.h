/* SPDX-License-Identifier: GPL-2.0-only */
/* What every traffic tool needs: errors, time, a seeded payload. */
#ifndef LAB_H
#define LAB_H

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC	1000000000LL

static inline void __attribute__((format(printf, 1, 2), noreturn))
die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static inline int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* splitmix64: any seed is good, and both ends compute the same bytes. */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline void random_fill(uint64_t *state, uint8_t *out, size_t bytes)
{
	uint64_t word;
	size_t step;

	for (; bytes; out += step, bytes -= step) {
		word = random_next(state);
		step = bytes < sizeof(word) ? bytes : sizeof(word);
		memcpy(out, &word, step);
	}
}

#endif /* LAB_H */
