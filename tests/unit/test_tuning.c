// SPDX-License-Identifier: GPL-2.0-only
/* Proves that tuning keys take what is allowed, in xenstore and from users. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Before cmocka.h, whose macro fail() would rewrite our function of that name. */
#include "../../tools/options.h"

#include <cmocka.h>

static void wire_is(enum drain_tuning_key key, const char *text, uint64_t expected)
{
	uint64_t value;

	if (!drain_tuning_parse(key, text, &value))
		fail_msg("%s=%s was refused", drain_tuning_rule(key)->key, text);
	assert_int_equal(value, expected);
}

static void wire_bad(enum drain_tuning_key key, const char *text)
{
	uint64_t value;

	if (drain_tuning_parse(key, text, &value))
		fail_msg("%s=%s was accepted", drain_tuning_rule(key)->key, text);
}

static void test_table(void **state)
{
	enum drain_tuning_key key;

	(void)state;
	for (key = 0; key < DRAIN_TUNING_KEYS; key++) {
		const struct drain_tuning_rule *rule = drain_tuning_rule(key);

		assert_int_equal(drain_tuning_find(rule->key), key);
		assert_true(*rule->allowed && *rule->meaning);
		if (rule->kind == DRAIN_TUNING_NUMBER)
			assert_true(rule->preset >= rule->least && rule->preset <= rule->most);
	}
	assert_int_equal(drain_tuning_find(""), DRAIN_TUNING_KEYS);
	assert_int_equal(drain_tuning_find("rat"), DRAIN_TUNING_KEYS);
	assert_int_equal(drain_tuning_find("rates"), DRAIN_TUNING_KEYS);
	assert_int_equal(drain_tuning_rule(DRAIN_TUNE_COALESCE_USECS)->most, 10000);
}

static void test_wire_numbers(void **state)
{
	static const char *const never[] = {
		"", " 1", "1 ", "+1", "-1", "0x1", "1x", "x", "1,1", "1\n", "4294967297",
		"18446744073709551617", "99999999999999999999999999999999",
	};
	enum drain_tuning_key key;
	size_t i;

	(void)state;
	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
			if (key != DRAIN_TUNE_RATE || strcmp(never[i], "1,1"))
				wire_bad(key, never[i]);
	wire_is(DRAIN_TUNE_COALESCE_USECS, "0", 0);
	wire_is(DRAIN_TUNE_COALESCE_USECS, "10000", 10000);
	wire_bad(DRAIN_TUNE_COALESCE_USECS, "10001");
	wire_is(DRAIN_TUNE_DRAIN_PAGES, "1", 1);
	wire_is(DRAIN_TUNE_DRAIN_PAGES, "64", 64);
	wire_bad(DRAIN_TUNE_DRAIN_PAGES, "0");
	wire_bad(DRAIN_TUNE_DRAIN_PAGES, "65");
	wire_is(DRAIN_TUNE_SPOOF_CHECK, "01", 1);
	wire_bad(DRAIN_TUNE_SPOOF_CHECK, "2");
}

static void test_wire_words(void **state)
{
	(void)state;
	wire_is(DRAIN_TUNE_FETCH, "copy", DRAIN_FETCH_COPY);
	wire_is(DRAIN_TUNE_FETCH, "map", DRAIN_FETCH_MAP);
	wire_bad(DRAIN_TUNE_FETCH, "default");
	wire_bad(DRAIN_TUNE_FETCH, "maps");
	wire_bad(DRAIN_TUNE_FETCH, "Copy");
	wire_bad(DRAIN_TUNE_FETCH, "0");
}

static void test_wire_rate(void **state)
{
	(void)state;
	wire_is(DRAIN_TUNE_RATE, "0", 0);
	wire_is(DRAIN_TUNE_RATE, "0,50000", 0);
	wire_is(DRAIN_TUNE_RATE, "12500,0", 0);
	wire_is(DRAIN_TUNE_RATE, "1,1000", DRAIN_RATE(1, 1000));
	wire_is(DRAIN_TUNE_RATE, "4294967295,10000000", DRAIN_RATE(4294967295, 10000000));
	assert_int_equal(DRAIN_RATE_BYTES(DRAIN_RATE(4294967295, 1000)), 4294967295);
	assert_int_equal(DRAIN_RATE_USECS(DRAIN_RATE(4294967295, 1000)), 1000);
	wire_bad(DRAIN_TUNE_RATE, "4294967296,10000000");
	wire_bad(DRAIN_TUNE_RATE, "1,999");
	wire_bad(DRAIN_TUNE_RATE, "1,10000001");
	wire_bad(DRAIN_TUNE_RATE, "12500");
	wire_bad(DRAIN_TUNE_RATE, ",");
	wire_bad(DRAIN_TUNE_RATE, "1,");
	wire_bad(DRAIN_TUNE_RATE, ",1000");
	wire_bad(DRAIN_TUNE_RATE, "1,1000,");
	wire_bad(DRAIN_TUNE_RATE, "100Mb/s");
}

/* What a user says, what xenstore gets. */
static void user_says(enum drain_tuning_key key, const char *value, const char *text)
{
	struct tuning tuning = { 0 };
	struct failure failure = { 0 };
	uint64_t parsed;

	if (tuning_set(&tuning, key, value, &failure))
		fail_msg("%s", failure.text);
	assert_true(tuning.given[key]);
	assert_string_equal(tuning.text[key], text);
	assert_true(!*text || drain_tuning_parse(key, text, &parsed));
}

