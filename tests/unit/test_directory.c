// SPDX-License-Identifier: GPL-2.0-only
/* Proves that the directory carries every grant reference, and which ring sizes there are. */
#include "unit.h"

#include "../../ring/directory.h"

static void test_ring_pages(void **state)
{
	uint32_t pages;

	(void)state;
	for (pages = 0; pages < 70000; pages++) {
		bool valid = pages == 8 || pages == 16 || pages == 32 || pages == 64 ||
			     pages == 128 || pages == 256;

		if (drain_ring_pages_valid(pages) != valid)
			fail_msg("%u pages: valid is %d", pages, !valid);
	}
	for (pages = 17; pages < 32; pages++)
		assert_false(drain_ring_pages_valid(1u << pages));
	assert_false(drain_ring_pages_valid(UINT32_MAX));
	assert_false(drain_ring_pages_valid(UINT32_MAX - 7));
	assert_true(drain_ring_pages_valid(DRAIN_RING_PAGES_DEFAULT));
}

static void test_write_then_read(void **state)
{
	uint32_t refs[DRAIN_RING_PAGES_MAX], back[DRAIN_RING_PAGES_MAX] = { 0 };
	struct drain_control control;
	unsigned int i;

	(void)state;
	memset(&control, 0x5a, sizeof(control));
	for (i = 0; i < DRAIN_RING_PAGES_MAX; i++)
		refs[i] = 0xfedcba98 - i * 0x01010101;
	drain_directory_write(control.to_guest_refs, refs, DRAIN_RING_PAGES_MAX);
	drain_directory_read(back, control.to_guest_refs, DRAIN_RING_PAGES_MAX);
	assert_memory_equal(refs, back, sizeof(refs));
	/* The other ring's directory begins right behind. */
	assert_int_equal(control.to_host_refs[0], 0x5a5a5a5a);
}

static void test_only_as_many_as_asked(void **state)
{
	uint32_t refs[DRAIN_RING_PAGES_MIN] = { 1, 2, 3, 4, 5, 6, 7, 0x01020304 };
	uint32_t back[DRAIN_RING_PAGES_MIN + 1] = { 0 };
	struct drain_control control;

	(void)state;
	memset(&control, 0, sizeof(control));
	drain_directory_write(control.to_host_refs, refs, DRAIN_RING_PAGES_MIN);
	assert_int_equal(((const uint8_t *)&control.to_host_refs[7])[0], 4);
	assert_int_equal(control.to_host_refs[8], 0);
	control.to_host_refs[8] = cpu_to_le32(77);
	drain_directory_read(back, control.to_host_refs, DRAIN_RING_PAGES_MIN);
	assert_memory_equal(refs, back, sizeof(refs));
	assert_int_equal(back[8], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_pages),
		cmocka_unit_test(test_write_then_read),
		cmocka_unit_test(test_only_as_many_as_asked),
	};

	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
