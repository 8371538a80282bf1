// SPDX-License-Identifier: GPL-2.0-only
/* Proves that the option parsers take what is allowed and name what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Before cmocka.h, whose macro fail() would rewrite our function of that name. */
#include "../../tools/arguments.h"
#include "../../tools/options.h"

#include <cmocka.h>

static struct attach_options accept(const char *text)
{
	struct attach_options options;
	struct failure failure = { 0 };

	if (attach_options_parse(text, &options, &failure))
		fail_msg("%s: %s", text, failure.text);
	assert_int_equal(failure.code, FAILURE_NONE);
	return options;
}

/* The message is one line and holds @named, the value that is wrong. */
static void refuse(const char *text, const char *named)
{
	struct attach_options options;
	struct failure failure = { 0 };

	if (attach_options_parse(text, &options, &failure) != FAILURE_INPUT)
		fail_msg("%s was accepted", text);
	assert_int_equal(failure.code, FAILURE_INPUT);
	assert_null(strchr(failure.text, '\n'));
	if (!strstr(failure.text, named))
		fail_msg("'%s' does not name %s", failure.text, named);
}

static void test_defaults(void **state)
{
	struct attach_options options = accept("nic=eth0");

	(void)state;
	assert_string_equal(options.nic, "eth0");
	assert_false(options.has_mac);
	assert_int_equal(options.mtu, 0);
	assert_int_equal(options.queues, 0);
	assert_int_equal(options.ring_pages, 0);
	assert_int_equal(options.handle, -1);
}

static void test_all_keys(void **state)
{
	static const uint8_t mac[MAC_BYTES] = { 0x00, 0x16, 0x3e, 0xab, 0xcd, 0xef };
	struct attach_options options;

	(void)state;
	options = accept("handle=255,ring-pages=256,queues=16,mtu=65521,"
			 "mac=00:16:3e:AB:cd:EF,nic=enp0s31f6.4000");
	assert_string_equal(options.nic, "enp0s31f6.4000");
	assert_true(options.has_mac);
	assert_memory_equal(options.mac, mac, MAC_BYTES);
	assert_int_equal(options.mtu, 65521);
	assert_int_equal(options.queues, 16);
	assert_int_equal(options.ring_pages, 256);
	assert_int_equal(options.handle, 255);
	options = accept("nic=a,mtu=68,queues=1,ring-pages=8,handle=0");
	assert_int_equal(options.mtu, 68);
	assert_int_equal(options.queues, 1);
	assert_int_equal(options.ring_pages, 8);
	assert_int_equal(options.handle, 0);
}

static void test_bridge(void **state)
{
	struct attach_options options;

	(void)state;
	options = accept("bridge=ovsbr0.7:8, script=/opt/x/vif-mine, vifname=web,gatewaydev=eth1,"
			 "ip=192.0.2.7 2001:db8::/64");
	assert_string_equal(options.nic, "");
	assert_string_equal(options.bridge, "ovsbr0.7:8");
	assert_string_equal(options.script, "/opt/x/vif-mine");
	assert_string_equal(options.vifname, "web");
	assert_string_equal(options.gatewaydev, "eth1");
	assert_string_equal(options.ip, "192.0.2.7 2001:db8::/64");
	options = accept("script=vif-route");
	assert_string_equal(options.bridge, "");
	refuse("nic=eth0,bridge=xenbr0", "nic=eth0 and bridge");
	refuse("nic=eth0,script=vif-route", "nic=eth0 and script");
	refuse("nic=eth0,vifname=web", "nic=eth0 and vifname");
	refuse("nic=eth0,ip=192.0.2.7", "nic=eth0 and ip");
	refuse("nic=eth0,gatewaydev=eth1", "nic=eth0 and gatewaydev");
	refuse("vifname=web", "nic is missing, and so are bridge and script");
	refuse("bridge=", "bridge=");
	refuse("bridge=a b", "bridge=a b");
	refuse("bridge=a/b", "bridge=a/b");
	refuse("bridge=a;b", "bridge=a;b");
	refuse("script=", "script=");
	refuse("script=../vif-bridge", "script=../vif-bridge");
	refuse("script=/a b", "script=/a b");
	refuse("script=$x", "script=$x");
	refuse("bridge=b,vifname=a/b", "vifname=a/b");
	refuse("bridge=b,vifname=1234567890123456", "vifname=1234567890123456");
	refuse("bridge=b,gatewaydev=", "gatewaydev=");
	refuse("bridge=b,ip=", "ip=");
	refuse("bridge=b,ip=1.2.3.4;", "ip=1.2.3.4;");
}

