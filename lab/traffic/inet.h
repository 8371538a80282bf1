/* SPDX-License-Identifier: GPL-2.0-only */
/* What the socket tools share: IPv4 or IPv6 by the look of the address. */
#ifndef LAB_INET_H
#define LAB_INET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lab.h"

/*
 * An IPv4 peer reaches an IPv6 socket as a mapped address, so one family
 * serves both.
 */
static inline struct sockaddr_in6 inet_parse(const char *host, const char *port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s",
		 strchr(host, ':') ? "" : "::ffff:", host);
	address.sin6_port = htons(atoi(port));
	if (inet_pton(AF_INET6, mapped, &address.sin6_addr) != 1)
		die("%s is not an IP address", host);
	return address;
}

static inline int inet_bind(int type, const char *port)
{
	struct sockaddr_in6 address = inet_parse("::", port);
	int off = 0, on = 1;
	int fd = socket(AF_INET6, type, 0);

	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("port %s: %m", port);
	return fd;
}

/* The caller starts the other end when it has read this line. */
static inline void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

static inline int tcp_accept(const char *port)
{
	int listener = inet_bind(SOCK_STREAM, port);
	int fd;

	if (listen(listener, 1))
		die("listen: %m");
	say_ready();
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("accept: %m");
	close(listener);
	return fd;
}

/* The other end may still be starting: a refusal is worth another try. */
static inline int tcp_connect(const char *host, const char *port)
{
	struct sockaddr_in6 address = inet_parse(host, port);
	int64_t give_up = now_ns() + 10 * NSEC_PER_SEC;
	int fd;

	for (;;) {
		fd = socket(AF_INET6, SOCK_STREAM, 0);
		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
		if (errno != ECONNREFUSED || now_ns() > give_up)
			die("connect to %s port %s: %m", host, port);
		close(fd);
		usleep(20000);
	}
}

/* A dead connection must end a test, not hang it. */
static inline void give_up_after(int fd, int seconds)
{
	struct timeval limit = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* With a limit set, a guest that is saved interrupts whoever waits in it. */
static inline ssize_t recv_again(int fd, void *to, size_t bytes)
{
	ssize_t n;

	do {
		n = recv(fd, to, bytes, MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	return n;
}

static inline ssize_t send_again(int fd, const void *from, size_t bytes)
{
	ssize_t n;

	do {
		n = send(fd, from, bytes, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n;
}

#endif /* LAB_INET_H */
