/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sending from a network interface: a transmit queue in front of a ring. A
 * frame is copied into the ring and free at once. What the consumer has not
 * fetched yet is accounted as in flight (BQL), in bytes of ring, and a queue
 * without room is stopped until the consumer says that there is some. Shared by
 * both modules.
 *
 * Everything here runs under the transmit queue's lock, and whatever else the
 * caller serialises its producer with. -EPROTO means that the consumer's limit
 * is impossible: the connection is dead.
 */
#ifndef DRAIN_LINUX_TRANSMIT_H
#define DRAIN_LINUX_TRANSMIT_H

#include <linux/netdevice.h>

#include "produce.h"

/**
 * struct drain_transmit - a transmit queue in front of a producer
 * @producer: where frames go
 * @txq: where they come from
 * @reaped: the limit that completions have been accounted up to
 * @lossy: the consumer has stalled: what finds no room is dropped, and the
 *	queue is not stopped
 */
struct drain_transmit {
	struct drain_producer *producer;
	struct netdev_queue *txq;
	u32 reaped;
	bool lossy;
};

/**
 * drain_transmit_init() - put a transmit queue in front of a producer
 * @transmit: to set up
 * @producer: where frames go; nothing has been put there yet
 * @txq: where they come from
 *
 * Netpoll may send a moment before drain_transmit_start(): from here on that is
 * harmless.
 */
static inline void drain_transmit_init(struct drain_transmit *transmit,
				       struct drain_producer *producer, struct netdev_queue *txq)
{
	*transmit = (struct drain_transmit){
		.producer = producer,
		.txq = txq,
		.reaped = producer->ix.limit,
	};
}

/**
 * drain_set_tso_max_size() - netif_set_tso_max_size() that also raises again
 * @netdev: whose limits for segmentation follow, unless somebody has lowered them
 * @size: the largest frame to be segmented that it takes
 *
 * The kernel's only lowers them, and what would raise them is not exported.
 *
 * Context: under rtnl.
 */
static inline void drain_set_tso_max_size(struct net_device *netdev, unsigned int size)
{
	if (netdev->gso_max_size == netdev->tso_max_size)
		WRITE_ONCE(netdev->gso_max_size, size);
	if (netdev->gso_ipv4_max_size == netdev->tso_max_size)
		WRITE_ONCE(netdev->gso_ipv4_max_size, size);
	netif_set_tso_max_size(netdev, size);
}

static inline int drain_transmit_restart(struct drain_transmit *transmit)
{
	struct drain_producer_index *ix = &transmit->producer->ix;
	int err;

	netdev_tx_reset_queue(transmit->txq);
	err = drain_producer_refresh(ix);
	if (unlikely(err))
		return err;
	transmit->lossy = false;
	transmit->reaped = ix->limit;
	/* What was sent before and is not fetched yet is still in flight. */
	netdev_tx_sent_queue(transmit->txq, ix->prod + ix->ring_bytes - ix->limit);
	return 0;
}

/**
 * drain_transmit_reap() - account what the consumer has fetched
 * @transmit: the queue; woken when half of the ring is free
 *
 * Return: 0 or -EPROTO.
 */
static inline int __must_check drain_transmit_reap(struct drain_transmit *transmit)
{
	struct drain_producer_index *ix = &transmit->producer->ix;
	struct netdev_queue *txq = transmit->txq;
	u32 bytes;
	int err;

	err = drain_producer_refresh(ix);
	if (unlikely(err))
		return err;
	bytes = ix->limit - transmit->reaped;
	if (!bytes)
		return 0;
	transmit->reaped = ix->limit;
	if (unlikely(transmit->lossy))
		return drain_producer_room(ix) < ix->ring_bytes / 2 ? 0 :
		       drain_transmit_restart(transmit);
	/* Frames are not told apart here; BQL goes by bytes. */
	netdev_tx_completed_queue(txq, 1, bytes);
	if (netif_tx_queue_stopped(txq) && drain_producer_room(ix) >= ix->ring_bytes / 2) {
		trace_drain_txq(transmit->producer->tag, false);
		netif_tx_wake_queue(txq);
	}
	return 0;
}

/*
 * The limit whose passing ends the wait: half the ring free if the ring was
 * the reason, half of what is in flight fetched if BQL was. A consumer that has
 * stalled must have fetched something, too.
 */
