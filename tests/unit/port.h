/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One end of an event channel with late EOI, between threads: an upcall masks
 * the port until it is unmasked; what is raised meanwhile stays pending and
 * becomes an upcall then. Relaxed on purpose: the ring may not lean on any
 * order that the channel happens to give.
 */
#ifndef UNIT_PORT_H
#define UNIT_PORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of linux/futex.h, which draws in types that ring/os.h has for itself. */
#define PORT_FUTEX_WAIT	128
#define PORT_FUTEX_WAKE	129

#define PORT_PENDING	1u
#define PORT_MASKED	2u
#define PORT_SCHEDULED	4u	/* the upcall came, the thread has yet to see it */
#define PORT_CLOSED	8u

struct port {
	atomic_uint state;
	atomic_bool waiting;
	atomic_ulong upcalls;
};

static inline void port_wake_thread(struct port *port)
{
	syscall(SYS_futex, &port->state, PORT_FUTEX_WAKE, 1, NULL, NULL, 0);
}

static inline void port_deliver(struct port *port)
{
	unsigned int state = atomic_load_explicit(&port->state, memory_order_relaxed);
	unsigned int upcall;

	do {
		if (!(state & PORT_PENDING) || state & PORT_MASKED)
			return;
		upcall = (state & ~PORT_PENDING) | PORT_MASKED | PORT_SCHEDULED;
	} while (!atomic_compare_exchange_weak_explicit(&port->state, &state, upcall,
							memory_order_relaxed,
							memory_order_relaxed));
	atomic_fetch_add_explicit(&port->upcalls, 1, memory_order_relaxed);
	port_wake_thread(port);
}

static inline void port_raise(struct port *port)
{
	atomic_fetch_or_explicit(&port->state, PORT_PENDING, memory_order_relaxed);
	port_deliver(port);
}

static inline void port_unmask(struct port *port)
{
	atomic_fetch_and_explicit(&port->state, ~PORT_MASKED, memory_order_relaxed);
	port_deliver(port);
}

static inline void port_close(struct port *port)
{
	atomic_fetch_or_explicit(&port->state, PORT_CLOSED, memory_order_relaxed);
	port_wake_thread(port);
}

/* Returns false if the port was closed. */
static inline bool port_wait(struct port *port)
{
	unsigned int state;

	atomic_store_explicit(&port->waiting, true, memory_order_relaxed);
	for (;;) {
		state = atomic_load_explicit(&port->state, memory_order_relaxed);
		if (state & (PORT_SCHEDULED | PORT_CLOSED))
			break;
		syscall(SYS_futex, &port->state, PORT_FUTEX_WAIT, state, NULL, NULL, 0);
	}
	atomic_store_explicit(&port->waiting, false, memory_order_relaxed);
	atomic_fetch_and_explicit(&port->state, ~PORT_SCHEDULED, memory_order_relaxed);
	return !(state & PORT_CLOSED);
}

/* Its thread waits, and no upcall is on its way. */
static inline bool port_asleep(struct port *port)
{
	return atomic_load_explicit(&port->waiting, memory_order_relaxed) &&
	       !(atomic_load_explicit(&port->state, memory_order_relaxed) & PORT_SCHEDULED);
}

#endif /* UNIT_PORT_H */
