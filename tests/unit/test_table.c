// SPDX-License-Identifier: GPL-2.0-only
/* Proves that rates are computed, written and laid out as stat --watch promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/rate.h"
#include "../../tools/table.h"

#include <cmocka.h>

#define SECOND 1000000000LL

static void expect_rate(double rate, const char *expected)
{
	char text[RATE_TEXT_BYTES];

	rate_format(rate, text);
	assert_string_equal(text, expected);
}

static void test_rates(void **state)
{
	(void)state;
	assert_true(rate_per_second(100, SECOND) == 100);
	assert_true(rate_per_second(100, 2 * SECOND) == 50);
	assert_true(rate_per_second(3, SECOND / 2) == 6);
	assert_true(rate_per_second(100, 0) == 0);
	assert_true(rate_per_second(100, -1) == 0);
	assert_true(rate_per_1000(5, 1000) == 5);
	assert_true(rate_per_1000(1, 3000) * 3 == 1);
	assert_true(rate_per_1000(0, 7) == 0);
	assert_true(rate_per_1000(7, 0) < 0);
}

static void test_format(void **state)
{
	char text[RATE_TEXT_BYTES];

	(void)state;
	expect_rate(-1, "-");
	expect_rate(0, "0");
	expect_rate(0.04, "0.0");
	expect_rate(1, "1.0");
	expect_rate(99.94, "99.9");
	expect_rate(99.96, "100");
	expect_rate(20012.4, "20012");
	expect_rate(99999999.4, "99999999");
	expect_rate(99999999.6, "1.0e+08");
	/* What a guest may write into its counters. */
	expect_rate(1.8e19 * 1e9, "1.8e+28");
	rate_format((double)UINT64_MAX * 1e9, text);
	assert_true(strlen(text) < sizeof(text));
}

/* A sample of names and numbers, ended by NULL. */
struct value {
	const char *name;
	uint64_t value;
};

static void fill(struct counters *counters, const struct value *values)
{
	memset(counters, 0, sizeof(*counters));
	for (; values->name; values++) {
		counters->counter = realloc(counters->counter, (counters->count + 1) *
					    sizeof(*counters->counter));
		assert_non_null(counters->counter);
		snprintf(counters->counter[counters->count].name, COUNTER_NAME_BYTES, "%s",
			 values->name);
		counters->counter[counters->count++].value = values->value;
	}
}

static const struct value first[] = {
	{ "to_guest_bytes_in", 1000 }, { "to_guest_drops", 0 }, { "to_guest_flags", 10 },
	{ "to_guest_frames_in", 1000 }, { "to_guest_hypercalls", 0 },
	{ "to_guest_upcalls", 5 }, { "to_host_drops", 7 }, { NULL, 0 },
};

static const struct value second[] = {
	{ "to_guest_bytes_in", 2501000 }, { "to_guest_consumer_drops", 6 },
	{ "to_guest_drops", 4 }, { "to_guest_flags", 410 }, { "to_guest_frames_in", 21000 },
	{ "to_guest_hypercalls", 2000 }, { "to_guest_upcalls", 405 },
	{ "to_host_drops", 3 }, { NULL, 0 },
};

static struct sample sample_of(unsigned int handle, const struct value *values, int64_t ns)
{
	struct sample sample = {
		.device = { .domid = 3, .handle = handle },
		.domain = { .id = 3, .name = "u1" },
		.nic = "eth0", .backend_state = 4, .frontend_state = 4, .taken_ns = ns,
	};

	fill(&sample.total, values);
	return sample;
}

/* The caller frees it. */
static char *table_of(const struct samples *now, const struct samples *before)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	table_print(out, now, before);
	fclose(out);
	return text;
}

/* The words of the line that starts with @label, with one blank between them. */
static void expect_row(const char *table, const char *label, const char *expected)
{
	const char *found = strstr(table, label);
	char line[128], words[128] = "", *word;

	assert_non_null(found);
	found += strlen(label);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(found, "\n"), found);
	for (word = strtok(line, " "); word; word = strtok(NULL, " "))
		strcat(strcat(words, *words ? " " : ""), word);
	assert_string_equal(words, expected);
}

static void expect_narrow(const char *table)
{
	size_t bytes;

	for (; *table; table += bytes + 1) {
		bytes = strcspn(table, "\n");
		assert_true(bytes <= 80);
	}
}