static void test_bad_keys(void **state)
{
	(void)state;
	refuse("", "''");
	refuse("nic", "'nic'");
	refuse("nic=eth0,", "''");
	refuse(",nic=eth0", "''");
	refuse("nic=eth0,,mtu=1500", "''");
	refuse("nic=eth0,speed=10", "speed=10");
	refuse("nic=eth0,=10", "=10");
	refuse("NIC=eth0", "NIC=eth0");
	refuse("ni=eth0", "ni=eth0");
	refuse("nic=eth0,mtu =1500", "mtu =1500");
	refuse("mtu=1500", "nic is missing");
	refuse("nic=eth0,nic=eth0", "twice");
	refuse("nic=eth0,mtu=1500,mtu=1400", "mtu=1400");
}

static void test_bad_nic(void **state)
{
	(void)state;
	refuse("nic=", "nic=");
	refuse("nic=.", "nic=.");
	refuse("nic=..", "nic=..");
	refuse("nic=../net", "nic=../net");
	refuse("nic=eth0:1", "nic=eth0:1");
	refuse("nic=eth 0", "nic=eth 0");
	refuse("nic=eth\n0", "nic=eth?0");
	refuse("nic=1234567890123456", "nic=1234567890123456");
	accept("nic=123456789012345");
}

static void test_bad_mac(void **state)
{
	(void)state;
	refuse("nic=e,mac=", "mac=");
	refuse("nic=e,mac=00:16:3e:12:34", "mac=00:16:3e:12:34");
	refuse("nic=e,mac=00:16:3e:12:34:5g", "mac=00:16:3e:12:34:5g");
	refuse("nic=e,mac=00-16-3e-12-34-56", "mac=00-16-3e-12-34-56");
	refuse("nic=e,mac=00:16:3e:12:34:56:78", "mac=00:16:3e:12:34:56:78");
	refuse("nic=e,mac=0:016:3e:12:34:56", "mac=0:016:3e:12:34:56");
	refuse("nic=e,mac=+0:16:3e:12:34:56", "mac=+0:16:3e:12:34:56");
	refuse("nic=e,mac=01:00:5e:00:00:01", "multicast");
	refuse("nic=e,mac=ff:ff:ff:ff:ff:ff", "multicast");
	refuse("nic=e,mac=00:00:00:00:00:00", "all zero");
}

static void test_bad_numbers(void **state)
{
	(void)state;
	refuse("nic=e,mtu=67", "68 to 65521");
	refuse("nic=e,mtu=65522", "68 to 65521");
	refuse("nic=e,mtu=", "68 to 65521");
	refuse("nic=e,mtu=0", "mtu=0");
	refuse("nic=e,mtu=-1500", "mtu=-1500");
	refuse("nic=e,mtu=+1500", "mtu=+1500");
	refuse("nic=e,mtu= 1500", "mtu= 1500");
	refuse("nic=e,mtu=1500x", "mtu=1500x");
	refuse("nic=e,mtu=0x5dc", "mtu=0x5dc");
	refuse("nic=e,mtu=4294968796", "mtu=4294968796");
	refuse("nic=e,mtu=18446744073709553116", "mtu=18446744073709553116");
	refuse("nic=e,queues=0", "1 to 16");
	refuse("nic=e,queues=17", "1 to 16");
	refuse("nic=e,ring-pages=4", "8 to 256");
	refuse("nic=e,ring-pages=512", "8 to 256");
	refuse("nic=e,ring-pages=96", "powers of two");
	refuse("nic=e,ring-pages=0", "ring-pages=0");
	refuse("nic=e,handle=256", "0 to 255");
	refuse("nic=e,handle=-1", "handle=-1");
}

static void test_long_values(void **state)
{
	char text[4096];

	(void)state;
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	refuse(text, "not KEY=VALUE");
	memcpy(text, "mtu=", 4);
	refuse(text, "too long");
	memcpy(text, "mtu;=", 5);
	refuse(text, "unknown option");
	text[sizeof(text) - 2] = ',';
	memcpy(text, "nic=", 4);
	refuse(text, "nic=");
}

/* Random text from the parser's own alphabet: no crash, and every answer is whole. */
static void test_random_text(void **state)
{
	static const char *const pieces[] = {
		"nic=", "mac=", "mtu=", "queues=", "ring-pages=", "handle=", ",", "=", ":",
		"bridge=", "script=", "ip=", " ",
		"eth0", "00:16:3e:12:34:56", "1500", "8", "4", "0", "x", "\x80", "\n", "%s%n",
	};
	struct attach_options options;
	struct failure failure;
	char text[512];
	int i, piece, ret;

	(void)state;
	srand(1);
	for (i = 0; i < 200000; i++) {
		text[0] = '\0';
		for (piece = rand() % 16; piece; piece--)
			strcat(text, pieces[rand() % (sizeof(pieces) / sizeof(pieces[0]))]);
		ret = attach_options_parse(text, &options, &failure);
		if (ret)
			assert_true(ret == FAILURE_INPUT && !strchr(failure.text, '\n'));
		else
			assert_true((options.nic[0] || options.bridge[0] || options.script[0]) &&
				    options.handle <= HANDLE_MAX);
	}
}

