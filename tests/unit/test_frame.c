// SPDX-License-Identifier: GPL-2.0-only
/* Proves that exactly the frame headers that can be are accepted. */
#include "unit.h"

#include "../../ring/frame.h"
#include "random.h"

#define LENGTHS		70000u

/* Independent of the header: in 64 bits, by division, from the text. */
static uint64_t oracle_room(uint64_t frame_bytes)
{
	return 32 + (frame_bytes + 31) / 32 * 32;
}

static uint64_t oracle_max(uint64_t ring_bytes)
{
	uint64_t max = 0;

	while (max < 65535 + 18 && oracle_room(max + 1) * 2 <= ring_bytes)
		max++;
	return max;
}

static void test_room(void **state)
{
	uint32_t frame_bytes;

	(void)state;
	assert_int_equal(drain_frame_room(14), 64);
	assert_int_equal(drain_frame_room(32), 64);
	assert_int_equal(drain_frame_room(33), 96);
	for (frame_bytes = 0; frame_bytes <= LENGTHS; frame_bytes++)
		if (drain_frame_room(frame_bytes) != oracle_room(frame_bytes))
			fail_msg("%u bytes take %u", frame_bytes, drain_frame_room(frame_bytes));
}

static void test_max_bytes(void **state)
{
	uint32_t pages;

	(void)state;
	for (pages = DRAIN_RING_PAGES_MIN; pages <= DRAIN_RING_PAGES_MAX; pages *= 2)
		assert_int_equal(drain_frame_max_bytes(pages * 4096), oracle_max(pages * 4096));
	assert_int_equal(drain_frame_max_bytes(8 * 4096), 16352);
	assert_int_equal(drain_frame_max_bytes(32 * 4096), 65504);
	assert_int_equal(drain_frame_max_bytes(64 * 4096), 65553);
}

static void check_length(uint32_t frame_bytes, uint32_t available, uint32_t ring_bytes,
			 uint64_t max)
{
	bool fits = frame_bytes >= 14 && frame_bytes <= max &&
		    oracle_room(frame_bytes) <= available;
	int err = drain_frame_check_length(frame_bytes, available, ring_bytes);

	if (err != (fits ? 0 : -EPROTO))
		fail_msg("%u bytes, %u available, ring of %u: %d", frame_bytes, available,
			 ring_bytes, err);
}

static void test_every_length(void **state)
{
	uint32_t pages, frame_bytes, room;
	uint64_t max;

	(void)state;
	for (pages = DRAIN_RING_PAGES_MIN; pages <= DRAIN_RING_PAGES_MAX; pages *= 2) {
		max = oracle_max(pages * 4096);
		for (frame_bytes = 0; frame_bytes <= LENGTHS; frame_bytes++) {
			room = oracle_room(frame_bytes);
			check_length(frame_bytes, 0, pages * 4096, max);
			check_length(frame_bytes, 32, pages * 4096, max);
			check_length(frame_bytes, room - 32, pages * 4096, max);
			check_length(frame_bytes, room - 1, pages * 4096, max);
			check_length(frame_bytes, room, pages * 4096, max);
			check_length(frame_bytes, pages * 4096, pages * 4096, max);
			check_length(frame_bytes, UINT32_MAX, pages * 4096, max);
		}
	}
}

static void test_lengths_that_overflow(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		assert_int_equal(drain_frame_check_length(UINT32_MAX - i, UINT32_MAX, 1u << 20),
				 -EPROTO);
		assert_int_equal(drain_frame_check_length((1u << 31) - 100 + i, UINT32_MAX,
							  1u << 20), -EPROTO);
	}
}

static struct drain_frame plain_frame(uint32_t frame_bytes)
{
	return (struct drain_frame){ .frame_bytes = cpu_to_le32(frame_bytes) };
}

static struct drain_frame sum_frame(uint32_t frame_bytes, uint16_t start, uint16_t offset)
{
	struct drain_frame frame = plain_frame(frame_bytes);

	frame.offload.flags = DRAIN_OFFLOAD_NEEDS_CSUM;
	frame.offload.csum_start = cpu_to_le16(start);
	frame.offload.csum_offset = cpu_to_le16(offset);
	return frame;
}

static void assert_fields(struct drain_frame frame, bool good)
{
	assert_int_equal(drain_frame_check_fields(&frame), good ? 0 : -EINVAL);
}

static void test_flags_and_hash(void **state)
{
	struct drain_frame frame = plain_frame(60);
	unsigned int value;

	(void)state;
	assert_fields(frame, true);
	for (value = 0; value < 256; value++) {
		frame = plain_frame(60);
		frame.flags = value;
		assert_fields(frame, value <= 1);
		frame = plain_frame(60);
		frame.hash_type = value;
		assert_fields(frame, value <= 2);
		frame = plain_frame(60);
		frame.offload.flags = value;
		/* With a sum wanted, csum_start 0 is inside the Ethernet header. */
		assert_fields(frame, value == 0 || value == 2);
		frame = sum_frame(60, 34, 16);
		frame.offload.flags = value;
		assert_fields(frame, value <= 3);
		frame = plain_frame(60);
		memset(frame.reserved, value, sizeof(frame.reserved));
		assert_fields(frame, true);
	}
}

static bool oracle_gso(unsigned int type)
{
	return type == 1 || type == 4 || type == 0x81 || type == 0x84;
}

