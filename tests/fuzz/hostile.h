/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that a hostile peer shares: it writes what the fuzzer likes just
 * before each of our loads, and something else right after. Code that reads a
 * word twice gets two answers, and is found out by @loads as well.
 *
 * To be included before the rest of ring/.
 */
#ifndef FUZZ_HOSTILE_H
#define FUZZ_HOSTILE_H

#include "fuzz.h"

#include "../../ring/os.h"

static struct {
	struct input *input;
	u32 base;		/* what its numbers are relative to, mostly */
	u32 given;		/* what we were last given to read */
	unsigned int loads;
} hostile;

/* Near the base, near its opposite, or anything. */
static inline u32 hostile_number(void)
{
	u8 kind = input_u8(hostile.input);

	switch (kind & 3) {
	case 0:
		return hostile.base;
	case 1:
		return hostile.base + (u32)(int8_t)input_u8(hostile.input) * 32;
	case 2:
		return hostile.base + (u32)(int8_t)input_u8(hostile.input) * 4096 + (kind >> 2);
	default:
		return input_u32(hostile.input);
	}
}

static inline u32 hostile_load(__le32 *shared)
{
	hostile.loads++;
	hostile.given = hostile_number();
	*shared = cpu_to_le32(~hostile.given);
	return cpu_to_le32(hostile.given);
}

#undef drain_load
#undef drain_load_acquire
#define drain_load(p)		hostile_load((__le32 *)(p))
#define drain_load_acquire(p)	hostile_load((__le32 *)(p))

/* The first bytes of an input: how large the ring is, and how far it has come. */
static inline u32 hostile_start(struct input *input, u32 *ring_bytes)
{
	hostile.input = input;
	*ring_bytes = 8u * 4096u << input_u8(input) % 6;
	return input_u32(input) & ~31u;
}

/* Steps until one finds that the peer is hostile, or the input is used up. */
static inline void hostile_run(bool (*step)(struct input *input), void (*claim_sane)(void))
{
	bool good = true;

	while (good && hostile.input->left) {
		hostile.loads = 0;
		good = step(hostile.input);
		claim_sane();
	}
}

#endif /* FUZZ_HOSTILE_H */
