// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proves that no order of steps loses a wake-up or overruns the ring: random
 * steps of both ends, against a model that only counts bytes. At each full
 * barrier the other end may take steps of its own, so the windows between
 * "tell me" and "look again" are entered as often as the rest.
 */
#include "unit.h"

#include "../../ring/os.h"

static void model_barrier(void);

/* Under one thread there is nothing to order: it is where the peer cuts in. */
#undef drain_mb
#define drain_mb() model_barrier()

#include "../../ring/frame.h"
#include "random.h"
#include "rig.h"

#define RING	(DRAIN_RING_PAGES_MIN * DRAIN_PAGE_BYTES)

enum end { PRODUCER, CONSUMER };

/* Bytes are counted in 64 bits from where the ring was started. */
static struct model {
	struct rig rig;
	struct random random;
	u32 start;
	int cut_in;		/* steps that are being cut into */
	enum end running;
	u64 written, published, fetched;
	bool flag_owed;		/* published since the last "no" to must_flag */
	bool wake_owed;		/* release said that the producer waits */
	bool asleep[2];
	bool event[2];		/* raised and not taken */
	u64 wake_at;		/* of a producer that sleeps */
	unsigned int arms, flags, sleeps, wakes;
} model;

static void model_fail(const char *what)
{
	rig_print(&model.rig);
	fail_msg("%s: start %u written %llu published %llu fetched %llu, "
		 "producer %s%s, consumer %s%s, flag %sowed, wake-up %sowed", what, model.start,
		 (unsigned long long)model.written, (unsigned long long)model.published,
		 (unsigned long long)model.fetched,
		 model.asleep[PRODUCER] ? "asleep" : "awake",
		 model.event[PRODUCER] ? " with event" : "",
		 model.asleep[CONSUMER] ? "asleep" : "awake",
		 model.event[CONSUMER] ? " with event" : "",
		 model.flag_owed ? "" : "not ", model.wake_owed ? "" : "not ");
}

static void model_assert(bool holds, const char *what)
{
	if (!holds)
		model_fail(what);
}

static u32 some_bytes(u32 limit)
{
	return (1 + random_below(&model.random, limit / 32)) * 32;
}

static void step_write(void)
{
	struct drain_producer_index *ix = &model.rig.producer;
	u32 room = random_one_in(&model.random, 4) ? RING / 2 : 512;

	room = some_bytes(room);
	if (drain_producer_room(ix) < room) {
		model_assert(!drain_producer_refresh(ix), "an honest limit is refused");
		model_assert(drain_producer_room(ix) == RING - (model.written - model.fetched),
			     "room is not what is free");
	}
	if (drain_producer_room(ix) < room)
		return;
	ix->prod += room;
	model.written += room;
	model_assert(model.written - model.fetched <= RING, "overrun");
}

static void step_publish(void)
{
	bool some = drain_producer_publish(&model.rig.producer);

	model_assert(some == (model.published != model.written), "publish");
	model.published = model.written;
	model.flag_owed |= some;
}

/* @now: raise the flag if it is wanted, where a real producer may wait */
static void step_flag(bool now)
{
	model.flag_owed = drain_producer_must_flag(&model.rig.producer);
#ifdef MUTATE_JUDGED
	if (model.flag_owed && !now)
		drain_producer_flagged(&model.rig.producer);
#endif
	if (!model.flag_owed || !now)
		return;
	drain_producer_flagged(&model.rig.producer);
	model.flag_owed = false;
	model.event[CONSUMER] = true;
	model.flags++;
}

/* As a producer does that needs @room and does not have it. */
static void step_producer_sleep(void)
{
	struct drain_producer_index *ix = &model.rig.producer;
	u32 free = drain_producer_room(ix);
	u32 more;
	int passed;

	if (free == RING)
		return;
	step_publish();
	step_flag(true);
	more = some_bytes(RING - free);
	model.wake_at = model.written + free + more - 1;
	model.sleeps++;
	passed = drain_producer_sleep(ix, ix->limit + more - 1);
	model_assert(passed >= 0, "an honest limit is refused");
#ifdef MUTATE_SLEEP
	passed = 0;
#endif
	model.asleep[PRODUCER] = !passed;
}

static void step_fetch(void)
{
	struct drain_consumer_index *ix = &model.rig.consumer;
	u32 prod, bytes;

	model_assert(!drain_consumer_look(ix, &prod), "an honest producer is refused");
	bytes = prod - ix->seen;
	model_assert(bytes == model.published - model.fetched, "prod is not what is published");
	if (!bytes)
		return;
	bytes = some_bytes(bytes);
	model.fetched += bytes;
	if (drain_consumer_release(ix, ix->seen + bytes))
		model.wake_owed = true;
}

