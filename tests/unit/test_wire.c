// SPDX-License-Identifier: GPL-2.0-only
/* Proves that the wire lies in memory byte for byte as PROTOCOL.md says. */
#include "unit.h"

#include "../../ring/wire.h"

static void test_frame_bytes(void **state)
{
	static const uint8_t expected[32] = {
		0xea, 0x05, 0x00, 0x00, 0x44, 0x33, 0x22, 0x11, 0x64, 0xa0, 0x81, 0x00,
		0x01, 0x02, 0x01, 0x04, 0x42, 0x00, 0xb4, 0x05, 0x22, 0x00, 0x10, 0x00,
	};
	const struct drain_frame frame = {
		.frame_bytes = cpu_to_le32(1514),
		.hash = cpu_to_le32(0x11223344),
		.vlan_tci = cpu_to_le16(0xa064),
		.vlan_proto = htobe16(0x8100),
		.flags = DRAIN_FRAME_VLAN,
		.hash_type = DRAIN_HASH_L4,
		.offload = {
			.flags = 1,
			.gso_type = 4,
			.hdr_len = cpu_to_le16(66),
			.gso_size = cpu_to_le16(1460),
			.csum_start = cpu_to_le16(34),
			.csum_offset = cpu_to_le16(16),
		},
	};

	(void)state;
	assert_int_equal(sizeof(frame), sizeof(expected));
	/* 802.1Q's EtherType is in network order, everything else little-endian. */
	assert_int_equal(((const uint8_t *)&frame)[10], 0x81);
	assert_memory_equal(&frame, expected, sizeof(expected));
}

static void test_lines_have_one_writer(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct drain_ring, producer), 0);
	assert_int_equal(offsetof(struct drain_ring, producer_counts), 64);
	assert_int_equal(offsetof(struct drain_ring, consumer), 128);
	assert_int_equal(offsetof(struct drain_ring, consumer_counts), 192);
	assert_int_equal(offsetof(struct drain_producer_line, prod), 0);
	assert_int_equal(offsetof(struct drain_producer_line, wake_at), 4);
	assert_int_equal(offsetof(struct drain_consumer_line, limit), 0);
	assert_int_equal(offsetof(struct drain_consumer_line, event_at), 4);
	assert_int_equal(offsetof(struct drain_consumer_line, gap_usecs), 8);
}

static void test_control_block(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct drain_control, to_guest), 0);
	assert_int_equal(offsetof(struct drain_control, to_host), 256);
	assert_int_equal(offsetof(struct drain_control, to_guest_refs), 512);
	assert_int_equal(offsetof(struct drain_control, to_host_refs), 1536);
	assert_int_equal(sizeof(struct drain_control), 2560);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(DRAIN_PAGE_BYTES, 4096);
	assert_int_equal(DRAIN_PAGE_BYTES % DRAIN_ALIGN_BYTES, 0);
	assert_int_equal(DRAIN_FRAME_MIN_BYTES, 14);
	assert_int_equal(DRAIN_FRAME_MAX_BYTES, 65553);
	/* Differences of indices are exact only well below 2^31. */
	assert_true(DRAIN_RING_PAGES_MAX * DRAIN_PAGE_BYTES < 1u << 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_bytes),
		cmocka_unit_test(test_lines_have_one_writer),
		cmocka_unit_test(test_control_block),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
