// SPDX-License-Identifier: GPL-2.0-only
/*
 * udp send HOST PORT SIZE COUNT [RATE]   SIZE is the payload's
 * udp recv PORT COUNT [TIMEOUT_MS]
 *
 * Numbered datagrams, unpaced unless RATE is given. The sink says how many
 * came, how many of them twice and how many late; it ends when COUNT have
 * come or TIMEOUT_MS after the last one.
 */
#include <poll.h>

#include "inet.h"

#define DATAGRAM_MAX	65507
#define BUFFER_BYTES	(256 << 20)

static const char usage[] =
"usage: udp send HOST PORT SIZE COUNT [RATE] | recv PORT COUNT [TIMEOUT_MS]";

static uint8_t datagram[DATAGRAM_MAX];

static void sleep_until(int64_t when)
{
	struct timespec at = {
		.tv_sec = when / NSEC_PER_SEC,
		.tv_nsec = when % NSEC_PER_SEC,
	};

	if (now_ns() < when)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int udp_send(char **argv, uint64_t rate)
{
	struct sockaddr_in6 to = inet_parse(argv[0], argv[1]);
	uint64_t count = strtoull(argv[3], NULL, 0), sent = 0;
	size_t bytes = strtoul(argv[2], NULL, 0);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	int64_t start = now_ns();
	uint32_t i, number;

	if (bytes < sizeof(number) || bytes > DATAGRAM_MAX)
		die("SIZE is %zu, allowed 4 to %d", bytes, DATAGRAM_MAX);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect: %m");
	for (i = 0; i < count; i++) {
		number = htonl(i);
		memcpy(datagram, &number, sizeof(number));
		if (rate)
			sleep_until(start + i * NSEC_PER_SEC / rate);
		sent += send(fd, datagram, bytes, 0) == (ssize_t)bytes;
	}
	printf("sent %" PRIu64 " ns %" PRId64 "\n", sent, now_ns() - start);
	return 0;
}

static int udp_receive(const char *port, uint32_t count, int timeout_ms)
{
	uint32_t number, next = 0, received = 0, duplicate = 0, late = 0;
	int fd = inet_bind(SOCK_DGRAM, port), bytes = BUFFER_BYTES;
	struct pollfd pollfd = { fd, POLLIN, 0 };
	uint8_t *seen = calloc(count, 1);
	ssize_t n;

	if (!seen)
		die("no memory");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	say_ready();
	while (received < count && poll(&pollfd, 1, timeout_ms) > 0) {
		n = recv(fd, datagram, sizeof(datagram), 0);
		if (n < (ssize_t)sizeof(number))
			continue;
		memcpy(&number, datagram, sizeof(number));
		number = ntohl(number);
		if (number >= count)
			continue;
		if (seen[number]++) {
			duplicate++;
			continue;
		}
		received++;
		late += number < next;
		next = number + 1;
	}
	printf("received %u of %u duplicate %u late %u\n", received, count,
	       duplicate, late);
	free(seen);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && !strcmp(argv[1], "send"))
		return udp_send(argv + 2, argc > 6 ? atoi(argv[6]) : 0);
	if (argc >= 4 && !strcmp(argv[1], "recv"))
		return udp_receive(argv[2], atoi(argv[3]),
				   argc > 4 ? atoi(argv[4]) : 2000);
	die("%s", usage);
}
