// SPDX-License-Identifier: GPL-2.0-only
/*
 * stream send HOST PORT BYTES [SEED]
 * stream recv PORT BYTES [SEED]
 *
 * TCP transfer of seeded random payload. The receiver computes the same
 * bytes and compares as they arrive: what TCP's checksum lets through, or a
 * driver marked as checked without checking, shows here.
 */
#include "inet.h"

#define CHUNK_BYTES	(256 << 10)
#define STALL_SECONDS	60	/* longer than it takes to save and restore a guest */

static const char usage[] =
	"usage: stream send HOST PORT BYTES [SEED] | recv PORT BYTES [SEED]";

static uint8_t chunk[CHUNK_BYTES], expected[CHUNK_BYTES];

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int report(const char *verb, uint64_t done, uint64_t bytes,
		  int64_t start)
{
	double seconds = (now_ns() - start) / 1e9;

	printf("%s %" PRIu64 " of %" PRIu64 " bytes, %.1f Mbit/s\n", verb, done,
	       bytes, seconds > 0 ? done * 8 / seconds / 1e6 : 0);
	return done != bytes;
}

static bool send_chunk(int fd, size_t bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes) {
		n = send_again(fd, chunk + done, bytes - done);
		if (n <= 0) {
			fprintf(stderr, "send: %m\n");
			return false;
		}
		done += n;
	}
	return true;
}

/* The receiver closes when it has everything, or at the first wrong byte. */
static bool peer_is_content(int fd)
{
	uint8_t answer;

	shutdown(fd, SHUT_WR);
	return recv_again(fd, &answer, 1) == 1 && answer == 'y';
}

static int send_stream(int fd, uint64_t bytes, uint64_t seed)
{
	int64_t start = now_ns();
	uint64_t done = 0;
	size_t step;

	while (done < bytes) {
		step = smaller(bytes - done, CHUNK_BYTES);
		random_fill(&seed, chunk, step);
		if (!send_chunk(fd, step))
			return report("sent", done, bytes, start) || 1;
		done += step;
	}
	if (!peer_is_content(fd)) {
		fprintf(stderr, "the receiver did not confirm\n");
		return 1;
	}
	return report("sent", done, bytes, start);
}

static bool matches(uint64_t at, size_t bytes)
{
	size_t i;

	if (!memcmp(chunk, expected, bytes))
		return true;
	for (i = 0; chunk[i] == expected[i]; i++)
		;
	printf("mismatch at byte %" PRIu64 ": 0x%02x, expected 0x%02x\n",
	       at + i, chunk[i], expected[i]);
	return false;
}

/* Less than that many only at the end. */
static size_t receive_chunk(int fd, size_t bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes) {
		n = recv_again(fd, chunk + done, bytes - done);
		if (n <= 0)
			break;
		done += n;
	}
	return done;
}

static int receive_stream(int fd, uint64_t bytes, uint64_t seed)
{
	int64_t start = now_ns();
	uint64_t done = 0;
	size_t step, n;

	while (done < bytes) {
		step = smaller(bytes - done, CHUNK_BYTES);
		n = receive_chunk(fd, step);
		random_fill(&seed, expected, n);
		if (!matches(done, n))
			return 1;
		done += n;
		if (n < step)
			break;
	}
	if (done == bytes && recv_again(fd, chunk, 1) != 0) {
		printf("bytes after the end\n");
		return 1;
	}
	if (done == bytes)
		send_again(fd, "y", 1);
	return report("received", done, bytes, start);
}

int main(int argc, char **argv)
{
	bool sending = argc >= 5 && !strcmp(argv[1], "send");
	int at = sending ? 4 : 3;
	uint64_t bytes, seed;
	int fd;

	if (!sending && (argc < 4 || strcmp(argv[1], "recv")))
		die("%s", usage);
	bytes = strtoull(argv[at], NULL, 0);
	seed = argc > at + 1 ? strtoull(argv[at + 1], NULL, 0) : 1;

	fd = sending ? tcp_connect(argv[2], argv[3]) : tcp_accept(argv[2]);
	give_up_after(fd, STALL_SECONDS);
	return sending ? send_stream(fd, bytes, seed) :
			 receive_stream(fd, bytes, seed);
}
