// SPDX-License-Identifier: GPL-2.0-only
/*
 * paced DEV DSTMAC COUNT SIZE RATE: COUNT frames of SIZE bytes (without FCS),
 * RATE a second. It sleeps between frames: on the lab's one vCPU a sender
 * that spins would be charged to the driver under test. RATE 0 sends without
 * pacing, as fast as the socket takes them.
 */
#include <sched.h>
#include <sys/prctl.h>

#include "packet.h"

static void be_punctual(void)
{
	struct sched_param param = { .sched_priority = 10 };

	prctl(PR_SET_TIMERSLACK, 1UL);
	sched_setscheduler(0, SCHED_FIFO, &param);
}

/* A frame that is late goes out without a sleep, so the rate holds. */
static void wait_until(int64_t when)
{
	struct timespec at = {
		.tv_sec = when / NSEC_PER_SEC,
		.tv_nsec = when % NSEC_PER_SEC,
	};

	if (now_ns() < when)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void number_frame(uint8_t *frame, size_t size, uint32_t sequence)
{
	if (size >= ETH_HLEN + sizeof(sequence)) {
		sequence = htonl(sequence);
		memcpy(frame + ETH_HLEN, &sequence, sizeof(sequence));
	}
}

static uint64_t send_all(struct port *port, uint8_t *frame, size_t size,
			 uint64_t count, uint64_t rate)
{
	int64_t start = now_ns();
	uint64_t i, sent = 0;

	for (i = 0; i < count; i++) {
		number_frame(frame, size, i);
		if (rate)
			wait_until(start + i * NSEC_PER_SEC / rate);
		sent += port_send(port, frame, size);
	}
	return sent;
}

int main(int argc, char **argv)
{
	uint8_t frame[FRAME_MAX], mac[ETH_ALEN];
	struct port port;
	uint64_t sent;
	int64_t start;
	size_t i, size;

	if (argc != 6 || !parse_mac(argv[2], mac))
		die("usage: paced DEV DSTMAC COUNT SIZE RATE");
	size = strtoul(argv[4], NULL, 0);
	if (size < ETH_HLEN || size > FRAME_MAX)
		die("SIZE is %zu, allowed %d to %d", size, ETH_HLEN, FRAME_MAX);

	port_open(&port, argv[1], false);
	for (i = ETH_HLEN; i < size; i++)
		frame[i] = i;
	address_frame(&port, frame, mac, ETHERTYPE_LAB);
	be_punctual();

	start = now_ns();
	sent = send_all(&port, frame, size, strtoull(argv[3], NULL, 0),
			strtoull(argv[5], NULL, 0));
	printf("sent %" PRIu64 " ns %" PRId64 "\n", sent, now_ns() - start);
	return 0;
}