static void test_mac_derive(void **state)
{
	static const uint8_t xen[] = { 0x00, 0x16, 0x3e };
	uint8_t mac[MAC_BYTES], other[MAC_BYTES];
	char text[MAC_TEXT_BYTES];

	(void)state;
	mac_derive("u1", 0, 0, mac);
	assert_memory_equal(mac, xen, sizeof(xen));
	assert_true(mac[3] < 0x80);
	mac_derive("u1", 0, 0, other);
	assert_memory_equal(mac, other, MAC_BYTES);
	mac_derive("u2", 0, 0, other);
	assert_memory_not_equal(mac, other, MAC_BYTES);
	mac_derive("u1", 1, 0, other);
	assert_memory_not_equal(mac, other, MAC_BYTES);
	mac_derive("u1", 0, 1, other);
	assert_memory_not_equal(mac, other, MAC_BYTES);
	mac_format(mac, text);
	assert_true(mac_parse(text, other));
	assert_memory_equal(mac, other, MAC_BYTES);
	/* A guest keeps its address over releases: this value may not change. */
	assert_string_equal(text, "00:16:3e:71:04:0f");
}

#define PARSE(allowed, ...) \
	arguments_parse((char *[]){ __VA_ARGS__, NULL }, allowed, &arguments, &failure)

static void test_arguments(void **state)
{
	struct arguments arguments;
	struct failure failure;

	(void)state;
	assert_int_equal(PARSE(ARGUMENT_WAIT, "u1", "--wait", "0", "nic=e"), 0);
	assert_int_equal(arguments.n_words, 2);
	assert_string_equal(arguments.words[1], "nic=e");
	assert_int_equal(arguments.wait_seconds, 0);
	assert_int_equal(PARSE(ARGUMENT_WAIT, "--wait=3600", "--", "--wait"), 0);
	assert_int_equal(arguments.wait_seconds, 3600);
	assert_string_equal(arguments.words[0], "--wait");
	assert_int_equal(PARSE(ARGUMENT_FORCE, "--force"), 0);
	assert_true(arguments.force);
	assert_int_equal(arguments.wait_seconds, WAIT_DEFAULT_SECONDS);
	assert_int_equal(PARSE(0, "--help"), 0);
	assert_true(arguments.help);
	assert_int_equal(PARSE(ARGUMENT_INTERVAL | ARGUMENT_JSON, "--json", "--interval=5"), 0);
	assert_true(arguments.json);
	assert_int_equal(arguments.interval_seconds, 5);
	assert_int_equal(PARSE(ARGUMENT_WATCH, "u1"), 0);
	assert_int_equal(arguments.watch_seconds, 0);
	assert_int_equal(PARSE(ARGUMENT_WATCH, "u1", "--watch"), 0);
	assert_int_equal(arguments.watch_seconds, WATCH_DEFAULT_SECONDS);
	assert_int_equal(PARSE(ARGUMENT_WATCH, "--watch", "u1", "0"), 0);
	assert_int_equal(arguments.watch_seconds, WATCH_DEFAULT_SECONDS);
	assert_int_equal(arguments.n_words, 2);
	assert_int_equal(PARSE(ARGUMENT_WATCH, "--watch", "5", "u1"), 0);
	assert_int_equal(arguments.watch_seconds, 5);
	assert_string_equal(arguments.words[0], "u1");
	assert_int_equal(PARSE(ARGUMENT_WATCH, "--watch=60"), 0);
	assert_int_equal(arguments.watch_seconds, 60);
}

static void test_bad_arguments(void **state)
{
	struct arguments arguments;
	struct failure failure;

	(void)state;
	assert_int_equal(PARSE(0, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m",
			       "n", "o", "p", "q"), FAILURE_INPUT);
	assert_int_equal(PARSE(0, "--wait", "1"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WAIT, "--wait"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WAIT, "--wait="), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WAIT, "--wait", "3601"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WAIT, "--wait", "-1"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WAIT, "--waiter=1"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_FORCE, "--force=1"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_FORCE, "-f"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_INTERVAL, "--interval=0"), FAILURE_INPUT);
	assert_string_equal(failure.text, "--interval 0: allowed are 1 to 3600 seconds");
	assert_int_equal(PARSE(ARGUMENT_WATCH, "--watch=0"), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WATCH, "--watch="), FAILURE_INPUT);
	assert_int_equal(PARSE(ARGUMENT_WATCH, "--watch", "3601"), FAILURE_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_bridge),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_bad_nic),
		cmocka_unit_test(test_bad_mac),
		cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_random_text),
		cmocka_unit_test(test_mac_derive),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
