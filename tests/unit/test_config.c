// SPDX-License-Identifier: GPL-2.0-only
/* Proves that a domain's config is found by its name, and read as xl reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before cmocka.h, whose macro fail() would rewrite our function of that name. */
#include "../../tools/config.h"

#include <cmocka.h>

static struct domain_config config;
static struct failure failure;

static int parse(const char *text)
{
	memset(&config, 0, sizeof(config));
	memset(&failure, 0, sizeof(failure));
	return config_parse(text, strlen(text), "/etc/xen/u1.cfg", "u1", &config, &failure);
}

static void expect_entries(size_t count, const char *first, const char *second)
{
	assert_int_equal(config.count, count);
	if (first)
		assert_string_equal(config.entries[0], first);
	if (second)
		assert_string_equal(config.entries[1], second);
	config_free(&config);
}

static void test_entries(void **state)
{
	(void)state;
	assert_int_equal(parse("name = 'u1'\n"
			       "vdrain = [ 'nic=eth0,mtu=9000', \"bridge=xenbr0\" ]\n"), 0);
	assert_string_equal(config.file, "/etc/xen/u1.cfg");
	expect_entries(2, "nic=eth0,mtu=9000", "bridge=xenbr0");
	assert_int_equal(parse("# a comment\nvdrain=[\n'nic=a',\n 'nic=b',\n]\nname=\"u1\"\n"), 0);
	expect_entries(2, "nic=a", "nic=b");
	assert_int_equal(parse("name='u1'; vdrain=[]"), 0);
	expect_entries(0, NULL, NULL);
	assert_int_equal(parse("name='u1'\nvif=['bridge=xenbr0']\n"), 0);
	assert_string_equal(config.file, "/etc/xen/u1.cfg");
	expect_entries(0, NULL, NULL);
	/* Anything goes here; what is in an entry is judged elsewhere. */
	assert_int_equal(parse("name='u1'\nvdrain=['']\n"), 0);
	expect_entries(1, "", NULL);
}

static void test_other_names(void **state)
{
	(void)state;
	assert_int_equal(parse("name='u10'\nvdrain=['nic=eth0']\n"), 0);
	assert_string_equal(config.file, "");
	expect_entries(0, NULL, NULL);
	assert_int_equal(parse("vdrain=['nic=eth0']\n"), 0);
	assert_string_equal(config.file, "");
	assert_int_equal(parse("name=['u1']\nvdrain=['nic=eth0']\n"), 0);
	assert_string_equal(config.file, "");
	assert_int_equal(parse(""), 0);
}

static void test_malformed(void **state)
{
	(void)state;
	assert_int_equal(parse("name='u1'\nvdrain='nic=eth0'\n"), FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "/etc/xen/u1.cfg: vdrain is not a list"));
	assert_int_equal(parse("name='u1'\nvdrain=[['nic=eth0'],'nic=eth1']\n"), 0);
	assert_null(config.entries[0]);
	expect_entries(2, NULL, "nic=eth1");
	assert_int_equal(parse("name='u1'\nvdrain=[ 'nic=eth0'\n\nif x:\n"), FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "/etc/xen/u1.cfg"));
	assert_null(strchr(failure.text, '\n'));
	assert_int_equal(config.count, 0);
}

/* libxlutil would end this program at such a string. */
static void test_zero_byte(void **state)
{
	static const char text[] = "name='u1'\nvdrain=['nic=\0eth0']\n";

	(void)state;
	assert_int_equal(config_parse(text, sizeof(text) - 1, "/etc/xen/u1.cfg", "u1", &config,
				      &failure), FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "/etc/xen/u1.cfg: has a zero byte"));
	assert_int_equal(config.count, 0);
}

#define TEMPLATE "/tmp/test_config.XXXXXX"

/* A directory of its own for each test. */
static char top[sizeof(TEMPLATE)];
static const char *directories[2];

static void put(const char *directory, const char *name, const char *text)
{
	char file[256];
	FILE *stream;

	snprintf(file, sizeof(file), "%s/%s", directory, name);
	stream = fopen(file, "w");
	assert_non_null(stream);
	fputs(text, stream);
	fclose(stream);
}

static int set_up(void **state)
{
	static char first[64], second[64];

	(void)state;
	memcpy(top, TEMPLATE, sizeof(TEMPLATE));
	if (!mkdtemp(top))
		return -1;
	snprintf(first, sizeof(first), "%s/xen", top);
	snprintf(second, sizeof(second), "%s/auto", top);
	directories[0] = first;
	directories[1] = second;
	return mkdir(first, 0700) || mkdir(second, 0700);
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return system(command);
}

static int find(const char *name)
{
	memset(&failure, 0, sizeof(failure));
	return config_find(directories, 2, name, &config, &failure);
}

static void test_find(void **state)
{
	(void)state;
	put(directories[0], "a.cfg", "name='other'\nvdrain=['nic=no']\n");
	put(directories[0], "b.cfg", "name='u1'\nvdrain=['nic=yes']\n");
	put(directories[1], "a.cfg", "name='u1'\nvdrain=['nic=late']\n");
	put(directories[1], "u2", "name='u2'\nvdrain=['nic=two']\n");
	assert_int_equal(find("u1"), 0);
	assert_non_null(strstr(config.file, "/xen/b.cfg"));
	expect_entries(1, "nic=yes", NULL);
	assert_int_equal(find("u2"), 0);
	expect_entries(1, "nic=two", NULL);
	assert_int_equal(find("u3"), 0);
	assert_string_equal(config.file, "");
	assert_int_equal(config.count, 0);
}

static void test_find_ignores(void **state)
{
	char directory[128];

	(void)state;
	put(directories[0], ".u1.cfg.swp", "name='u1'\nvdrain=['nic=hidden']\n");
	put(directories[0], "u1.cfg~", "name='u1'\nvdrain=['nic=old']\n");
	put(directories[0], "u1.cfg.dpkg-dist", "name='u1'\nvdrain=['nic=new']\n");
	put(directories[0], "README", "This is not a config, whatever it says of vdrain.\n");
	put(directories[0], "empty", "");
	snprintf(directory, sizeof(directory), "%s/u1.d", directories[0]);
	assert_int_equal(mkdir(directory, 0700), 0);
	snprintf(directory, sizeof(directory), "%s/fifo", directories[0]);
	assert_int_equal(mkfifo(directory, 0700), 0);
	assert_int_equal(find("u1"), 0);
	assert_string_equal(config.file, "");
	directories[0] = "/nowhere";
	assert_int_equal(find("u1"), 0);
}

/* A broken file is named if it may be the domain's, and no other is. */
static void test_find_broken(void **state)
{
	(void)state;
	put(directories[0], "a.cfg", "name='u1'\nvdrain=[ 'nic=eth0'\n");
	assert_int_equal(find("u1"), FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "/xen/a.cfg"));
	assert_int_equal(find("u2"), 0);
	put(directories[1], "u1", "name='u1'\nvdrain=['nic=eth1']\n");
	assert_int_equal(find("u1"), 0);
	expect_entries(1, "nic=eth1", NULL);
	put(directories[1], "u1", "name='u1'\nvdrain='nic=eth1'\n");
	assert_int_equal(find("u1"), FAILURE_INPUT);
	assert_non_null(strstr(failure.text, "/auto/u1: vdrain is not a list"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_other_names),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_zero_byte),
		cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_find_ignores, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_find_broken, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
