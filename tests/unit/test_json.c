// SPDX-License-Identifier: GPL-2.0-only
/* Proves that whatever is in a text, it comes out as one JSON string. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/json.h"
#include "random.h"

#include <cmocka.h>

/* The caller frees it. */
static char *quoted(const char *text)
{
	char *json = NULL;
	size_t bytes;
	FILE *out = open_memstream(&json, &bytes);

	assert_non_null(out);
	json_text(out, text);
	fclose(out);
	return json;
}

static void expect(const char *text, const char *json)
{
	char *got = quoted(text);

	assert_string_equal(got, json);
	free(got);
}

static void test_plain(void **state)
{
	(void)state;
	expect(NULL, "null");
	expect("", "\"\"");
	expect("u1", "\"u1\"");
	expect("a/b c", "\"a/b c\"");
}

static void test_escapes(void **state)
{
	(void)state;
	expect("say \"x\"", "\"say \\\"x\\\"\"");
	expect("a\\b", "\"a\\\\b\"");
	expect("a\nb\tc\x01\x1f\x7f", "\"a\\u000ab\\u0009c\\u0001\\u001f\\u007f\"");
}

static void test_utf8(void **state)
{
	(void)state;
	expect("z\xc3\xbcrich", "\"z\xc3\xbcrich\"");
	expect("\xe2\x82\xac \xf0\x9f\x90\xa7", "\"\xe2\x82\xac \xf0\x9f\x90\xa7\"");
	expect("\xc3", "\"\\ufffd\"");
	expect("\xc3x", "\"\\ufffdx\"");
	expect("\xff\xbf", "\"\\ufffd\\ufffd\"");
	/* Too long a form of '/', a surrogate, and beyond the last code. */
	expect("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	expect("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	expect("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

/* No bare quote or control character, and every backslash begins an escape. */
static void check_string(const char *json)
{
	size_t i, last = strlen(json) - 1;

	assert_true(last >= 1 && json[0] == '"' && json[last] == '"');
	for (i = 1; i < last; i++) {
		assert_true((unsigned char)json[i] >= 0x20 && json[i] != '"');
		if (json[i] != '\\')
			continue;
		i++;
		assert_true(i < last && strchr("\"\\u", json[i]));
		if (json[i] == 'u')
			assert_int_equal(strspn(json + i + 1, "0123456789abcdef") >= 4, 1);
	}
}

static void test_random_bytes(void **state)
{
	unsigned int round, i;
	struct random random;
	char text[17], *json;

	(void)state;
	random_seed(&random, 1);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof(text) - 1; i++)
			text[i] = random_below(&random, 256);
		text[random_below(&random, sizeof(text))] = '\0';
		text[sizeof(text) - 1] = '\0';
		json = quoted(text);
		check_string(json);
		free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
