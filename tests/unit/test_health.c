// SPDX-License-Identifier: GPL-2.0-only
/* Proves that health says of a queue what its numbers mean, and of no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/health.h"

#include <cmocka.h>

/* What a queue's numbers are, where they differ from a queue at rest. */
#define NUMBERS_MAX 8

struct number {
	const char *name;
	uint64_t value;
};

struct numbers {
	struct number number[NUMBERS_MAX];
};

#define N(...) (&(const struct numbers){ .number = { __VA_ARGS__ } })

/* Indices that wrap where they are 32 bits wide; nothing waits, both sides armed. */
static const struct number rest[] = {
	{ "masked", 0 }, { "ring_bytes", 524288 },
	{ "to_guest_event_at", 4294967264 }, { "to_guest_flag_due", 0 },
	{ "to_guest_limit", 524256 }, { "to_guest_produced", 4294967264 },
	{ "to_guest_published", 4294967264 }, { "to_guest_waiting_bytes", 0 },
	{ "to_host_event_at", 640 }, { "to_host_fetched", 640 }, { "to_host_limit", 524928 },
	{ "to_host_out_of_credit", 0 }, { "to_host_parsed", 640 },
	{ "to_host_published", 640 }, { "to_host_throttled", 0 },
	{ "to_host_waiting_bytes", 0 },
};

#define RESTING (sizeof(rest) / sizeof(rest[0]))

static void set(struct counters *now, const char *name, uint64_t value)
{
	size_t i;

	for (i = 0; i < now->count; i++)
		if (!strcmp(now->counter[i].name, name)) {
			now->counter[i].value = value;
			return;
		}
	fail_msg("there is no number %s", name);
}

/* The caller frees it. */
static void look(struct counters *now, const struct numbers *numbers)
{
	size_t i;

	now->counter = calloc(RESTING, sizeof(*now->counter));
	assert_non_null(now->counter);
	now->count = RESTING;
	for (i = 0; i < RESTING; i++) {
		memcpy(now->counter[i].name, rest[i].name, strlen(rest[i].name) + 1);
		now->counter[i].value = rest[i].value;
	}
	for (i = 0; i < NUMBERS_MAX && numbers->number[i].name; i++)
		set(now, numbers->number[i].name, numbers->number[i].value);
}

static struct queues device_of(struct counters *now, size_t num_queues)
{
	return (struct queues){
		.device = { .domid = 3, .handle = 1 },
		.domain = { .id = 3, .name = "u1" },
		.backend_state = STATE_CONNECTED, .frontend_state = STATE_CONNECTED,
		.served = true, .now = now, .num_queues = num_queues,
	};
}

static void judged(const struct queues *before, const struct queues *after, size_t stalled,
		   const char *expected)
{
	char *said = NULL;
	size_t bytes;
	FILE *out = open_memstream(&said, &bytes);

	assert_non_null(out);
	assert_int_equal(health_judge(out, before, after), stalled);
	fclose(out);
	assert_string_equal(said, expected);
	free(said);
}

/* What two looks at one queue come to: nothing, or so many bytes and a reason. */
static void verdict(const struct numbers *first, const struct numbers *second,
		    const char *expected)
{
	struct counters before, after;
	struct queues then, now;
	char line[256] = "";

	look(&before, first);
	look(&after, second);
	then = device_of(&before, 1);
	now = device_of(&after, 1);
	if (expected)
		snprintf(line, sizeof(line), "domain 3 (u1): vdrain 1 queue 0: %s\n", expected);
	judged(&then, &now, !!expected, line);
	counters_free(&before);
	counters_free(&after);
}

/* The same numbers at both looks. */
static void stays(const struct numbers *numbers, const char *expected)
{
	verdict(numbers, numbers, expected);
}

#define GUEST_WAITS(bytes) { "to_guest_waiting_bytes", bytes }
#define HOST_WAITS(bytes) { "to_host_waiting_bytes", bytes }

#define FETCHES_NOTHING	"to_guest stands still, 32 bytes wait: the guest is late, it fetches nothing"
#define NOT_PUBLISHED \
	"to_guest stands still, 32 bytes wait: dom0 is late, it has not published them"
