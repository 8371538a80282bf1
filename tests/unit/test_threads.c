// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proves that two ends on two processors lose no wake-up and no byte: a
 * producer and a consumer thread, as the modules do it, over a ring in memory.
 * Both asleep before the last frame is a lost wake-up; a watchdog sees it.
 */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "../../ring/os.h"

#ifdef MUTATE_BARRIER
#undef drain_mb
#define drain_mb() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#endif

#include "../../ring/frame.h"
#include "port.h"
#include "random.h"
#include "rig.h"

#define FETCH_PAGES	16u

/* Frames are slices of this, at random places. */
#define POOL_BYTES	(1u << 20)

/* Frames of one test; the sanitizer's build runs fewer. */
#ifndef FRAMES
#define FRAMES		510000u
#endif

/* Ends that never slept would prove nothing. */
#define SLEEPS_MIN	3u

#define WATCH_USECS	20000u
#define LOST_USECS	2000000u
#define STUCK_USECS	60000000u

struct traffic {
	const char *name;
	u32 ring_pages;
	u32 start;
	u32 frames;
	u32 batch;		/* frames at most between two publications */
	u32 usual_bytes;	/* most frames are no longer */
	u32 long_one_in;	/* of so many frames, one is of any length */
	bool lazy;		/* both ends dawdle */
	bool meet;		/* publish just when the consumer goes to sleep */
};

struct plan {
	struct random random;
	const struct traffic *traffic;
	u32 frame_bytes;
	u32 from;		/* in the pool */
	u32 number;
};

static struct bench {
	struct rig rig;
	const struct traffic *traffic;
	u8 *data;		/* the ring: the one piece of shared memory beside rig.ring */
	u8 *private;		/* the consumer's copy, page for page */
	u32 parsed;
	bool wake;
	struct plan sent, received;
	struct port producer_port, consumer_port;
	atomic_uint produced, consumed;
	const char *fault;
	unsigned long flags, wakes;
} bench;

static u8 pool[POOL_BYTES];

static void plan_next(struct plan *plan)
{
	u32 max = drain_frame_max_bytes(plan->traffic->ring_pages * DRAIN_PAGE_BYTES);

	if (!random_one_in(&plan->random, plan->traffic->long_one_in))
		max = plan->traffic->usual_bytes;
	plan->frame_bytes = DRAIN_FRAME_MIN_BYTES +
			    random_below(&plan->random, max - DRAIN_FRAME_MIN_BYTES + 1);
	plan->from = random_below(&plan->random, POOL_BYTES - plan->frame_bytes);
	plan->number++;
}

