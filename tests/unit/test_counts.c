// SPDX-License-Identifier: GPL-2.0-only
/* Proves that the peer's counters and indices are read as little-endian numbers. */
#include "unit.h"

#include "../../ring/counts.h"

static void test_values(void **state)
{
	static const uint64_t values[] = { 0, 1, UINT32_MAX, 1ull << 32, UINT64_MAX };
	__le64 shared;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		shared = cpu_to_le64(values[i]);
		assert_true(drain_count(&shared) == values[i]);
	}
}

static void test_byte_order(void **state)
{
	static const uint8_t bytes[8] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	__le64 shared;

	(void)state;
	memcpy(&shared, bytes, sizeof(shared));
	assert_true(drain_count(&shared) == 0x0102030405060708ull);
}

static void test_word(void **state)
{
	static const uint8_t bytes[4] = { 4, 3, 2, 1 };
	__le32 shared;

	(void)state;
	memcpy(&shared, bytes, sizeof(shared));
	assert_true(drain_word(&shared) == 0x01020304u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_byte_order),
		cmocka_unit_test(test_word),
	};

	return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
