// SPDX-License-Identifier: GPL-2.0-only
/* Proves that the indices do what they say at every boundary, 2^32 included. */
#include "unit.h"

#include "rig.h"

#define RING	(DRAIN_RING_PAGES_MIN * DRAIN_PAGE_BYTES)

/* Empty rings to run each test on: everything must work across the wrap. */
static const u32 starts[] = {
	0, 32, 0x7fffffe0, 0x80000000, 0u - RING - 32, 0u - RING, 0u - 4096, 0u - 64, 0u - 32,
};

#define for_each_start(rig, i)								\
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]) &&				\
	     (rig_start(rig, RING, starts[i]), true); i++)

static void produce(struct rig *rig, u32 bytes)
{
	rig->producer.prod += bytes;
	assert_true(drain_producer_publish(&rig->producer));
}

static void consume(struct rig *rig, u32 bytes, bool wake)
{
	u32 prod;

	assert_int_equal(drain_consumer_look(&rig->consumer, &prod), 0);
	assert_true(prod - rig->consumer.seen >= bytes);
	assert_int_equal(drain_consumer_release(&rig->consumer, rig->consumer.seen + bytes), wake);
}

static void test_passed(void **state)
{
	static const u32 bases[] = { 0, 100, 0x7ffffff0, 0x80000000, 0xfffffff0, 0xffffffff };
	u32 base, length;
	unsigned int i;
	int mark;

	(void)state;
	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		base = bases[i];
		for (length = 0; length < 40; length++)
			for (mark = -50; mark < 90; mark++)
				assert_int_equal(drain_passed(base + mark, base + length, base),
						 mark >= 0 && mark < (int)length);
	}
}

static void test_reset_is_empty_and_armed(void **state)
{
	struct drain_ring ring;
	struct drain_producer_index producer;
	struct drain_consumer_index consumer;
	u32 prod = 1;

	(void)state;
	memset(&ring, 0xff, sizeof(ring));
	drain_ring_reset(&ring, RING);
	drain_producer_init(&producer, &ring, RING);
	drain_consumer_init(&consumer, &ring, RING);
	assert_int_equal(drain_producer_room(&producer), RING);
	assert_int_equal(drain_producer_refresh(&producer), 0);
	assert_int_equal(drain_producer_room(&producer), RING);
	assert_int_equal(drain_producer_gap_usecs(&producer), 0);
	assert_int_equal(drain_consumer_look(&consumer, &prod), 0);
	assert_int_equal(prod, 0);
	assert_false(drain_producer_publish(&producer));
	assert_false(drain_producer_must_flag(&producer));
	producer.prod = 64;
	assert_true(drain_producer_publish(&producer));
	assert_true(drain_producer_must_flag(&producer));
}

static void test_full_and_empty(void **state)
{
	struct rig rig;
	unsigned int i;
	u32 prod;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, RING);
		assert_false(drain_producer_publish(&rig.producer));
		assert_int_equal(drain_producer_room(&rig.producer), 0);
		assert_int_equal(drain_producer_refresh(&rig.producer), 0);
		assert_int_equal(drain_producer_room(&rig.producer), 0);
		assert_int_equal(drain_consumer_look(&rig.consumer, &prod), 0);
		assert_int_equal((u32)(prod - rig.consumer.seen), RING);
		consume(&rig, RING, false);
		assert_int_equal(drain_producer_room(&rig.producer), 0);
		assert_int_equal(drain_producer_refresh(&rig.producer), 0);
		assert_int_equal(drain_producer_room(&rig.producer), RING);
		assert_int_equal(drain_consumer_look(&rig.consumer, &prod), 0);
		assert_int_equal(prod, rig.consumer.seen);
	}
}

static void set_limit(struct rig *rig, u32 limit)
{
	rig->ring.consumer.limit = cpu_to_le32(limit);
}

static void test_limit_never_falls(void **state)
{
	struct rig rig;
	unsigned int i;
	u32 limit;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, 4096);
		consume(&rig, 2048, false);
		assert_int_equal(drain_producer_refresh(&rig.producer), 0);
		limit = rig.producer.limit;
		set_limit(&rig, limit - 1);
		assert_int_equal(drain_producer_refresh(&rig.producer), -EPROTO);
		/* For the message; what was checked before stays in force. */
		assert_int_equal(rig.producer.refused, limit - 1);
		assert_int_equal(rig.producer.limit, limit);
		set_limit(&rig, limit - 0x80000000u);
		assert_int_equal(drain_producer_refresh(&rig.producer), -EPROTO);
		assert_int_equal(rig.producer.limit, limit);
		set_limit(&rig, limit);
		assert_int_equal(drain_producer_refresh(&rig.producer), 0);
	}
}