static void test_every_gso_type(void **state)
{
	struct drain_frame frame;
	unsigned int type;

	(void)state;
	for (type = 0; type < 256; type++) {
		frame = sum_frame(3000, 34, 16);
		frame.offload.gso_type = type;
		frame.offload.gso_size = cpu_to_le16(1448);
		assert_fields(frame, oracle_gso(type) || !type);
		frame.offload.gso_size = 0;
		assert_fields(frame, !type);
		frame.offload.gso_size = cpu_to_le16(1448);
		frame.offload.flags = 0;
		assert_fields(frame, !type);
		frame.offload.flags = DRAIN_OFFLOAD_DATA_VALID;
		assert_fields(frame, !type);
	}
}

static void test_sum_bounds(void **state)
{
	(void)state;
	assert_fields(sum_frame(60, 13, 16), false);
	assert_fields(sum_frame(60, 14, 16), true);
	assert_fields(sum_frame(60, 42, 16), true);
	assert_fields(sum_frame(60, 43, 16), false);
	assert_fields(sum_frame(60, 58, 0), true);
	assert_fields(sum_frame(60, 59, 0), false);
	assert_fields(sum_frame(14, 14, 0), false);
	assert_fields(sum_frame(16, 14, 0), true);
	assert_fields(sum_frame(65553, 65535, 16), true);
	assert_fields(sum_frame(65553, 65535, 17), false);
	/* Would wrap, were the end of the sum a 16-bit number. */
	assert_fields(sum_frame(65553, 65535, 65535), false);
	assert_fields(sum_frame(65553, 40000, 40000), false);
}

/* Everything that a consumer goes by must hold in what is accepted. */
static void assert_possible(const struct drain_frame *frame, uint32_t frame_bytes)
{
	const struct drain_offload *offload = &frame->offload;
	uint64_t start = le16_to_cpu(offload->csum_start);
	uint64_t end = start + le16_to_cpu(offload->csum_offset) + 2;

	assert_in_range(frame->hash_type, 0, 2);
	assert_in_range(frame->flags, 0, 1);
	assert_in_range(offload->flags, 0, 3);
	if (offload->flags & 1)
		assert_true(start >= 14 && end <= frame_bytes);
	if (offload->gso_type) {
		assert_true(oracle_gso(offload->gso_type));
		assert_true(offload->flags & 1);
		assert_int_not_equal(offload->gso_size, 0);
	}
}

/* Random bytes, with some bytes made plausible, or hardly any would pass. */
static void random_frame(struct random *random, struct drain_frame *frame)
{
	uint8_t *bytes = (uint8_t *)frame;
	unsigned int i;

	for (i = 0; i < sizeof(*frame); i++)
		bytes[i] = random_u32(random);
	if (!random_one_in(random, 4))
		frame->flags &= 1;
	if (!random_one_in(random, 4))
		frame->hash_type &= 3;
	if (!random_one_in(random, 4))
		frame->offload.flags &= 3;
	if (!random_one_in(random, 4))
		frame->offload.gso_type &= 0x85;
	if (random_one_in(random, 2))
		frame->offload.gso_type = 0;
	if (!random_one_in(random, 4))
		frame->frame_bytes = cpu_to_le32(random_below(random, LENGTHS));
	if (random_one_in(random, 2)) {
		frame->offload.csum_start = cpu_to_le16(random_below(random, 2000));
		frame->offload.csum_offset = cpu_to_le16(random_below(random, 2000));
	}
}

static void test_random_headers(void **state)
{
	unsigned int accepted = 0, i;
	struct drain_frame frame;
	struct random random;
	uint32_t frame_bytes;

	(void)state;
	random_seed(&random, 3);
	for (i = 0; i < 3000000; i++) {
		random_frame(&random, &frame);
		frame_bytes = le32_to_cpu(frame.frame_bytes);
		if (drain_frame_check_length(frame_bytes, 1u << 20, 1u << 20))
			continue;
		assert_in_range(frame_bytes, 14, 65553);
		if (drain_frame_check_fields(&frame))
			continue;
		assert_possible(&frame, frame_bytes);
		accepted++;
	}
	/* The test means something only if both answers are frequent. */
	assert_in_range(accepted, 100000, 2000000);
}

static void test_segments(void **state)
{
	const uint8_t types[] = { 0, 1, 4, 0x81, 0x84 };
	struct drain_frame frame = sum_frame(60000, 34, 16);
	unsigned int i, size;

	(void)state;
	for (i = 0; i < sizeof(types); i++)
		for (size = 0; size <= UINT16_MAX; size++) {
			frame.offload.gso_type = types[i];
			frame.offload.gso_size = cpu_to_le16(size);
			assert_int_equal(drain_frame_check_to_host(&frame),
					 !types[i] || size >= 256 ? 0 : -EINVAL);
		}
}

static void test_sum_near_the_beginning(void **state)
{
	struct drain_frame frame;
	unsigned int start, offset;

	(void)state;
	for (start = 0; start < 600; start++)
		for (offset = 0; offset < 300; offset++) {
			frame = sum_frame(60000, start, offset);
			assert_int_equal(drain_frame_check_to_host(&frame),
					 start + offset + 2 <= 240 ? 0 : -EINVAL);
		}
	/* Where there is no sum to make, nothing is said of where it is. */
	frame = sum_frame(60000, 50000, 16);
	frame.offload.flags = 0;
	assert_int_equal(drain_frame_check_to_host(&frame), 0);
	frame.offload.flags = DRAIN_OFFLOAD_NEEDS_CSUM;
	frame.offload.csum_start = cpu_to_le16(UINT16_MAX);
	frame.offload.csum_offset = cpu_to_le16(UINT16_MAX);
	assert_int_equal(drain_frame_check_to_host(&frame), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_max_bytes),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_lengths_that_overflow),
		cmocka_unit_test(test_flags_and_hash),
		cmocka_unit_test(test_every_gso_type),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_sum_near_the_beginning),
		cmocka_unit_test(test_sum_bounds),
		cmocka_unit_test(test_random_headers),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