static void user_errs(enum drain_tuning_key key, const char *value)
{
	struct tuning tuning = { 0 };
	struct failure failure = { 0 };

	if (tuning_set(&tuning, key, value, &failure) != FAILURE_INPUT)
		fail_msg("%s=%s was accepted", drain_tuning_rule(key)->key, value);
	assert_null(strchr(failure.text, '\n'));
	assert_non_null(strstr(failure.text, drain_tuning_rule(key)->key));
	assert_non_null(strstr(failure.text, "allowed"));
}

static void test_user_values(void **state)
{
	enum drain_tuning_key key;

	(void)state;
	for (key = 0; key < DRAIN_TUNING_KEYS; key++) {
		user_says(key, "default", "");
		user_errs(key, "");
		user_errs(key, "-1");
		user_errs(key, "1\n2");
		user_errs(key, "nonsense");
	}
	user_says(DRAIN_TUNE_COALESCE_USECS, "0100", "100");
	user_errs(DRAIN_TUNE_COALESCE_USECS, "10001");
	user_says(DRAIN_TUNE_FETCH, "map", "map");
	user_errs(DRAIN_TUNE_COPYBREAK, "2049");
}

static void test_user_rates(void **state)
{
	(void)state;
	user_says(DRAIN_TUNE_RATE, "0", "0");
	user_says(DRAIN_TUNE_RATE, "100Mb/s", "625000,50000");
	user_says(DRAIN_TUNE_RATE, "10MB/s@20ms", "200000,20000");
	user_says(DRAIN_TUNE_RATE, "1Gb/s@1s", "125000000,1000000");
	user_says(DRAIN_TUNE_RATE, "1000000b/s@1000us", "125,1000");
	user_says(DRAIN_TUNE_RATE, "1000000b/s@10", "1250000,10000000");
	/* xl takes these, and makes a limit of 0 or of endless intervals of them. */
	user_errs(DRAIN_TUNE_RATE, "1b/s");
	user_errs(DRAIN_TUNE_RATE, "5Kb/s@1ms");
	user_errs(DRAIN_TUNE_RATE, "100Mb/s@1us");
	user_errs(DRAIN_TUNE_RATE, "100Mb/s@11s");
	user_errs(DRAIN_TUNE_RATE, "100");
	user_errs(DRAIN_TUNE_RATE, "100mb/s");
	user_errs(DRAIN_TUNE_RATE, "100Mb/s@");
	user_errs(DRAIN_TUNE_RATE, "99999999999999999999Gb/s");
	/* After which the library must not be confused. */
	user_says(DRAIN_TUNE_RATE, "20Mb/s", "125000,50000");
}

static void shown_as(enum drain_tuning_key key, uint64_t value, const char *expected)
{
	char text[TUNING_TEXT_BYTES];

	tuning_format(key, value, text);
	assert_string_equal(text, expected);
}

static void test_format(void **state)
{
	(void)state;
	shown_as(DRAIN_TUNE_COPYBREAK, 1536, "1536");
	shown_as(DRAIN_TUNE_FETCH, DRAIN_FETCH_DEFAULT, "default");
	shown_as(DRAIN_TUNE_FETCH, DRAIN_FETCH_MAP, "map");
	shown_as(DRAIN_TUNE_RATE, 0, "0");
	shown_as(DRAIN_TUNE_RATE, DRAIN_RATE(625000, 50000), "100Mb/s");
	shown_as(DRAIN_TUNE_RATE, DRAIN_RATE(200000, 20000), "80Mb/s@20ms");
	shown_as(DRAIN_TUNE_RATE, DRAIN_RATE(125, 1001), "999Kb/s@1001us");
	shown_as(DRAIN_TUNE_RATE, DRAIN_RATE(4294967295, 1000), "34359738360Kb/s@1ms");
}

static void test_attach_options(void **state)
{
	struct attach_options options;
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(attach_options_parse("rate=8Kb/s,nic=e,spoof-check=0,fetch=default",
					      &options, &failure), 0);
	assert_true(options.tuning.given[DRAIN_TUNE_RATE]);
	assert_string_equal(options.tuning.text[DRAIN_TUNE_RATE], "50,50000");
	assert_string_equal(options.tuning.text[DRAIN_TUNE_SPOOF_CHECK], "0");
	assert_false(options.tuning.given[DRAIN_TUNE_COPYBREAK]);
	assert_int_equal(attach_options_parse("nic=e,rate=0,rate=0", &options, &failure),
			 FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "twice"));
	assert_int_equal(attach_options_parse("nic=e,copybreak=x", &options, &failure),
			 FAILURE_INPUT);
	assert_string_equal(failure.text, "copybreak=x: allowed are 0 to 2048, or default");
	assert_int_equal(attach_options_parse("nic=e,what=x", &options, &failure), FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "coalesce-usecs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_wire_numbers),
		cmocka_unit_test(test_wire_words),
		cmocka_unit_test(test_wire_rate),
		cmocka_unit_test(test_user_values),
		cmocka_unit_test(test_user_rates),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_attach_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
