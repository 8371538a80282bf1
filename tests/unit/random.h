/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that are the same in every run with the same seed. */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline void random_seed(struct random *random, uint64_t seed)
{
	random->state = seed * 0x9e3779b97f4a7c15ull + 1;
}

/* xorshift64*, Vigna 2016 */
static inline uint32_t random_u32(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (random->state * 0x2545f4914f6cdd1dull) >> 32;
}

/* 0 to @limit - 1 */
static inline uint32_t random_below(struct random *random, uint32_t limit)
{
	return (uint64_t)random_u32(random) * limit >> 32;
}

static inline bool random_one_in(struct random *random, uint32_t n)
{
	return !random_below(random, n);
}

#endif /* UNIT_RANDOM_H */
