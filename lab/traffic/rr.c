// SPDX-License-Identifier: GPL-2.0-only
/*
 * rr serve PORT | rr HOST PORT COUNT: a byte there, a byte back, COUNT times
 * over one TCP connection: what a wake-up costs a conversation.
 */
#include "inet.h"

static const char usage[] = "usage: rr serve PORT | rr HOST PORT COUNT";

static void answer_at_once(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	give_up_after(fd, 30);
}

static int serve(const char *port)
{
	int fd = tcp_accept(port);
	char byte;

	answer_at_once(fd);
	while (recv(fd, &byte, 1, 0) == 1)
		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
			die("send: %m");
	return 0;
}

static int by_duration(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int converse(const char *host, const char *port, size_t count)
{
	int fd = tcp_connect(host, port);
	int64_t *took = calloc(count, sizeof(*took)), total = 0, start;
	char byte = 'x';
	size_t i;

	if (!took || !count)
		die("%s", usage);
	answer_at_once(fd);
	for (i = 0; i < count; i++) {
		start = now_ns();
		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 ||
		    recv(fd, &byte, 1, 0) != 1)
			die("transaction %zu: %m", i);
		took[i] = now_ns() - start;
		total += took[i];
	}
	qsort(took, count, sizeof(*took), by_duration);
	printf("transactions %zu avg_us %.1f p50_us %.1f p99_us %.1f\n", count,
	       total / 1e3 / count, took[count / 2] / 1e3,
	       took[count * 99 / 100] / 1e3);
	free(took);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(argv[2]);
	if (argc == 4)
		return converse(argv[1], argv[2], strtoul(argv[3], NULL, 0));
	die("%s", usage);
}