static void test_limit_never_exceeds_ring(void **state)
{
	struct rig rig;
	unsigned int i;

	(void)state;
	for_each_start(&rig, i) {
		set_limit(&rig, starts[i] + RING + 1);
		assert_int_equal(drain_producer_refresh(&rig.producer), -EPROTO);
		rig_start(&rig, RING, starts[i]);
		produce(&rig, 64);
		set_limit(&rig, starts[i] + RING + 65);
		assert_int_equal(drain_producer_refresh(&rig.producer), -EPROTO);
		rig_start(&rig, RING, starts[i]);
		produce(&rig, 64);
		set_limit(&rig, starts[i] + RING + 64);
		assert_int_equal(drain_producer_refresh(&rig.producer), 0);
		assert_int_equal(drain_producer_room(&rig.producer), RING);
	}
}

static void test_moved_is_progress_alone(void **state)
{
	struct rig rig;
	unsigned int i;
	u32 noticed;

	(void)state;
	for_each_start(&rig, i) {
		noticed = starts[i] + RING;
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), 0);
		produce(&rig, 4096);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), 0);
		consume(&rig, 2048, false);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), 1);
		assert_int_equal(noticed, starts[i] + RING + 2048);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), 0);
		/* Back, odd, or beyond what was produced: no progress, however often. */
		set_limit(&rig, noticed - 32);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), -EPROTO);
		set_limit(&rig, noticed + 1);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), -EPROTO);
		set_limit(&rig, noticed + 2048 + 32);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), -EPROTO);
		assert_int_equal(noticed, starts[i] + RING + 2048);
		set_limit(&rig, noticed + 2048);
		assert_int_equal(drain_producer_moved(&rig.producer, &noticed), 1);
	}
}

static int look_at(struct rig *rig, u32 prod)
{
	u32 seen;
	int err;

	rig->ring.producer.prod = cpu_to_le32(prod);
	err = drain_consumer_look(&rig->consumer, &seen);
	assert_int_equal(seen, prod);
	return err;
}

static void test_prod_is_checked(void **state)
{
	struct rig rig;
	unsigned int i;
	u32 odd;

	(void)state;
	for_each_start(&rig, i) {
		assert_int_equal(look_at(&rig, starts[i]), 0);
		assert_int_equal(look_at(&rig, starts[i] + 32), 0);
		assert_int_equal(look_at(&rig, starts[i] + RING - 32), 0);
		assert_int_equal(look_at(&rig, starts[i] + RING), 0);
		assert_int_equal(look_at(&rig, starts[i] + RING + 32), -EPROTO);
		assert_int_equal(look_at(&rig, starts[i] - 32), -EPROTO);
		assert_int_equal(look_at(&rig, starts[i] + 0x80000000u), -EPROTO);
		for (odd = 1; odd < 32; odd++)
			assert_int_equal(look_at(&rig, starts[i] + 4096 + odd), -EPROTO);
	}
}

static void test_flag_when_asked(void **state)
{
	struct rig rig;
	unsigned int i;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, 64);
		assert_true(drain_producer_must_flag(&rig.producer));
		drain_producer_flagged(&rig.producer);
		assert_false(drain_producer_must_flag(&rig.producer));
		/* One flag is enough until the consumer asks again. */
		produce(&rig, 64);
		assert_false(drain_producer_must_flag(&rig.producer));
		consume(&rig, 128, false);
		assert_false(drain_consumer_arm(&rig.consumer));
		assert_false(drain_producer_must_flag(&rig.producer));
		produce(&rig, 64);
		assert_true(drain_producer_must_flag(&rig.producer));
	}
}

static void test_flag_that_must_wait(void **state)
{
	struct rig rig;
	unsigned int i;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, 64);
		assert_true(drain_producer_must_flag(&rig.producer));
		assert_true(drain_producer_must_flag(&rig.producer));
		produce(&rig, 96);
		assert_true(drain_producer_must_flag(&rig.producer));
		/* Half of it fetched: still owed, the consumer may be about to sleep. */
		consume(&rig, 64, false);
		assert_true(drain_producer_must_flag(&rig.producer));
		assert_true(drain_consumer_arm(&rig.consumer));
		assert_true(drain_producer_must_flag(&rig.producer));
		drain_producer_flagged(&rig.producer);
		assert_false(drain_producer_must_flag(&rig.producer));
	}
}

static void test_catching_up_clears_the_flag(void **state)
{
	struct rig rig;
	unsigned int i;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, 64);
		produce(&rig, 64);
		assert_true(drain_producer_must_flag(&rig.producer));
		consume(&rig, 128, false);
		assert_false(drain_consumer_arm(&rig.consumer));
		assert_false(drain_producer_must_flag(&rig.producer));
		produce(&rig, 64);
		assert_true(drain_producer_must_flag(&rig.producer));
	}
}

