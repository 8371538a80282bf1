/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The event channel of a queue and the end of a drain: complete, re-arm, look
 * again, unmask. Shared by both modules.
 *
 * The channel is bound with late EOI: it is masked from the upcall until
 * xen_irq_lateeoi(), so while a drain is under way nobody interrupts it.
 */
#ifndef DRAIN_LINUX_CHANNEL_H
#define DRAIN_LINUX_CHANNEL_H

#include <linux/netdevice.h>
#include <xen/events.h>

#include "consume.h"
#include "trace.h"

/**
 * struct drain_channel - a queue's event channel
 * @port: its local port; notify_remote_via_irq() would look it up each time
 * @irq: bound with late EOI
 * @eoi_due: an upcall has come and has not been acknowledged
 * @worked: something was done for the peer since the last acknowledgement
 * @tag: for tracepoints
 */
struct drain_channel {
	evtchn_port_t port;
	unsigned int irq;
	int eoi_due;
	bool worked;
	const struct drain_tag *tag;
};

/**
 * drain_channel_upcall() - the body of the interrupt handler
 * @channel: that was raised
 * @stats: of the queue's consumer
 * @napi: does the rest, with the channel masked
 *
 * Context: hard interrupt.
 */
static inline irqreturn_t drain_channel_upcall(struct drain_channel *channel,
					       struct drain_consumer_stats *stats,
					       struct napi_struct *napi)
{
	bool masked = xchg(&channel->eoi_due, 1);

	u64_stats_inc(&stats->upcalls);
	/* The mask proves itself: between an upcall and its EOI none can come. */
	if (masked)
		u64_stats_inc(&stats->masked_upcalls);
	trace_drain_upcall(channel->tag, masked);
	napi_schedule(napi);
	return IRQ_HANDLED;
}

/**
 * drain_channel_notify() - raise the peer's flag
 * @channel: to raise
 */
static inline void drain_channel_notify(const struct drain_channel *channel)
{
	notify_remote_via_evtchn(channel->port);
}

/**
 * drain_channel_settle() - end taking frames out: who waits for room is told
 * @channel: of the queue
 * @consumer: of the queue; to be called before its NAPI rests or yields
 *
 * Context: NAPI.
 */
static inline void drain_channel_settle(const struct drain_channel *channel,
					struct drain_consumer *consumer)
{
	drain_settle(consumer);
	if (!consumer->wake)
		return;
	consumer->wake = false;
	drain_channel_notify(channel);
}

/**
 * drain_channel_unmask() - acknowledge the last upcall, so that others can come
 * @channel: of the queue
 *
 * EOI as spurious only if nothing was done since the last one: the kernel
 * delays the second spurious event in a row, up to a second.
 */
static inline void drain_channel_unmask(struct drain_channel *channel)
{
	unsigned int eoi = channel->worked ? 0 : XEN_EOI_FLAG_SPURIOUS;

	if (!READ_ONCE(channel->eoi_due))
		return;
	trace_drain_unmask(channel->tag, !channel->worked);
	channel->worked = false;
	if (xchg(&channel->eoi_due, 0))
		xen_irq_lateeoi(channel->irq, eoi);
}

/**
 * drain_channel_rest() - end a drain: ask for a flag, look again, unmask
 * @channel: of the queue
 * @consumer: everything that was published has been taken out
 * @napi: napi_complete_done() has just returned true for it
 *
 * If more came meanwhile its flag may never be raised, so polling goes on and
 * the channel stays masked. Completing first means that another poll (busy
 * polling) may run beside this one and arm at a later mark; whoever arms last
 * with an older mark sees in its second look that more was produced since and
 * polls once more, so the mark that counts in the end is the newest.
 *
 * Context: NAPI.
 */
static inline void drain_channel_rest(struct drain_channel *channel,
				      struct drain_consumer *consumer, struct napi_struct *napi)
{
	bool more = drain_consumer_arm(&consumer->ix);

	trace_drain_arm(channel->tag, consumer->ix.seen, more);
	if (more)
		napi_schedule(napi);
	else
		drain_channel_unmask(channel);
}

#endif /* DRAIN_LINUX_CHANNEL_H */
