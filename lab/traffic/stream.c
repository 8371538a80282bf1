// SPDX-License-Identifier: GPL-2.0-only
/*
 * stream send HOST PORT BYTES [SEED [BYTES-A-SECOND]]
 * stream recv PORT BYTES [SEED]
 *
 * BYTES is 0 for a stream that lasts until the sender gets SIGTERM.
 *
 * TCP transfer of seeded random payload. The receiver computes the same
 * bytes and compares as they arrive: what TCP's checksum lets through, or a
 * driver marked as checked without checking, shows here.
 */
#include "inet.h"

#define CHUNK_BYTES	(256 << 10)
#define STALL_SECONDS	60	/* longer than it takes to save and restore a guest */

static const char usage[] =
	"usage: stream send HOST PORT BYTES [SEED [BYTES-A-SECOND]] | recv PORT BYTES [SEED]";

static volatile sig_atomic_t told_to_end;
static uint8_t chunk[CHUNK_BYTES], expected[CHUNK_BYTES];

static void on_term(int signal)
{
	(void)signal;
	told_to_end = 1;
}

/* Of a stream of that many bytes, or without end, the next bytes to move. */
static size_t next_step(uint64_t done, uint64_t bytes)
{
	if (!bytes)
		return CHUNK_BYTES;
	return bytes - done < CHUNK_BYTES ? bytes - done : CHUNK_BYTES;
}

/* TCP paces itself; no queueing discipline is needed, and none gets lost. */
static void pace(int fd, const char *rate)
{
	uint64_t bytes_a_second = strtoull(rate, NULL, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_a_second,
		       sizeof(bytes_a_second)))
		die("rate %s: %m", rate);
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

	while (bytes ? done < bytes : !told_to_end) {
		step = next_step(done, bytes);
		random_fill(&seed, chunk, step);
		if (!send_chunk(fd, step))
			return report("sent", done, bytes, start) || 1;
		done += step;
	}
	bytes = done;
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

	while (!bytes || done < bytes) {
		step = next_step(done, bytes);
		n = receive_chunk(fd, step);
		random_fill(&seed, expected, n);
		if (!matches(done, n))
			return 1;
		done += n;
		if (n < step)
			break;
	}
	bytes = bytes ? bytes : done;
	if (done == bytes && recv_again(fd, chunk, 1) != 0) {
		printf("no end where the end should be\n");
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
	if (sending && argc > at + 2)
		pace(fd, argv[at + 2]);
	if (sending && !bytes)
		signal(SIGTERM, on_term);
	return sending ? send_stream(fd, bytes, seed) :
			 receive_stream(fd, bytes, seed);
}
