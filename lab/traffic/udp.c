// SPDX-License-Identifier: GPL-2.0-only
/*
 * udp send HOST PORT SIZE COUNT [RATE]   SIZE is the payload's
 * udp recv PORT COUNT [TIMEOUT_MS [merged]]
 *
 * Numbered datagrams, unpaced unless RATE is given. The sink says how many
 * came, how many of them twice and how many late, and how many came behind
 * another in one piece, for which it asks if it is to have them "merged"; it
 * ends when COUNT have come or TIMEOUT_MS after the last one.
 */
#include <netinet/udp.h>
#include <poll.h>

#include "inet.h"

#ifndef UDP_GRO
#define UDP_GRO		104	/* linux/udp.h, which netinet/udp.h excludes */
#endif

#define DATAGRAM_MAX	65507
#define BUFFER_BYTES	(256 << 20)

static const char usage[] =
"usage: udp send HOST PORT SIZE COUNT [RATE] | recv PORT COUNT [TIMEOUT_MS [merged]]";

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

/* One or several of a length; sets it. */
static ssize_t receive_some(int fd, ssize_t *length)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec piece = { datagram, sizeof(datagram) };
	struct msghdr message = {
		.msg_iov = &piece, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &message, 0);
	struct cmsghdr *said;
	int bytes;

	*length = n;
	for (said = CMSG_FIRSTHDR(&message); said; said = CMSG_NXTHDR(&message, said))
		if (said->cmsg_level == SOL_UDP && said->cmsg_type == UDP_GRO) {
			memcpy(&bytes, CMSG_DATA(said), sizeof(bytes));
			*length = bytes;
		}
	return n;
}

static int udp_receive(const char *port, uint32_t count, int timeout_ms, int merged)
{
	uint32_t number, next = 0, received = 0, duplicate = 0, late = 0, behind = 0;
	int fd = inet_bind(SOCK_DGRAM, port), bytes = BUFFER_BYTES;
	struct pollfd pollfd = { fd, POLLIN, 0 };
	uint8_t *seen = calloc(count, 1);
	ssize_t n, length, at;

	if (!seen)
		die("no memory");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (merged && setsockopt(fd, SOL_UDP, UDP_GRO, &merged, sizeof(merged)))
		die("UDP_GRO: %m");
	say_ready();
	while (received < count && poll(&pollfd, 1, timeout_ms) > 0) {
		n = receive_some(fd, &length);
		if (length < (ssize_t)sizeof(number))
			continue;
		for (at = 0; at + (ssize_t)sizeof(number) <= n; at += length) {
			memcpy(&number, datagram + at, sizeof(number));
			number = ntohl(number);
			if (number >= count)
				continue;
			if (seen[number]++) {
				duplicate++;
				continue;
			}
			received++;
			behind += at > 0;
			late += number < next;
			next = number + 1;
		}
	}
	printf("received %u of %u duplicate %u late %u behind %u\n", received, count,
	       duplicate, late, behind);
	free(seen);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && !strcmp(argv[1], "send"))
		return udp_send(argv + 2, argc > 6 ? atoi(argv[6]) : 0);
	if (argc >= 4 && !strcmp(argv[1], "recv"))
		return udp_receive(argv[2], atoi(argv[3]),
				   argc > 4 ? atoi(argv[4]) : 2000,
				   argc > 5 && !strcmp(argv[5], "merged"));
	die("%s", usage);
}
