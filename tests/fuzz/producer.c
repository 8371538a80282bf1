// SPDX-License-Identifier: GPL-2.0-only
/*
 * A producer whose consumer is hostile: it never writes beyond what an honest
 * consumer has given it, reads each shared word once, keeps off the consumer's
 * line, and says -EPROTO instead of believing the impossible.
 */
#include "hostile.h"

#include "../../ring/index.h"

static struct run {
	struct drain_ring ring;
	struct drain_producer_index ix;
	uint64_t written;	/* since the start, in 64 bits */
	uint64_t allowed;
	u32 start;
	u32 wake_at;
} run;

static void claim_sane(void)
{
	claim(run.ix.prod == (u32)(run.start + run.written));
	claim(run.ix.limit == (u32)(run.start + run.allowed));
	claim(run.written <= run.allowed);
	claim(run.allowed <= run.written + run.ix.ring_bytes);
	claim(le32_to_cpu(run.ring.producer.prod) == run.ix.published);
	claim(le32_to_cpu(run.ring.producer.wake_at) == run.wake_at);
	claim((u32)(run.ix.published - run.ix.judged) <= (u32)(run.ix.prod - run.ix.judged));
	claim(hostile.loads <= 1);
}

/* What the text says of a limit, in 64 bits. */
static void claim_answer(int err, u32 before)
{
	uint64_t limit = run.allowed + (u32)(hostile.given - before);
	bool possible = hostile.given % 32 == 0 && limit <= run.written + run.ix.ring_bytes;

	claim(err == (possible ? 0 : -EPROTO));
	if (possible)
		run.allowed = limit;
	else
		claim(run.ix.refused == hostile.given && run.ix.limit == before);
}

static bool step_refresh(void)
{
	u32 before = run.ix.limit;
	int err = drain_producer_refresh(&run.ix);

	claim(hostile.loads == 1);
#ifdef MUTATE
	if (err)
		run.ix.limit = run.ix.refused;
	err = 0;
#endif
	claim_answer(err, before);
	return !err;
}

static void step_write(struct input *input)
{
	u32 bytes = (1 + input_u8(input) % 64u) << (input_u8(input) % 8) << 5;

	if (bytes > drain_producer_room(&run.ix))
		return;
	run.ix.prod += bytes;
	run.written += bytes;
}

static bool step_sleep(struct input *input)
{
	u32 before = run.ix.limit;
	int passed;

	run.wake_at = run.ix.prod + (u32)(int8_t)input_u8(input) * 512 - 1;
	passed = drain_producer_sleep(&run.ix, run.wake_at);
	claim(hostile.loads == 1);
	claim_answer(passed < 0 ? passed : 0, before);
	claim(passed < 0 || passed == ((s32)(run.ix.limit - run.wake_at) > 0));
	return passed >= 0;
}

static void step_flag(struct input *input)
{
	bool publishes = run.ix.published != run.ix.prod;
	bool owed;

	claim(drain_producer_publish(&run.ix) == publishes);
	owed = drain_producer_must_flag(&run.ix);
	claim(owed || run.ix.judged == run.ix.published);
	if (owed && input_u8(input) & 1) {
		drain_producer_flagged(&run.ix);
		hostile.loads = 0;
		claim(!drain_producer_must_flag(&run.ix) && !hostile.loads);
	}
}

static void step_crowded(void)
{
	u32 before = run.ix.limit;
	bool crowded = drain_producer_crowded(&run.ix);

	if (hostile.loads)
		run.allowed += (u32)(run.ix.limit - before);
	else
		claim(!crowded);
	claim(run.ix.limit == before || drain_producer_room(&run.ix) <= run.ix.ring_bytes);
}

static bool step(struct input *input)
{
	hostile.base = run.ix.limit;
	switch (input_u8(input) % 8) {
	case 0:
		return step_refresh();
	case 1:
		return step_sleep(input);
	case 2:
		hostile.base = run.ix.judged;
		step_flag(input);
		break;
	case 3:
		step_crowded();
		break;
	case 4:
		hostile.base = DRAIN_GAP_MAX_USECS;
		claim(drain_producer_gap_usecs(&run.ix) <= 10000);
		break;
	default:
		step_write(input);
		break;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	u32 ring_bytes;

	memset(&run, 0, sizeof(run));
	run.start = hostile_start(&input, &ring_bytes);
	drain_ring_reset(&run.ring, ring_bytes);
	drain_producer_line_reset(&run.ring);
	drain_producer_init(&run.ix, &run.ring, ring_bytes);
	run.wake_at = run.start;
	run.allowed = ring_bytes;
	run.ix.prod = run.start;
	run.ix.published = run.start;
	run.ix.judged = run.start;
	run.ix.limit = run.start + ring_bytes;
	run.ring.producer.prod = cpu_to_le32(run.start);
	run.ring.producer.wake_at = cpu_to_le32(run.start);
	hostile_run(step, claim_sane);
	return 0;
}
