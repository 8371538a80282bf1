// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending: a frame is copied into the ring and free at once. What the backend
 * has not fetched yet is accounted as in flight (BQL), in bytes of ring.
 *
 * Everything here runs under the transmit queue's lock.
 */
#include "drainfront.h"

static struct netdev_queue *drainfront_txq(const struct drainfront_queue *queue)
{
	return netdev_get_tx_queue(queue->connection->front->netdev, queue->index);
}

/* Room that the queue must have for the stack to be let at it. */
static u32 drainfront_stop_room(const struct drain_producer *producer)
{
	return drain_frame_room(producer->max_frame_bytes);
}

static void drainfront_limit_fault(struct drainfront_queue *queue)
{
	const struct drain_producer_index *ix = &queue->to_host.ix;
	struct drain_fault fault;

	drain_fault(&fault, "consumer's limit is %u bytes ahead, ring holds %u",
		    ix->refused - ix->prod, ix->ring_bytes);
	drainfront_fail(queue, &fault);
}

/* The limit is checked to be one that our own production allows. */
static void drainfront_complete_sent(struct drainfront_queue *queue)
{
	struct drain_producer_index *ix = &queue->to_host.ix;
	struct netdev_queue *txq = drainfront_txq(queue);
	u32 bytes;

	if (unlikely(queue->broken))
		return;
	if (unlikely(drain_producer_refresh(ix))) {
		drainfront_limit_fault(queue);
		return;
	}
	bytes = ix->limit - queue->reaped;
	if (!bytes)
		return;
	queue->reaped = ix->limit;
	/* Frames are not told apart here; BQL goes by bytes. */
	netdev_tx_completed_queue(txq, 1, bytes);
	if (netif_tx_queue_stopped(txq) && drain_producer_room(ix) >= ix->ring_bytes / 2)
		netif_tx_wake_queue(txq);
}

static void drainfront_publish(struct drainfront_queue *queue)
{
	struct drain_producer *producer = &queue->to_host;

	if (drain_producer_publish(&producer->ix))
		u64_stats_inc(&producer->stats.batches);
	if (drain_producer_must_flag(&producer->ix)) {
		drain_producer_flagged(&producer->ix);
		u64_stats_inc(&producer->stats.flags);
		drain_channel_notify(&queue->channel);
	}
	drain_producer_publish_counts(producer);
}

/*
 * The limit whose passing ends the wait: half the ring free if the ring was
 * the reason, half of what is in flight fetched if BQL was.
 */
static u32 drainfront_wake_mark(const struct drainfront_queue *queue)
{
	const struct drain_producer_index *ix = &queue->to_host.ix;
	u32 inflight = ix->prod - (ix->limit - ix->ring_bytes);

	if (netif_tx_queue_stopped(drainfront_txq(queue)))
		return ix->prod + ix->ring_bytes / 2 - 1;
	return ix->limit + max(inflight / 2, 1u) - 1;
}

/*
 * While the queue is stopped, by us or by BQL, the backend is to tell when it
 * has fetched enough; what it has fetched meanwhile may be enough already.
 * Everything is published, or the backend could never get there.
 */
static void drainfront_wait(struct drainfront_queue *queue)
{
	struct netdev_queue *txq = drainfront_txq(queue);
	int passed = 1;

	while (passed > 0 && netif_xmit_stopped(txq) && !queue->broken) {
		passed = drain_producer_sleep(&queue->to_host.ix, drainfront_wake_mark(queue));
		if (unlikely(passed < 0))
			drainfront_limit_fault(queue);
		else if (passed)
			drainfront_complete_sent(queue);
	}
}

/**
 * drainfront_reap() - account what the backend has fetched
 * @queue: whose to_host
 * @netpoll: called with a budget of 0
 *
 * Context: NAPI.
 */
void drainfront_reap(struct drainfront_queue *queue, bool netpoll)
{
	const struct drain_producer_index *ix = &queue->to_host.ix;
	struct netdev_queue *txq = drainfront_txq(queue);
	u32 before;

	/*
	 * Netpoll may come here with a message printed under that very lock. A
	 * real poll must not give up: it may hold the wake-up that a sender has
	 * just asked for.
	 */
	if (!netpoll)
		__netif_tx_lock(txq, smp_processor_id());
	else if (!__netif_tx_trylock(txq))
		return;
	before = queue->reaped;
	drainfront_complete_sent(queue);
	if (queue->reaped != before)
		queue->channel.worked = true;
	/* The mark that woke us is used up, and BQL may still say stop. */
	if (ix->published == ix->prod)
		drainfront_wait(queue);
	__netif_tx_unlock(txq);
}

/**
 * drainfront_to_host_start() - open the transmit queue
 * @queue: that is about to run
 *
 * Context: under rtnl; nobody sends.
 */
void drainfront_to_host_start(struct drainfront_queue *queue)
{
	struct drain_producer_index *ix = &queue->to_host.ix;
	struct netdev_queue *txq = drainfront_txq(queue);

	__netif_tx_lock_bh(txq);
	netdev_tx_reset_queue(txq);
	if (drain_producer_refresh(ix)) {
		drainfront_limit_fault(queue);
		goto unlock;
	}
	queue->reaped = ix->limit;
	/* What was sent before and is not fetched yet is still in flight. */
	netdev_tx_sent_queue(txq, ix->prod + ix->ring_bytes - ix->limit);
	netif_tx_start_queue(txq);
	netif_schedule_queue(txq);
	drainfront_wait(queue);
unlock:
	__netif_tx_unlock_bh(txq);
}

static void drainfront_drop(struct drainfront_queue *queue, struct sk_buff *skb, int err)
{
	struct drain_producer_stats *stats = &queue->to_host.stats;

	if (err == -EPROTO)
		drainfront_limit_fault(queue);
	if (err == -EMSGSIZE)
		u64_stats_inc(&stats->drop_too_long);
	else
		u64_stats_inc(&stats->drop_ring_full);
	dev_kfree_skb_any(skb);
}

static netdev_tx_t drainfront_send(struct drainfront_queue *queue, struct sk_buff *skb)
{
	struct drain_producer *producer = &queue->to_host;
	struct netdev_queue *txq = drainfront_txq(queue);
	u32 before = producer->ix.prod;
	bool last;
	int err;

	if (before == producer->ix.published)
		drainfront_complete_sent(queue);
	err = unlikely(queue->broken) ? -ENOSPC : drain_produce(producer, skb, 0);
	if (unlikely(err)) {
		drainfront_drop(queue, skb, err);
		drainfront_publish(queue);
		return NETDEV_TX_OK;
	}
	if (drain_producer_room(&producer->ix) < drainfront_stop_room(producer))
		netif_tx_stop_queue(txq);
	last = __netdev_tx_sent_queue(txq, producer->ix.prod - before, netdev_xmit_more());
	skb_tx_timestamp(skb);
	dev_consume_skb_any(skb);
	if (last)
		drainfront_publish(queue);
	if (last)
		drainfront_wait(queue);
	return NETDEV_TX_OK;
}

/**
 * drainfront_xmit() - ndo_start_xmit
 * @skb: frame to send
 * @netdev: through this interface
 */
netdev_tx_t drainfront_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct drainfront *front = netdev_priv(netdev);
	struct drainfront_connection *connection = rcu_dereference_bh(front->live);
	u16 index = skb_get_queue_mapping(skb);

	/* The queue may have been chosen when a connection with more was live. */
	if (unlikely(!connection || index >= connection->num_queues)) {
		atomic64_inc(&front->not_connected);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	return drainfront_send(connection->queues[index], skb);
}