#define OWES_A_FLAG "to_guest stands still, 32 bytes wait: dom0 is late, it owes the guest a flag"
#define NIC_IS_FULL \
	"to_host stands still, 32 bytes wait: dom0 is late, its NIC does not send what it has"
#define OUT_OF_CREDIT \
	"to_host stands still, 32 bytes wait: nobody is late, the rate limit holds them back"
#define DOES_NOT_DRAIN "to_host stands still, 32 bytes wait: dom0 is late, it does not drain"
#define NO_FLAG \
	"to_host stands still, 32 bytes wait: the guest is late, it has not raised dom0's flag"

static void test_rest(void **state)
{
	(void)state;
	stays(N({ 0 }), NULL);
	/* Whatever else is said of a queue in which nothing waits. */
	stays(N({ "to_guest_flag_due", 1 }, { "to_guest_produced", 0 }), NULL);
	stays(N({ "to_host_throttled", 1 }, { "to_host_out_of_credit", 1 }, { "masked", 1 }), NULL);
}

/* It has only just come to wait, or has gone meanwhile. */
static void test_waits_at_both_looks(void **state)
{
	(void)state;
	verdict(N({ 0 }), N(GUEST_WAITS(32)), NULL);
	verdict(N(GUEST_WAITS(32)), N({ 0 }), NULL);
	verdict(N({ 0 }), N(HOST_WAITS(32)), NULL);
	verdict(N(HOST_WAITS(32)), N({ 0 }), NULL);
	/* What is said is what waits now. */
	verdict(N(GUEST_WAITS(1)), N(GUEST_WAITS(32)), FETCHES_NOTHING);
	verdict(N(HOST_WAITS(524288)), N(HOST_WAITS(32)), NO_FLAG);
}

/* The least that a consumer can move is a sign of life, also where indices wrap. */
static void test_moves(void **state)
{
	(void)state;
	verdict(N(GUEST_WAITS(32)), N(GUEST_WAITS(32), { "to_guest_limit", 524256 + 32 }), NULL);
	verdict(N(GUEST_WAITS(32), { "to_guest_limit", 4294967264 }),
		N(GUEST_WAITS(32), { "to_guest_limit", 0 }), NULL);
	verdict(N(HOST_WAITS(32)), N(HOST_WAITS(32), { "to_host_parsed", 640 + 32 }), NULL);
	verdict(N(HOST_WAITS(32), { "to_host_parsed", 4294967264 }),
		N(HOST_WAITS(32), { "to_host_parsed", 0 }), NULL);
	/* What the producer adds meanwhile is none of the consumer. */
	verdict(N(GUEST_WAITS(32)),
		N(GUEST_WAITS(32), { "to_guest_produced", 0 }, { "to_guest_published", 0 }),
		FETCHES_NOTHING);
	verdict(N(HOST_WAITS(32)), N(HOST_WAITS(32), { "to_host_published", 704 }), NO_FLAG);
}

static void test_not_published(void **state)
{
	(void)state;
	stays(N(GUEST_WAITS(32), { "to_guest_produced", 0 }), NOT_PUBLISHED);
	/* Before a flag that is due: what is not published cannot be flagged. */
	stays(N(GUEST_WAITS(32), { "to_guest_produced", 0 }, { "to_guest_flag_due", 1 }),
	      NOT_PUBLISHED);
	verdict(N(GUEST_WAITS(32)), N(GUEST_WAITS(32), { "to_guest_produced", 0 }), NOT_PUBLISHED);
	/* It has published since, and is at the next batch. */
	verdict(N(GUEST_WAITS(32), { "to_guest_produced", 0 }),
		N(GUEST_WAITS(32), { "to_guest_published", 0 }, { "to_guest_produced", 64 }),
		FETCHES_NOTHING);
	verdict(N(GUEST_WAITS(32), { "to_guest_produced", 0 }), N(GUEST_WAITS(32)),
		FETCHES_NOTHING);
}