static void test_device(void **state)
{
	struct sample before = sample_of(0, first, 7 * SECOND);
	struct sample now = sample_of(0, second, 9 * SECOND);
	char *table;

	(void)state;
	before.has_nic_interrupts = true;
	before.nic_interrupts = 500;
	now.has_nic_interrupts = true;
	now.nic_interrupts = 20500;
	table = table_of(&(struct samples){ &now, 1 }, &(struct samples){ &before, 1 });
	assert_non_null(strstr(table, "domain 3 (u1), vdrain 0, nic eth0: backend Connected, "
			       "frontend Connected\n"));
	assert_non_null(strstr(table, "NIC interrupts: 10000 a second, 1000 per 1000 frames"));
	/* frames, Mbit, flags, upcalls, drops; upcalls and hypercalls per 1000. */
	expect_row(table, "to guest ", "10000 10.0 200 200* 5.0* 20.0* 100*");
	/* It started afresh: what it shows is what happened since. */
	expect_row(table, "to host ", "0 0 0* 0 1.5* - -");
	assert_null(strstr(table, "queue"));
	expect_narrow(table);
	free(table);
	now.nic = NULL;
	now.bridge = "xenbr0";
	table = table_of(&(struct samples){ &now, 1 }, &(struct samples){ &before, 1 });
	assert_non_null(strstr(table, "vdrain 0, bridge xenbr0: "));
	free(table);
	counters_free(&before.total);
	counters_free(&now.total);
}

static void test_queues(void **state)
{
	struct sample before = sample_of(0, first, 0), now = sample_of(0, second, SECOND);
	struct counters queues[2], queues_before[1];
	char *table;

	(void)state;
	fill(&queues[0], second);
	fill(&queues[1], second);
	fill(&queues_before[0], first);
	now.queues = queues;
	now.num_queues = 2;
	before.queues = queues_before;
	before.num_queues = 1;
	table = table_of(&(struct samples){ &now, 1 }, &(struct samples){ &before, 1 });
	expect_row(table, "  queue 0 ", "20000 20.0 400 400* 10.0* 20.0* 100*");
	/* It was not there before, so all of it is new. */
	expect_row(table, "  queue 1 ", "21000 20.0 410 405* 10.0* 19.3* 95.2*");
	expect_narrow(table);
	free(table);
	counters_free(&queues[0]);
	counters_free(&queues[1]);
	counters_free(&queues_before[0]);
	counters_free(&before.total);
	counters_free(&now.total);
}

static void test_coming_and_going(void **state)
{
	static const struct value nothing[] = { { NULL, 0 } };
	struct sample now[] = { sample_of(1, second, 1), sample_of(2, nothing, 1) };
	struct samples both = { now, 2 }, none = { 0 };
	char *table;

	(void)state;
	table = table_of(&both, &none);
	assert_non_null(strstr(table, "vdrain 1, nic eth0: backend Connected, frontend "
			       "Connected\n  new\n"));
	assert_non_null(strstr(table, "  no statistics: xen-drainback has not taken it\n"));
	free(table);
	table = table_of(&none, &both);
	assert_string_equal(table, "no vdrain device\n");
	free(table);
	counters_free(&now[0].total);
}

/* A guest may count as it likes; the table stays a table. */
static void test_hostile_numbers(void **state)
{
	static const struct value zero[] = { { "to_guest_frames_in", 0 }, { NULL, 0 } };
	static const struct value huge[] = {
		{ "to_guest_bytes_in", UINT64_MAX }, { "to_guest_consumer_drops", UINT64_MAX },
		{ "to_guest_drops", UINT64_MAX }, { "to_guest_flags", UINT64_MAX },
		{ "to_guest_frames_in", 1 }, { "to_guest_hypercalls", UINT64_MAX },
		{ "to_guest_upcalls", UINT64_MAX }, { NULL, 0 },
	};
	struct sample before = sample_of(0, zero, 0), now = sample_of(0, huge, 1);
	char *table;

	(void)state;
	table = table_of(&(struct samples){ &now, 1 }, &(struct samples){ &before, 1 });
	expect_narrow(table);
	free(table);
	counters_free(&before.total);
	counters_free(&now.total);
}

static void expect_clip(const char *text, unsigned int rows, unsigned int columns,
			const char *expected)
{
	char *clipped = NULL;
	size_t bytes;
	FILE *out = open_memstream(&clipped, &bytes);

	assert_non_null(out);
	table_clip(out, text, rows, columns);
	fclose(out);
	assert_string_equal(clipped, expected);
	free(clipped);
}

static void test_clip(void **state)
{
	(void)state;
	expect_clip("", 24, 80, "");
	expect_clip("ab\ncde\n", 24, 80, "ab\033[K\ncde\033[K\n");
	expect_clip("ab\ncde\nf\n", 3, 2, "ab\033[K\ncd\033[K\n");
	expect_clip("ab\ncde", 3, 80, "ab\033[K\ncde\033[K\n");
	expect_clip("ab\n", 1, 80, "");
	expect_clip("ab\n", 0, 80, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_coming_and_going),
		cmocka_unit_test(test_hostile_numbers),
		cmocka_unit_test(test_clip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
