// SPDX-License-Identifier: GPL-2.0-only
/* Proves that rx-filter takes what PROTOCOL.md allows, and points at what it does not. */
#include "unit.h"

#include "../../ring/filter.h"

#define GROUP		"01:00:5e:00:00:01"
#define BAD_BYTES	2048

/* A block of its own size, so that the sanitizer sees its end. */
static int parse(struct drain_filter *filter, const char *text, char bad[BAD_BYTES])
{
	char *copy = strdup(text);
	const char *word;
	int err;

	assert_non_null(copy);
	memset(filter, 0, sizeof(*filter));
	err = drain_filter_parse(filter, copy, &word);
	if (err)
		snprintf(bad, BAD_BYTES, "%s", word);
	free(copy);
	return err;
}

static void takes(const char *text, bool promisc, bool all_groups, unsigned int groups)
{
	struct drain_filter filter;
	char bad[BAD_BYTES];

	if (parse(&filter, text, bad))
		fail_msg("'%s' was refused for '%s'", text, bad);
	assert_int_equal(filter.promisc, promisc);
	assert_int_equal(filter.all_groups, all_groups);
	assert_int_equal(filter.num_groups, groups);
}

static void refuses(const char *text, const char *word, int expected)
{
	struct drain_filter filter;
	char bad[BAD_BYTES];

	assert_int_equal(parse(&filter, text, bad), expected);
	assert_string_equal(bad, word);
}

static void test_words(void **state)
{
	(void)state;
	takes("", false, false, 0);
	takes("allmulti", false, true, 0);
	/* All multicast in either case, whether it is granted or refused. */
	takes("promisc", true, true, 0);
	takes(GROUP, false, false, 1);
	takes(GROUP " " GROUP, false, false, 2);
	takes("allmulti " GROUP " promisc", true, true, 1);
	takes("  " GROUP "   allmulti ", false, true, 1);
	refuses("promiscuous", "promiscuous", -EINVAL);
	refuses("promis", "promis", -EINVAL);
	refuses("Promisc", "Promisc", -EINVAL);
	refuses("allmulti\n", "allmulti\n", -EINVAL);
	refuses("allmulti\tpromisc", "allmulti\tpromisc", -EINVAL);
	refuses("allmulti x promisc", "x", -EINVAL);
}

static void test_addresses(void **state)
{
	static const char *const never[] = {
		"0", "01", "01:", "01:00:5e:00:00", "01:00:5e:00:00:", "01:00:5e:00:00:0",
		"01:00:5e:00:00:01:", "01:00:5e:00:00:01:02", "01:00:5e:00:00:011",
		"1:00:5e:00:00:01", "01-00-5e-00-00-01", "01005e000001", "+1:00:5e:00:00:01",
		"0x:00:5e:00:00:01", "01:00:5g:00:00:01", "01:00:5@:00:00:01", "01:00:5`:00:00:01",
		"01:00:/e:00:00:01", "01:00:5\xe1:00:00:01", "01:00:5e:00:00:01\n", ":::::",
		/* Unicast. */
		"00:16:3e:00:00:01", "fe:ff:ff:ff:ff:ff", "00:00:00:00:00:00",
	};
	static const u8 mixed[] = { 0x33, 0x33, 0xff, 0xab, 0xcd, 0x0e };
	struct drain_filter filter;
	char bad[BAD_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		refuses(never[i], never[i], -EINVAL);
	assert_int_equal(parse(&filter, "33:33:FF:aB:cD:0e ff:ff:ff:ff:ff:ff", bad), 0);
	assert_int_equal(filter.num_groups, 2);
	assert_memory_equal(filter.groups[0], mixed, sizeof(mixed));
	assert_memory_equal(filter.groups[1], "\xff\xff\xff\xff\xff\xff", 6);
}

static void test_every_digit(void **state)
{
	char text[] = "01:00:00:00:00:00";
	struct drain_filter filter;
	char bad[BAD_BYTES];
	int byte, expected;

	(void)state;
	for (byte = 1; byte < 256; byte++) {
		text[16] = byte;
		expected = byte >= '0' && byte <= '9' ? byte - '0' :
			   byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 :
			   byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
		assert_int_equal(parse(&filter, text, bad), expected < 0 ? -EINVAL : 0);
		if (expected >= 0)
			assert_int_equal(filter.groups[0][5], expected);
	}
}

static void test_how_many(void **state)
{
	char text[80 * sizeof(GROUP)] = "", more[sizeof(text) + 32];
	unsigned int i;

	(void)state;
	for (i = 1; i <= 64; i++) {
		strcat(strcat(text, i > 1 ? " " : ""), GROUP);
		takes(text, false, false, i);
	}
	assert_true(strlen(text) < DRAIN_FILTER_TEXT_BYTES);
	snprintf(more, sizeof(more), "%s allmulti", text);
	takes(more, false, true, 64);
	snprintf(more, sizeof(more), "%s 33:33:00:00:00:01 x", text);
	refuses(more, "33:33:00:00:00:01", -ENOSPC);
	/* Too many of whatever it is. */
	snprintf(more, sizeof(more), "%s x", text);
	refuses(more, "x", -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_every_digit),
		cmocka_unit_test(test_how_many),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