static void test_owes_a_flag(void **state)
{
	(void)state;
	stays(N(GUEST_WAITS(32), { "to_guest_flag_due", 1 }), OWES_A_FLAG);
	/* At one look alone it was raised meanwhile, or has only just come to be due. */
	verdict(N(GUEST_WAITS(32), { "to_guest_flag_due", 1 }), N(GUEST_WAITS(32)),
		FETCHES_NOTHING);
	verdict(N(GUEST_WAITS(32)), N(GUEST_WAITS(32), { "to_guest_flag_due", 1 }),
		FETCHES_NOTHING);
	/* Due for other frames than at the first look. */
	verdict(N(GUEST_WAITS(32), { "to_guest_flag_due", 1 }),
		N(GUEST_WAITS(32), { "to_guest_flag_due", 1 }, { "to_guest_produced", 0 },
		  { "to_guest_published", 0 }), FETCHES_NOTHING);
}

static void test_fetches_nothing(void **state)
{
	(void)state;
	stays(N(GUEST_WAITS(32)), FETCHES_NOTHING);
	stays(N(GUEST_WAITS(524288)), "to_guest stands still, 524288 bytes wait: "
	      "the guest is late, it fetches nothing");
}

static void test_nic_is_full(void **state)
{
	(void)state;
	stays(N(HOST_WAITS(32), { "to_host_throttled", 1 }), NIC_IS_FULL);
	/* The first of the reasons, as there is nothing to be said of the others then. */
	stays(N(HOST_WAITS(32), { "to_host_throttled", 1 }, { "to_host_out_of_credit", 1 },
		{ "masked", 1 }, { "to_host_event_at", 0 }), NIC_IS_FULL);
	verdict(N(HOST_WAITS(32), { "to_host_throttled", 1 }), N(HOST_WAITS(32)), NO_FLAG);
	verdict(N(HOST_WAITS(32)), N(HOST_WAITS(32), { "to_host_throttled", 1 }), NO_FLAG);
}

static void test_out_of_credit(void **state)
{
	(void)state;
	stays(N(HOST_WAITS(32), { "to_host_out_of_credit", 1 }), OUT_OF_CREDIT);
	stays(N(HOST_WAITS(32), { "to_host_out_of_credit", 1 }, { "masked", 1 },
		{ "to_host_event_at", 0 }), OUT_OF_CREDIT);
	verdict(N(HOST_WAITS(32), { "to_host_out_of_credit", 1 }), N(HOST_WAITS(32)), NO_FLAG);
	verdict(N(HOST_WAITS(32)), N(HOST_WAITS(32), { "to_host_out_of_credit", 1 }), NO_FLAG);
}

static void test_does_not_drain(void **state)
{
	(void)state;
	/* Not armed, so it is dom0's to go on. */
	stays(N(HOST_WAITS(32), { "to_host_event_at", 640 - 32 }), DOES_NOT_DRAIN);
	stays(N(HOST_WAITS(32), { "to_host_fetched", 640 + 32 }), DOES_NOT_DRAIN);
	/* Armed, but the channel has been masked all the time. */
	stays(N(HOST_WAITS(32), { "masked", 1 }), DOES_NOT_DRAIN);
	/* It is what is now that counts. */
	verdict(N(HOST_WAITS(32)), N(HOST_WAITS(32), { "to_host_event_at", 0 }), DOES_NOT_DRAIN);
	verdict(N(HOST_WAITS(32), { "to_host_event_at", 0 }), N(HOST_WAITS(32)), NO_FLAG);
}

static void test_no_flag(void **state)
{
	(void)state;
	stays(N(HOST_WAITS(32)), NO_FLAG);
	verdict(N(HOST_WAITS(32), { "masked", 1 }), N(HOST_WAITS(32)), NO_FLAG);
	verdict(N(HOST_WAITS(32)), N(HOST_WAITS(32), { "masked", 1 }), NO_FLAG);
}