static inline u32 drain_transmit_wake_mark(const struct drain_transmit *transmit)
{
	const struct drain_producer_index *ix = &transmit->producer->ix;
	u32 inflight = ix->prod - (ix->limit - ix->ring_bytes);
	u32 half_free = ix->prod + ix->ring_bytes / 2 - 1;

	if (unlikely(transmit->lossy))
		return (s32)(half_free - ix->limit) > 0 ? half_free : ix->limit;
	if (netif_tx_queue_stopped(transmit->txq))
		return half_free;
	return ix->limit + max(inflight / 2, 1u) - 1;
}

static inline bool drain_transmit_must_wait(const struct drain_transmit *transmit)
{
	return transmit->lossy || netif_xmit_stopped(transmit->txq);
}

static inline int __must_check drain_transmit_sleep(struct drain_transmit *transmit)
{
	int passed = 1;
	u32 mark;

	while (passed > 0 && drain_transmit_must_wait(transmit)) {
		mark = drain_transmit_wake_mark(transmit);
		passed = drain_producer_sleep(&transmit->producer->ix, mark);
		trace_drain_sleep(transmit->producer->tag, mark, passed > 0);
		if (passed > 0 && drain_transmit_reap(transmit))
			passed = -EPROTO;
	}
	return passed < 0 ? passed : 0;
}

/**
 * drain_transmit_wait() - while the queue is stopped, ask to be told of room
 * @transmit: the queue; stopped, by us or by BQL, or lossy, or neither
 *
 * What the consumer has fetched meanwhile may be enough already. Everything is
 * published, or the consumer could never get there.
 *
 * Return: 0 or -EPROTO.
 */
static __always_inline int __must_check drain_transmit_wait(struct drain_transmit *transmit)
{
	return drain_transmit_must_wait(transmit) ? drain_transmit_sleep(transmit) : 0;
}

/**
 * drain_transmit_start() - open the queue
 * @transmit: the queue; what its producer holds already is in flight
 *
 * Return: 0 or -EPROTO.
 */
static inline int __must_check drain_transmit_start(struct drain_transmit *transmit)
{
	int err = drain_transmit_restart(transmit);

	if (unlikely(err))
		return err;
	netif_tx_start_queue(transmit->txq);
	netif_schedule_queue(transmit->txq);
	return drain_transmit_wait(transmit);
}

/**
 * drain_transmit_stall() - wait no longer: let the queue run, and frames be lost
 * @transmit: the queue; lossy until half of the ring is free and the consumer
 *	has fetched something
 *
 * Return: 0 or -EPROTO.
 */
static inline int __must_check drain_transmit_stall(struct drain_transmit *transmit)
{
	transmit->lossy = true;
	netdev_tx_reset_queue(transmit->txq);
	netif_tx_start_queue(transmit->txq);
	netif_schedule_queue(transmit->txq);
	return drain_transmit_wait(transmit);
}

/**
 * drain_transmit_put() - put a frame into the ring, unpublished
 * @transmit: the queue; stopped if the next frame might find no room
 * @skb: the frame; stays the caller's
 * @more: another one follows at once
 *
 * Return: 1 if what was put is to be published now, 0 if not yet, an error as
 * drain_produce(): nothing was put, and what was put before is to be published.
 */
static inline int __must_check drain_transmit_put(struct drain_transmit *transmit,
						  const struct sk_buff *skb, bool more)
{
	struct drain_producer *producer = transmit->producer;
	u32 before = producer->ix.prod;
	int err;

	if (before == producer->ix.published) {
		err = drain_transmit_reap(transmit);
		if (unlikely(err))
			return err;
	}
	err = drain_produce(producer, skb, 0);
	if (unlikely(err))
		return err;
	if (unlikely(transmit->lossy))
		return !more;
	if (drain_producer_room(&producer->ix) < drain_frame_room(producer->max_frame_bytes)) {
		trace_drain_txq(producer->tag, true);
		netif_tx_stop_queue(transmit->txq);
	}
	return __netdev_tx_sent_queue(transmit->txq, producer->ix.prod - before, more);
}

#endif /* DRAIN_LINUX_TRANSMIT_H */
