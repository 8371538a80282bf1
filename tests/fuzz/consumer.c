// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer whose producer is hostile: it never fetches beyond what it had
 * allowed, reads each shared word once, keeps off the producer's line, and says
 * -EPROTO instead of believing the impossible.
 */
#include "hostile.h"

#include "../../ring/counts.h"
#include "../../ring/index.h"

static struct run {
	struct drain_ring ring;
	struct drain_consumer_index ix;
	u32 prod;	/* looked at and accepted */
	u32 event_at;
	u32 gap_usecs;
} run;

static void claim_sane(void)
{
	claim(run.ix.limit == run.ix.seen + run.ix.ring_bytes);
	claim(le32_to_cpu(run.ring.consumer.limit) == run.ix.limit);
	claim(le32_to_cpu(run.ring.consumer.event_at) == run.event_at);
	claim(le32_to_cpu(run.ring.consumer.gap_usecs) == run.gap_usecs);
	claim((u32)(run.prod - run.ix.seen) <= run.ix.ring_bytes);
	claim(hostile.loads <= 1);
}

static bool step_look(void)
{
	u32 prod;
	int err = drain_consumer_look(&run.ix, &prod);
	bool possible = hostile.given % 32 == 0 &&
			(u32)(hostile.given - run.ix.seen) <= run.ix.ring_bytes;

	claim(hostile.loads == 1 && prod == hostile.given);
#ifdef MUTATE
	err = 0;
#endif
	claim(err == (possible ? 0 : -EPROTO));
	if (!err)
		run.prod = prod;
	return !err;
}

/* In 64 bits, from where the limit was: is the mark behind or at it, before the new one? */
static void claim_wake(bool wake, u32 before)
{
	uint64_t mark = (u32)(hostile.given - before);

	claim(wake == (mark < (u32)(run.ix.limit - before)));
}

static void step_release(struct input *input)
{
	u32 bytes = (u32)input_u8(input) << 5 << (input_u8(input) % 9);
	u32 before = run.ix.limit;

	if (bytes > (u32)(run.prod - run.ix.seen))
		bytes = run.prod - run.ix.seen;
	claim_wake(drain_consumer_release(&run.ix, run.ix.seen + bytes), before);
	claim(hostile.loads == 1);
}

static void step_arm(void)
{
	bool more = drain_consumer_arm(&run.ix);

	run.event_at = run.ix.seen;
	claim(hostile.loads == 1 && more == (hostile.given != run.ix.seen));
}

static bool step(struct input *input)
{
	hostile.base = run.ix.seen;
	switch (input_u8(input) % 5) {
	case 0:
	case 1:
		return step_look();
	case 2:
		hostile.base = run.ix.limit;
		step_release(input);
		break;
	case 3:
		step_arm();
		break;
	default:
		run.gap_usecs = input_u32(input);
		drain_consumer_set_gap(&run.ix, run.gap_usecs);
		break;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	u32 ring_bytes;
	u32 start = hostile_start(&input, &ring_bytes);

	memset(&run, 0, sizeof(run));
	drain_ring_reset(&run.ring, ring_bytes);
	drain_consumer_line_reset(&run.ring, ring_bytes);
	drain_consumer_init(&run.ix, &run.ring, ring_bytes);
	run.prod = start;
	run.event_at = start;
	run.ix.seen = start;
	run.ix.limit = start + ring_bytes;
	run.ring.consumer.limit = cpu_to_le32(run.ix.limit);
	run.ring.consumer.event_at = cpu_to_le32(start);
	hostile_run(step, claim_sane);
	return 0;
}