/* A queue counts once, with a line for each of its directions. */
static void test_several_queues(void **state)
{
	struct counters both, one, none;
	struct counters now[3];
	struct queues before, after;

	(void)state;
	look(&both, N(GUEST_WAITS(32), HOST_WAITS(32)));
	look(&none, N({ 0 }));
	look(&one, N(HOST_WAITS(32), { "to_host_throttled", 1 }));
	now[0] = both;
	now[1] = none;
	now[2] = one;
	before = device_of(now, 3);
	after = device_of(now, 3);
	judged(&before, &after, 2,
	       "domain 3 (u1): vdrain 1 queue 0: " FETCHES_NOTHING "\n"
	       "domain 3 (u1): vdrain 1 queue 0: " NO_FLAG "\n"
	       "domain 3 (u1): vdrain 1 queue 2: " NIC_IS_FULL "\n");
	/* Queues that were not there, or are not there any more, are not judged. */
	before.num_queues = 2;
	judged(&before, &after, 1,
	       "domain 3 (u1): vdrain 1 queue 0: " FETCHES_NOTHING "\n"
	       "domain 3 (u1): vdrain 1 queue 0: " NO_FLAG "\n");
	before.num_queues = 3;
	after.num_queues = 0;
	judged(&before, &after, 0, "");
	after.num_queues = 3;
	judged(NULL, &after, 0, "");
	counters_free(&both);
	counters_free(&one);
	counters_free(&none);
}

/* Numbers that a backend of another version does not show are 0. */
static void test_numbers_missing(void **state)
{
	struct counter waiting = { "to_host_waiting_bytes", 32 };
	struct counters now = { &waiting, 1 }, nothing = { 0 };
	struct queues before = device_of(&now, 1), after = device_of(&now, 1);

	(void)state;
	judged(&before, &after, 1, "domain 3 (u1): vdrain 1 queue 0: " NO_FLAG "\n");
	after.now = &nothing;
	judged(&before, &after, 0, "");
}

static void not_connected(unsigned int backend, unsigned int frontend, bool served,
			  const char *error, const char *expected)
{
	struct counters now;
	struct queues after;
	char line[512];

	look(&now, N(GUEST_WAITS(32), HOST_WAITS(32)));
	after = device_of(&now, 1);
	after.backend_state = backend;
	after.frontend_state = frontend;
	after.served = served;
	snprintf(after.last_error, sizeof(after.last_error), "%s", error);
	snprintf(line, sizeof(line), "domain 3 (u1): vdrain 1: not connected, %s\n", expected);
	/* Whatever its queues were at, and whether it was there before. */
	judged(&after, &after, 1, line);
	judged(NULL, &after, 1, line);
	counters_free(&now);
}

static void test_not_connected(void **state)
{
	(void)state;
	not_connected(STATE_INIT_WAIT, STATE_INITIALISING, true, "",
		      "backend InitWait, frontend Initialising: the guest is late");
	not_connected(STATE_INIT_WAIT, STATE_INITIALISED, true, "",
		      "backend InitWait, frontend Initialised: dom0 is late");
	not_connected(STATE_CONNECTED, STATE_INITIALISED, true, "",
		      "backend Connected, frontend Initialised: dom0 is late");
	not_connected(STATE_CONNECTED, STATE_CLOSING, true, "",
		      "backend Connected, frontend Closing: the guest is late");
	not_connected(STATE_CLOSING, STATE_CONNECTED, true, "queue 0: producer is bad",
		      "backend Closing, frontend Connected: the guest is late; "
		      "last error: queue 0: producer is bad");
	not_connected(STATE_INITIALISING, STATE_INITIALISING, false, "",
		      "backend Initialising, frontend Initialising: dom0 is late");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_waits_at_both_looks),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_not_published),
		cmocka_unit_test(test_owes_a_flag),
		cmocka_unit_test(test_fetches_nothing),
		cmocka_unit_test(test_nic_is_full),
		cmocka_unit_test(test_out_of_credit),
		cmocka_unit_test(test_does_not_drain),
		cmocka_unit_test(test_no_flag),
		cmocka_unit_test(test_several_queues),
		cmocka_unit_test(test_numbers_missing),
		cmocka_unit_test(test_not_connected),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
