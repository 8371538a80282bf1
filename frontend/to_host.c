// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending: a frame is copied into the ring and free at once. What the backend
 * has not fetched yet is accounted as in flight (BQL), in bytes of ring.
 *
 * Everything here runs under the transmit queue's lock, but for the look by which
 * a poll sees whether it needs it.
 */
#include "drainfront.h"

static struct netdev_queue *drainfront_txq(const struct drainfront_queue *queue)
{
	return netdev_get_tx_queue(queue->connection->front->netdev, queue->index);
}

static void drainfront_limit_fault(struct drainfront_queue *queue)
{
	struct drain_fault fault;

	drain_producer_fault(&queue->to_host.ix, &fault);
	drainfront_fail(queue, &fault);
}

static void drainfront_publish(struct drainfront_queue *queue)
{
	struct drain_producer *producer = &queue->to_host;

	drain_publish(producer);
	if (drain_must_flag(producer)) {
		trace_drain_flag(producer->tag, producer->ix.published, DRAIN_FLAG_RAISED);
		drain_producer_flagged(&producer->ix);
		u64_stats_inc(&producer->stats.flags);
		drain_channel_notify(&queue->channel);
	}
	drain_producer_publish_counts(producer);
}

/**
 * drainfront_reap() - wake the transmit queue when the backend has made room
 * @queue: whose to_host
 * @netpoll: called with a budget of 0
 *
 * While the queue is not stopped, the next frame accounts what was fetched. It
 * is looked at without its lock: who stops it asks for an event after that, and
 * looks again, so that either the sender or the poll for that event goes on.
 *
 * Context: NAPI.
 */
void drainfront_reap(struct drainfront_queue *queue, bool netpoll)
{
	const struct drain_producer_index *ix = &queue->to_host.ix;
	struct netdev_queue *txq = drainfront_txq(queue);
	int moved, err;

	moved = drain_producer_moved(ix, &queue->noticed);
	if (moved > 0)
		queue->channel.worked = true;
	/* An impossible limit is for drain_transmit_reap() to find. */
	if (moved >= 0 && !netif_xmit_stopped(txq))
		return;
	/*
	 * Netpoll may come here with a message printed under that very lock. A
	 * real poll must not give up: it may hold the wake-up that a sender has
	 * just asked for.
	 */
	if (!netpoll)
		__netif_tx_lock(txq, smp_processor_id());
	else if (!__netif_tx_trylock(txq))
		return;
	err = drain_transmit_reap(&queue->transmit);
	/* The mark that woke us is used up, and BQL may still say stop. */
	if (!err && ix->published == ix->prod)
		err = drain_transmit_wait(&queue->transmit);
	if (unlikely(err))
		drainfront_limit_fault(queue);
	__netif_tx_unlock(txq);
}

/**
 * drainfront_to_host_init() - put the transmit queue in front of the ring
 * @queue: whose to_host has been created
 */
void drainfront_to_host_init(struct drainfront_queue *queue)
{
	drain_transmit_init(&queue->transmit, &queue->to_host, drainfront_txq(queue));
}

/**
 * drainfront_to_host_start() - open the transmit queue
 * @queue: that is about to run
 *
 * Context: under rtnl.
 */
void drainfront_to_host_start(struct drainfront_queue *queue)
{
	struct netdev_queue *txq = drainfront_txq(queue);

	__netif_tx_lock_bh(txq);
	if (drain_transmit_start(&queue->transmit))
		drainfront_limit_fault(queue);
	__netif_tx_unlock_bh(txq);
}

static void drainfront_drop(struct drainfront_queue *queue, struct sk_buff *skb, int err)
{
	struct drain_producer_stats *stats = &queue->to_host.stats;

	switch (err) {
	case -EPROTO:
		drainfront_limit_fault(queue);
		fallthrough;
	case -ENOTCONN:
		atomic64_inc(&queue->connection->front->not_connected);
		break;
	case -EMSGSIZE:
		u64_stats_inc(&stats->drop_too_long);
		break;
	case -ENOSPC:
		u64_stats_inc(&stats->drop_ring_full);
		break;
	default:
		u64_stats_inc(&stats->drop_offload);
		break;
	}
	dev_kfree_skb_any(skb);
}

static netdev_tx_t drainfront_send(struct drainfront_queue *queue, struct sk_buff *skb)
{
	int last = -ENOTCONN;

	if (likely(!queue->broken))
		last = drain_transmit_put(&queue->transmit, skb, netdev_xmit_more());
	if (unlikely(last < 0)) {
		drainfront_drop(queue, skb, last);
		drainfront_publish(queue);
		return NETDEV_TX_OK;
	}
	skb_tx_timestamp(skb);
	dev_consume_skb_any(skb);
	if (!last)
		return NETDEV_TX_OK;
	drainfront_publish(queue);
	if (unlikely(drain_transmit_wait(&queue->transmit)))
		drainfront_limit_fault(queue);
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