static bool bench_fault(const char *what)
{
	const char *none = NULL;

	__atomic_compare_exchange_n(&bench.fault, &none, what, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	port_close(&bench.producer_port);
	port_close(&bench.consumer_port);
	return false;
}

static void dawdle(struct random *random)
{
	const struct timespec nap = { 0, 1000 };
	volatile u32 turns;

	if (!bench.traffic->lazy && !random_one_in(random, 64))
		return;
	for (turns = random_below(random, 300); turns; turns--)
		;
	if (random_one_in(random, 500))
		sched_yield();
	if (random_one_in(random, 20000))
		nanosleep(&nap, NULL);
}

/* Bounded, as the consumer may not even be running. */
static void await_caught_up(struct random *random)
{
	volatile u32 turns;

	for (turns = 0; turns < 20000; turns++)
		if (atomic_load_explicit(&bench.consumed, memory_order_relaxed) ==
		    bench.sent.number)
			break;
	for (turns = random_below(random, 500); turns; turns--)
		;
}

static void ring_write(u32 index, const void *from, u32 bytes)
{
	u32 ring_bytes = bench.rig.producer.ring_bytes;
	u32 offset = index & (ring_bytes - 1);
	u32 first = bytes < ring_bytes - offset ? bytes : ring_bytes - offset;

	memcpy(bench.data + offset, from, first);
	memcpy(bench.data, (const u8 *)from + first, bytes - first);
}

static void produce_flag(bool may_wait, struct random *random)
{
	struct drain_producer_index *ix = &bench.rig.producer;

	drain_producer_publish(ix);
	if (!drain_producer_must_flag(ix))
		return;
	/* The gap is not over: it stays owed. */
	if (may_wait && random_one_in(random, 4))
		return;
	drain_producer_flagged(ix);
	bench.flags++;
	port_raise(&bench.consumer_port);
}

static bool produce_wait(u32 room, struct random *random)
{
	struct drain_producer_index *ix = &bench.rig.producer;
	u32 half = ix->ring_bytes / 2;
	int passed;

	produce_flag(false, random);
	if (room < half && random_one_in(random, 2))
		room = half;
	passed = drain_producer_sleep(ix, ix->prod + room - 1);
	if (passed < 0)
		return bench_fault("producer: limit refused");
#ifdef MUTATE_SLEEP
	passed = 0;
#endif
	if (passed)
		return true;
	port_unmask(&bench.producer_port);
	return port_wait(&bench.producer_port);
}

static bool produce_room(u32 room, struct random *random)
{
	struct drain_producer_index *ix = &bench.rig.producer;

	while (drain_producer_room(ix) < room) {
		if (drain_producer_refresh(ix))
			return bench_fault("producer: limit refused");
		if (drain_producer_room(ix) >= room)
			break;
		if (!produce_wait(room, random))
			return false;
	}
	return true;
}

static void produce_frame(const struct plan *plan)
{
	struct drain_producer_index *ix = &bench.rig.producer;
	const struct drain_frame frame = {
		.frame_bytes = cpu_to_le32(plan->frame_bytes),
		.hash = cpu_to_le32(plan->number),
		.hash_type = DRAIN_HASH_L4,
	};

	ring_write(ix->prod, &frame, sizeof(frame));
	ring_write(ix->prod + sizeof(frame), pool + plan->from, plan->frame_bytes);
	ix->prod += drain_frame_room(plan->frame_bytes);
	drain_store(&bench.rig.ring.producer_counts.frames, cpu_to_le64(plan->number));
	atomic_store_explicit(&bench.produced, plan->number, memory_order_relaxed);
}

static void *producer_main(void *unused)
{
	struct plan *plan = &bench.sent;
	struct random random;
	u32 batch = 0;

	random_seed(&random, 11);
	while (plan->number < bench.traffic->frames) {
		plan_next(plan);
		if (!produce_room(drain_frame_room(plan->frame_bytes), &random))
			return unused;
		produce_frame(plan);
		if (!batch--) {
			batch = random_below(&random, bench.traffic->batch);
			produce_flag(!bench.traffic->meet, &random);
			if (bench.traffic->meet)
				await_caught_up(&random);
		}
		dawdle(&random);
	}
	produce_flag(false, &random);
	return unused;
}

static void private_read(void *to, u32 index, u32 bytes)
{
	u32 ring_bytes = bench.rig.consumer.ring_bytes;
	u32 offset = index & (ring_bytes - 1);
	u32 first = bytes < ring_bytes - offset ? bytes : ring_bytes - offset;

	memcpy(to, bench.private + offset, first);
	memcpy((u8 *)to + first, bench.private, bytes - first);
}

static bool private_equals(u32 index, const u8 *expected, u32 bytes)
{
	u32 ring_bytes = bench.rig.consumer.ring_bytes;
	u32 offset = index & (ring_bytes - 1);
	u32 first = bytes < ring_bytes - offset ? bytes : ring_bytes - offset;

	return !memcmp(bench.private + offset, expected, first) &&
	       !memcmp(bench.private, expected + first, bytes - first);
}

/* Page by page to the same place, as the copy hypercall; may end in a frame. */
static u32 fetch_pages(u32 index, u32 end, u32 pages)
{
	u32 offset, bytes;

	while (pages-- && index != end) {
		offset = index & (bench.rig.consumer.ring_bytes - 1);
		bytes = DRAIN_PAGE_BYTES - offset % DRAIN_PAGE_BYTES;
		if (bytes > end - index)
			bytes = end - index;
		memcpy(bench.private + offset, bench.data + offset, bytes);
		index += bytes;
	}
	return index;
}

/* 1 if something came, 0 if there is nothing, -1 for a fault */
static int fetch(struct random *random)
{
	struct drain_consumer_index *ix = &bench.rig.consumer;
	u32 window = bench.parsed / DRAIN_PAGE_BYTES * DRAIN_PAGE_BYTES + ix->ring_bytes;
	u32 prod;

	if (drain_consumer_look(ix, &prod)) {
		bench_fault("consumer: prod refused");
		return -1;
	}
	if (prod == ix->seen)
		return 0;
	if (prod - bench.parsed > window - bench.parsed)
		prod = window;
	prod = fetch_pages(ix->seen, prod, 1 + random_below(random, FETCH_PAGES));
	if (drain_consumer_release(ix, prod))
		bench.wake = true;
	return 1;
}

static bool check_frame(const struct drain_frame *frame)
{
	struct plan *plan = &bench.received;

	plan_next(plan);
	if (le32_to_cpu(frame->frame_bytes) != plan->frame_bytes)
		return bench_fault("frame of another length");
	if (le32_to_cpu(frame->hash) != plan->number)
		return bench_fault("frame out of order");
	if (drain_frame_check_fields(frame))
		return bench_fault("frame's fields refused");
	if (!private_equals(bench.parsed + sizeof(*frame), pool + plan->from, plan->frame_bytes))
		return bench_fault("frame with another payload");
	bench.parsed += drain_frame_room(plan->frame_bytes);
	atomic_store_explicit(&bench.consumed, plan->number, memory_order_relaxed);
	return true;
}

/* 1 if a frame was taken out, 0 if there is none, -1 for a fault */
static int consume_frame(struct random *random)
{
	struct drain_consumer_index *ix = &bench.rig.consumer;
	struct drain_frame frame;
	u32 fetched, frame_bytes;
	int got;

	for (;;) {
		fetched = ix->seen - bench.parsed;
		if (fetched) {
			private_read(&frame, bench.parsed, sizeof(frame));
			frame_bytes = le32_to_cpu(frame.frame_bytes);
			if (drain_frame_check_length(frame_bytes, UINT32_MAX, ix->ring_bytes)) {
				bench_fault("frame's length refused");
				return -1;
			}
			if (drain_frame_room(frame_bytes) <= fetched)
				return check_frame(&frame) ? 1 : -1;
		}
		got = fetch(random);
		if (!got && fetched)
			bench_fault("frame runs past the producer");
		if (got <= 0)
			return got;
	}
}

static bool drain(struct random *random)
{
	int got;

	do {
		got = consume_frame(random);
		dawdle(random);
	} while (got > 0);
	if (bench.wake) {
		bench.wake = false;
		bench.wakes++;
		port_raise(&bench.producer_port);
	}
	return !got;
}

static void *consumer_main(void *unused)
{
	const struct drain_consumer_index *ix = &bench.rig.consumer;
	struct random random;
	bool more;

	random_seed(&random, 12);
	while (port_wait(&bench.consumer_port)) {
		do {
			if (!drain(&random))
				return unused;
			drain_consumer_set_gap(ix, random_u32(&random));
			more = drain_consumer_arm(ix);
#ifdef MUTATE_ARM
			more = false;
#endif
		} while (more);
		if (bench.received.number == bench.traffic->frames)
			break;
		port_unmask(&bench.consumer_port);
	}
	return unused;
}

static void bench_create(const struct traffic *traffic)
{
	u32 ring_bytes = traffic->ring_pages * DRAIN_PAGE_BYTES;
	struct random random;
	unsigned int i;

	memset(&bench, 0, sizeof(bench));
	bench.traffic = traffic;
	bench.data = calloc(1, ring_bytes);
	bench.private = calloc(1, ring_bytes);
	assert_true(bench.data && bench.private);
	rig_start(&bench.rig, ring_bytes, traffic->start);
	bench.parsed = traffic->start;
	bench.sent.traffic = traffic;
	random_seed(&bench.sent.random, traffic->ring_pages);
	bench.received = bench.sent;
	random_seed(&random, 1);
	for (i = 0; i < POOL_BYTES; i++)
		pool[i] = random_u32(&random);
}

static void bench_destroy(void)
{
	free(bench.private);
	free(bench.data);
}

/* Until all is consumed, or nothing can be any more. */
static void bench_watch(void)
{
	u32 consumed, produced, before = 0, still = 0;

	for (;;) {
		consumed = atomic_load(&bench.consumed);
		produced = atomic_load(&bench.produced);
		if (__atomic_load_n(&bench.fault, __ATOMIC_SEQ_CST) ||
		    consumed == bench.traffic->frames)
			return;
		still = consumed + produced == before ? still + WATCH_USECS : 0;
		before = consumed + produced;
		if (still >= LOST_USECS && port_asleep(&bench.consumer_port) &&
		    (produced == bench.traffic->frames || port_asleep(&bench.producer_port)))
			bench_fault("lost wake-up");
		else if (still >= STUCK_USECS)
			bench_fault("no progress");
		usleep(WATCH_USECS);
	}
}

static void bench_print(void)
{
	rig_print(&bench.rig);
	fprintf(stderr, "%s: produced %u, consumed %u, parsed up to %u\n", bench.traffic->name,
		bench.produced, bench.consumed, bench.parsed);
	fprintf(stderr, "ports (1 pending, 2 masked, 4 upcall): producer %u, consumer %u\n",
		bench.producer_port.state & 7, bench.consumer_port.state & 7);
}

static void bench_run(const struct traffic *traffic)
{
	pthread_t producer, consumer;
	static const char *fault;

	/* After a hang the rest would only take longer to say the same. */
	if (fault)
		skip();
	bench_create(traffic);
	assert_int_equal(pthread_create(&consumer, NULL, consumer_main, NULL), 0);
	assert_int_equal(pthread_create(&producer, NULL, producer_main, NULL), 0);
	bench_watch();
	pthread_join(producer, NULL);
	pthread_join(consumer, NULL);
	fault = bench.fault;
	if (fault)
		bench_print();
	bench_destroy();
	if (fault)
		fail_msg("%s", fault);
	print_message("%s: %u frames, %lu flags, %lu upcalls; %lu waits for room\n",
		      traffic->name, bench.consumed, bench.flags, bench.consumer_port.upcalls,
		      bench.wakes);
	assert_in_range(bench.consumer_port.upcalls, SLEEPS_MIN, bench.flags);
	assert_int_equal(bench.rig.consumer.seen, bench.rig.producer.prod);
}

static void test_meeting(void **state)
{
	const struct traffic traffic = {
		.name = "one frame at a time, 8 pages", .ring_pages = 8, .start = 0,
		.frames = FRAMES, .batch = 1, .usual_bytes = 100, .long_one_in = 1000,
		.meet = true,
	};

	(void)state;
	bench_run(&traffic);
}

static void test_small_ring(void **state)
{
	const struct traffic traffic = {
		.name = "batches, 8 pages", .ring_pages = 8, .start = 0u - (1u << 20),
		.frames = FRAMES, .batch = 64, .usual_bytes = 1514, .long_one_in = 20,
	};

	(void)state;
	bench_run(&traffic);
	assert_in_range(bench.wakes, SLEEPS_MIN, traffic.frames);
}

static void test_dawdling(void **state)
{
	const struct traffic traffic = {
		.name = "dawdling ends, 32 pages", .ring_pages = 32,
		.start = 0x80000000u - (1u << 20), .frames = FRAMES, .batch = 8,
		.usual_bytes = 300, .long_one_in = 50, .lazy = true,
	};

	(void)state;
	bench_run(&traffic);
}

static void test_big_ring(void **state)
{
	const struct traffic traffic = {
		.name = "batches, 256 pages", .ring_pages = 256, .start = 0u - (1u << 24),
		.frames = FRAMES, .batch = 64, .usual_bytes = 1514, .long_one_in = 10,
	};

	(void)state;
	bench_run(&traffic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meeting),
		cmocka_unit_test(test_small_ring),
		cmocka_unit_test(test_dawdling),
		cmocka_unit_test(test_big_ring),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
