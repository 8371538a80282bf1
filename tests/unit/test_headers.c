// SPDX-License-Identifier: GPL-2.0-only
/* Proves that sums are taken where IPv6's headers lead, and segments counted. */
#include "unit.h"

#include "../../ring/headers.h"
#include "random.h"

/* A packet under construction: its headers, and what says the type of the next. */
struct packet {
	u8 bytes[2048];
	unsigned int length;
	u8 *next;
};

static void begin(struct packet *packet)
{
	/* Whatever is read by mistake is an extension header of 2,048 bytes. */
	memset(packet->bytes, 0xff, sizeof(packet->bytes));
	packet->length = 40;
	packet->next = &packet->bytes[6];
}

/* A header of @length bytes, which says @words of it. */
static void put(struct packet *packet, u8 type, u8 words, unsigned int length)
{
	u8 *header = &packet->bytes[packet->length];

	*packet->next = type;
	packet->next = header;
	header[1] = words;
	packet->length += length;
	assert_in_range(packet->length, 40, sizeof(packet->bytes));
}

/* Out of a block that ends two bytes behind the sum's beginning. */
static bool follows(const struct packet *packet, int start)
{
	size_t bytes = start < 0 ? 0 : start + 2;
	u8 *ip = malloc(bytes);
	bool good;

	assert_non_null(ip);
	memcpy(ip, packet->bytes, bytes);
	good = drain_sum_follows(ip, start);
	free(ip);
	return good;
}

/* The headers lead to their end, and nowhere else. */
static void ends(struct packet *packet, u8 type)
{
	int end = packet->length, start;

	*packet->next = type;
	for (start = -20; start < end; start++)
		if (follows(packet, start))
			fail_msg("headers of %d bytes, sum at %d", end, start);
	assert_true(follows(packet, end));
	for (start = end + 1; start < end + 100; start++)
		if (follows(packet, start))
			fail_msg("headers of %d bytes, sum at %d", end, start);
}

static void test_no_extension(void **state)
{
	struct packet packet;
	unsigned int type;

	(void)state;
	for (type = 0; type < 256; type++) {
		begin(&packet);
		*packet.next = type;
		assert_int_equal(follows(&packet, 40),
				 type != 0 && type != 43 && type != 44 && type != 51 &&
				 type != 59 && type != 60);
	}
	begin(&packet);
	ends(&packet, 6);
	ends(&packet, 17);
}

/* RFC 8200, section 4, and RFC 4302, section 2.2. */
static void test_each_extension(void **state)
{
	static const u8 eights[] = { 0, 43, 59, 60 };
	struct packet packet;
	unsigned int i, words;

	(void)state;
	for (words = 0; words < 20; words++) {
		for (i = 0; i < sizeof(eights); i++) {
			begin(&packet);
			put(&packet, eights[i], words, 8 + 8 * words);
			ends(&packet, 6);
		}
		begin(&packet);
		put(&packet, 51, words, 8 + 4 * words);
		ends(&packet, 6);
		/* What would be a length is reserved there. */
		begin(&packet);
		put(&packet, 44, words, 8);
		ends(&packet, 17);
	}
	begin(&packet);
	put(&packet, 0, 200, 1608);
	ends(&packet, 6);
}

static void test_chain(void **state)
{
	struct packet packet;

	(void)state;
	begin(&packet);
	put(&packet, 0, 0, 8);
	put(&packet, 60, 1, 16);
	put(&packet, 43, 2, 24);
	put(&packet, 44, 255, 8);
	put(&packet, 51, 4, 24);
	put(&packet, 60, 0, 8);
	ends(&packet, 6);
	assert_int_equal(packet.length, 128);
}

/* A chain that goes on where the sum begins does not lead to it. */
static void test_extension_at_the_sum(void **state)
{
	struct packet packet;

	(void)state;
	begin(&packet);
	put(&packet, 0, 0, 8);
	*packet.next = 60;
	assert_false(follows(&packet, 48));
	assert_false(follows(&packet, 49));
	assert_false(follows(&packet, 2046));
}

static void random_extension(struct random *random, struct packet *packet)
{
	static const u8 types[] = { 0, 43, 44, 51, 59, 60 };
	u8 type = types[random_below(random, sizeof(types))];
	u8 words = random_below(random, 4);
	unsigned int length = type == 44 ? 8 : type == 51 ? 8 + 4 * words : 8 + 8 * words;

	put(packet, type, words, length);
}

static void test_random_chains(void **state)
{
	struct packet packet;
	struct random random;
	unsigned int i, n;
	int start;

	(void)state;
	random_seed(&random, 5);
	for (i = 0; i < 20000; i++) {
		begin(&packet);
		for (n = random_below(&random, 8); n; n--)
			random_extension(&random, &packet);
		*packet.next = random_one_in(&random, 2) ? 6 : 17;
		assert_true(follows(&packet, packet.length));
		start = random_below(&random, 300);
		assert_int_equal(follows(&packet, start), start == (int)packet.length);
	}
}

static void test_headers_fit(void **state)
{
	(void)state;
	assert_true(drain_gso_headers_fit(54, 20));
	assert_true(drain_gso_headers_fit(219, 20));
	assert_false(drain_gso_headers_fit(220, 20));
	assert_true(drain_gso_headers_fit(179, 60));
	assert_false(drain_gso_headers_fit(180, 60));
	/* A header that says that it is shorter than it can be is the stack's to refuse. */
	assert_true(drain_gso_headers_fit(239, 0));
	assert_false(drain_gso_headers_fit(240, 0));
}

/* One at a time, until nothing is left. */
static unsigned int oracle_segments(unsigned int payload, unsigned int gso_size)
{
	unsigned int segments;

	for (segments = 0; payload; segments++)
		payload -= payload < gso_size ? payload : gso_size;
	return segments;
}

static void test_segments(void **state)
{
	unsigned int payload, gso_size;

	(void)state;
	for (gso_size = 256; gso_size <= 65535; gso_size += 97)
		for (payload = 0; payload <= 65553 - 34; payload += 61)
			if (drain_gso_segments(20 + payload, gso_size) !=
			    oracle_segments(payload, gso_size))
				fail_msg("%u bytes in segments of %u: %u", payload, gso_size,
					 drain_gso_segments(20 + payload, gso_size));
	assert_int_equal(drain_gso_segments(20, 256), 0);
	assert_int_equal(drain_gso_segments(20 + 1, 256), 1);
	assert_int_equal(drain_gso_segments(20 + 256, 256), 1);
	assert_int_equal(drain_gso_segments(20 + 257, 256), 2);
	/* The longest frame, cut into the shortest segments that there may be. */
	assert_int_equal(drain_gso_segments(65553 - 14, 256), 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_extension),
		cmocka_unit_test(test_each_extension),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_extension_at_the_sum),
		cmocka_unit_test(test_random_chains),
		cmocka_unit_test(test_headers_fit),
		cmocka_unit_test(test_segments),
	};

	return cmocka_run_group_tests_name("headers", tests, NULL, NULL);
}