static void test_arm_looks_again(void **state)
{
	struct rig rig;
	unsigned int i;

	(void)state;
	for_each_start(&rig, i) {
		assert_false(drain_consumer_arm(&rig.consumer));
		produce(&rig, 64);
		assert_true(drain_consumer_arm(&rig.consumer));
		assert_int_equal(le32_to_cpu(rig.ring.consumer.event_at), starts[i]);
		consume(&rig, 64, false);
		assert_false(drain_consumer_arm(&rig.consumer));
		assert_int_equal(le32_to_cpu(rig.ring.consumer.event_at), starts[i] + 64);
		/* Written, but not published: nothing to see yet. */
		rig.producer.prod += 64;
		assert_false(drain_consumer_arm(&rig.consumer));
	}
}

static void test_gap_is_capped(void **state)
{
	static const u32 gaps[][2] = {
		{ 0, 0 }, { 1, 1 }, { 9999, 9999 }, { 10000, 10000 }, { 10001, 10000 },
		{ 0x80000000, 10000 }, { UINT32_MAX, 10000 },
	};
	struct rig rig;
	unsigned int i;

	(void)state;
	rig_start(&rig, RING, 0);
	for (i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		drain_consumer_set_gap(&rig.consumer, gaps[i][0]);
		assert_int_equal(drain_producer_gap_usecs(&rig.producer), gaps[i][1]);
	}
}

static void test_sleep_and_wake(void **state)
{
	struct rig rig;
	unsigned int i;
	u32 mark;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, RING);
		mark = rig.producer.prod + 4096 - 1;
		assert_int_equal(drain_producer_sleep(&rig.producer, mark), 0);
		assert_int_equal(le32_to_cpu(rig.ring.producer.wake_at), mark);
		consume(&rig, 4096 - 32, false);
		consume(&rig, 32, true);
		consume(&rig, 32, false);
		consume(&rig, RING - 4096 - 32, false);
		assert_int_equal(drain_producer_refresh(&rig.producer), 0);
		assert_int_equal(drain_producer_room(&rig.producer), RING);
	}
}

/* wake_at is passed by a limit beyond it, not by one that has come up to it. */
static void test_wake_mark_is_exclusive(void **state)
{
	struct rig rig;
	unsigned int i;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, RING);
		assert_int_equal(drain_producer_sleep(&rig.producer, rig.producer.limit + 4096), 0);
		consume(&rig, 4096, false);
		consume(&rig, 32, true);
		rig_start(&rig, RING, starts[i]);
		produce(&rig, RING);
		assert_int_equal(drain_producer_sleep(&rig.producer, rig.producer.limit), 0);
		consume(&rig, 32, true);
	}
}

static void test_sleep_looks_again(void **state)
{
	struct rig rig;
	unsigned int i;
	u32 mark;

	(void)state;
	for_each_start(&rig, i) {
		produce(&rig, RING);
		mark = rig.producer.prod + 63;
		consume(&rig, 64, false);
		assert_int_equal(drain_producer_sleep(&rig.producer, mark), 1);
		assert_int_equal(drain_producer_room(&rig.producer), 64);
		set_limit(&rig, rig.producer.limit - 32);
		assert_int_equal(drain_producer_sleep(&rig.producer, mark + 64), -EPROTO);
		rig_start(&rig, RING, starts[i]);
		set_limit(&rig, starts[i] + RING + 32);
		assert_int_equal(drain_producer_sleep(&rig.producer, mark), -EPROTO);
	}
}

static void test_each_end_writes_its_own_lines(void **state)
{
	struct drain_ring before;
	struct rig rig;
	u32 prod;

	(void)state;
	rig_start(&rig, RING, 0);
	before = rig.ring;
	produce(&rig, 64);
	assert_true(drain_producer_must_flag(&rig.producer));
	drain_producer_flagged(&rig.producer);
	assert_int_equal(drain_producer_sleep(&rig.producer, RING + 63), 0);
	assert_memory_equal(&before.consumer, &rig.ring.consumer, 128);
	before = rig.ring;
	assert_int_equal(drain_consumer_look(&rig.consumer, &prod), 0);
	assert_true(drain_consumer_release(&rig.consumer, prod));
	assert_false(drain_consumer_arm(&rig.consumer));
	drain_consumer_set_gap(&rig.consumer, 500);
	assert_memory_equal(&before.producer, &rig.ring.producer, 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passed),
		cmocka_unit_test(test_reset_is_empty_and_armed),
		cmocka_unit_test(test_full_and_empty),
		cmocka_unit_test(test_limit_never_falls),
		cmocka_unit_test(test_limit_never_exceeds_ring),
		cmocka_unit_test(test_moved_is_progress_alone),
		cmocka_unit_test(test_prod_is_checked),
		cmocka_unit_test(test_flag_when_asked),
		cmocka_unit_test(test_flag_that_must_wait),
		cmocka_unit_test(test_catching_up_clears_the_flag),
		cmocka_unit_test(test_arm_looks_again),
		cmocka_unit_test(test_gap_is_capped),
		cmocka_unit_test(test_sleep_and_wake),
		cmocka_unit_test(test_wake_mark_is_exclusive),
		cmocka_unit_test(test_sleep_looks_again),
		cmocka_unit_test(test_each_end_writes_its_own_lines),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
