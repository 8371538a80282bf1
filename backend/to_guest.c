// SPDX-License-Identifier: GPL-2.0-only
/*
 * Into the guest: a frame that port_nic.c has found to be for a device goes into
 * one of its rings. It is published by the queue's NAPI, which the first frame
 * of a batch schedules: in the NIC's own softirq run, right after the NIC's
 * NAPI, so once for what one interrupt brought.
 */
#include "drainback.h"

/**
 * drainback_limit_fault() - the guest's limit cannot be: end the connection
 * @queue: whose producer refused it
 *
 * Context: under queue->produce_lock.
 */
void drainback_limit_fault(struct drainback_queue *queue)
{
	struct drain_fault fault;

	lockdep_assert_held(&queue->produce_lock);
	drain_producer_fault(&queue->to_guest.ix, &fault);
	drainback_connection_fail(queue->connection, queue->index, &fault);
}

/**
 * drainback_undelivered() - count a frame that did not get into the ring
 * @queue: where it should have gone
 * @err: why not, as of drain_produce()
 *
 * Context: under queue->produce_lock.
 */
void drainback_undelivered(struct drainback_queue *queue, int err)
{
	struct drain_producer_stats *stats = &queue->to_guest.stats;

	lockdep_assert_held(&queue->produce_lock);
	switch (err) {
	case -EPROTO:
		/* From here on there is no connection any more. */
		atomic64_inc(&queue->connection->device->not_connected);
		drainback_limit_fault(queue);
		break;
	case -ENOSPC:
		u64_stats_inc(&stats->drop_ring_full);
		break;
	case -EMSGSIZE:
		u64_stats_inc(&stats->drop_too_long);
		break;
	default:
		u64_stats_inc(&stats->drop_offload);
		break;
	}
}

/*
 * Frames that come while a flag waits for its gap are published one by one,
 * which is a store, and need no NAPI run: the flag is raised by the first
 * batch after the gap, or by the timer.
 */
static bool drainback_flag_waits(struct drainback_queue *queue)
{
	return queue->timer_armed && drainback_flag_delay(queue, ktime_get_ns());
}

/* Returns true if the NAPI is to publish. */
static bool drainback_open_batch(struct drainback_queue *queue)
{
	if (queue->batch_open)
		return false;
	if (drainback_flag_waits(queue)) {
		drain_publish(&queue->to_guest);
		return false;
	}
	WRITE_ONCE(queue->batch_open, true);
	return true;
}

static void drainback_put(struct drainback_queue *queue, const struct sk_buff *skb,
			  unsigned int pulled)
{
	bool schedule;
	int err;

	spin_lock(&queue->produce_lock);
	err = drain_produce(&queue->to_guest, skb, pulled);
	if (unlikely(err))
		drainback_undelivered(queue, err);
	schedule = drainback_open_batch(queue);
	spin_unlock(&queue->produce_lock);
	if (schedule)
		napi_schedule(&queue->napi);
}

/* What the wire cannot say, or the ring cannot hold in one piece. */
static void drainback_put_segments(struct drainback_queue *queue, struct sk_buff *skb,
				   unsigned int pulled)
{
	struct sk_buff *copy, *segments, *next;

	copy = skb_copy(skb, GFP_ATOMIC);
	if (!copy)
		goto drop;
	if (pulled)
		skb_push(copy, pulled);
	segments = skb_gso_segment(copy, NETIF_F_SG | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(segments)) {
		kfree_skb(copy);
		goto drop;
	}
	consume_skb(copy);
	skb_list_walk_safe(segments, copy, next) {
		skb_mark_not_on_list(copy);
		drainback_put(queue, copy, 0);
		consume_skb(copy);
	}
	return;

drop:
	spin_lock(&queue->produce_lock);
	drainback_undelivered(queue, -EOPNOTSUPP);
	spin_unlock(&queue->produce_lock);
}

static struct drainback_queue *drainback_pick_queue(struct drainback_connection *connection,
						    struct sk_buff *skb)
{
	if (connection->num_queues == 1)
		return connection->queues[0];
	return connection->queues[reciprocal_scale(skb_get_hash(skb), connection->num_queues)];
}

/**
 * drainback_to_guest() - put a frame into a device's ring
 * @device: whose
 * @skb: the frame; stays the caller's and is not changed
 * @pulled: bytes of the Ethernet header before skb->data
 *
 * Context: softirq, or process with bottom halves disabled; under RCU.
 */
void drainback_to_guest(struct drainback_device *device, struct sk_buff *skb,
			unsigned int pulled)
{
	struct drainback_connection *connection = rcu_dereference_bh(device->connection);
	struct drainback_queue *queue;

	if (unlikely(!connection || READ_ONCE(connection->broken))) {
		atomic64_inc(&device->not_connected);
		return;
	}
	queue = drainback_pick_queue(connection, skb);
	if (unlikely(skb_is_gso(skb) &&
		     (!drain_can_express(skb) ||
		      skb->len + pulled > queue->to_guest.max_frame_bytes)))
		drainback_put_segments(queue, skb, pulled);
	else
		drainback_put(queue, skb, pulled);
}