static void step_wake(void)
{
	if (!model.wake_owed)
		return;
	model.wake_owed = false;
	model.event[PRODUCER] = true;
	model.wakes++;
}

static void step_consumer_sleep(void)
{
	bool more;

	step_wake();
	model.arms++;
	more = drain_consumer_arm(&model.rig.consumer);
#ifdef MUTATE_ARM
	more = false;
#endif
	model.asleep[CONSUMER] = !more;
}

static void step_set_gap(void)
{
	u32 gap = random_u32(&model.random);

	drain_consumer_set_gap(&model.rig.consumer, gap);
	model_assert(drain_producer_gap_usecs(&model.rig.producer) ==
		     (gap < 10000 ? gap : 10000), "gap");
}

static void producer_step(void)
{
	switch (random_below(&model.random, 8)) {
	case 0:
		step_producer_sleep();
		break;
	case 1:
	case 2:
		step_publish();
		break;
	case 3:
	case 4:
		step_flag(random_one_in(&model.random, 2));
		break;
	default:
		step_write();
		break;
	}
}

static void consumer_step(void)
{
	switch (random_below(&model.random, 8)) {
	case 0:
	case 1:
		step_consumer_sleep();
		break;
	case 2:
		step_wake();
		break;
	case 3:
		step_set_gap();
		break;
	default:
		step_fetch();
		break;
	}
}

static void one_step(enum end end)
{
	enum end before = model.running;

	model.running = end;
	if (model.asleep[end]) {
		model.asleep[end] = !model.event[end];
		model.event[end] = false;
	} else if (end == PRODUCER) {
		producer_step();
	} else {
		consumer_step();
	}
	model.running = before;
}

/* The peer does not care that we are in the middle of something. */
static void model_barrier(void)
{
	unsigned int steps;

	if (model.cut_in)
		return;
	model.cut_in++;
	for (steps = random_below(&model.random, 6); steps; steps--)
		one_step(!model.running);
	model.cut_in--;
}

/* Whoever sleeps while there is work for it is going to be told. */
static void check_model(void)
{
	model_assert(model.written - model.fetched <= RING, "overrun");
	if (model.asleep[CONSUMER] && model.published != model.fetched)
		model_assert(model.event[CONSUMER] || model.flag_owed,
			     "consumer sleeps on published bytes");
	if (model.asleep[PRODUCER] && model.fetched + RING > model.wake_at)
		model_assert(model.event[PRODUCER] || model.wake_owed,
			     "producer sleeps on free room");
	model_assert(model.flags <= model.arms + 1, "more flags than were asked for");
	model_assert(model.wakes <= model.sleeps, "more wake-ups than were asked for");
}

static void run_model(u32 start, u32 seed, unsigned int steps)
{
	memset(&model, 0, sizeof(model));
	rig_start(&model.rig, RING, start);
	model.start = start;
	model.asleep[CONSUMER] = true;
	random_seed(&model.random, seed);
	while (steps--) {
		one_step(random_below(&model.random, 2));
		check_model();
	}
	/* Nothing is written any more: all must arrive and be known to have. */
	for (steps = 0; steps < 10000; steps++) {
		if (!model.asleep[PRODUCER] || model.event[PRODUCER]) {
			model.asleep[PRODUCER] = false;
			model.event[PRODUCER] = false;
			step_publish();
			step_flag(true);
		}
		one_step(CONSUMER);
		check_model();
	}
	model_assert(model.published == model.fetched, "not all has arrived");
}

static void test_from_zero(void **state)
{
	u32 seed;

	(void)state;
	for (seed = 1; seed <= 40; seed++)
		run_model(0, seed, 50000);
}

static void test_across_the_wrap(void **state)
{
	u32 seed;

	(void)state;
	for (seed = 101; seed <= 500; seed++)
		run_model(0u - some_bytes(64 * RING), seed, 2000);
}

static void test_across_half_the_wrap(void **state)
{
	u32 seed;

	(void)state;
	for (seed = 601; seed <= 800; seed++)
		run_model(0x80000000u - some_bytes(64 * RING), seed, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_zero),
		cmocka_unit_test(test_across_the_wrap),
		cmocka_unit_test(test_across_half_the_wrap),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
