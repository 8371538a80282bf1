// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drain: from the upcall, with the channel masked, until nothing is left.
 */
#include "drainfront.h"

/*
 * With receive checksumming off the stack is to verify every sum itself, so
 * what the backend vouches for is not passed on, and sums that are not filled
 * in yet (frames from dom0 or another guest) are filled in. GSO frames cannot
 * be: their sums exist per segment.
 */
static int drainfront_distrust(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		skb->ip_summed = CHECKSUM_NONE;
	if (skb->ip_summed != CHECKSUM_PARTIAL || skb_is_gso(skb))
		return 0;
	return skb_checksum_help(skb);
}

static void drainfront_receive(struct drainfront_queue *queue, struct sk_buff *skb)
{
	struct net_device *netdev = queue->connection->front->netdev;

	if (unlikely(!(netdev->features & NETIF_F_RXCSUM)) && drainfront_distrust(skb)) {
		u64_stats_inc(&queue->to_guest.stats.drop_malformed);
		kfree_skb(skb);
		return;
	}
	skb->protocol = eth_type_trans(skb, netdev);
	skb_record_rx_queue(skb, queue->index);
	napi_gro_receive(&queue->napi, skb);
}

/* A latch: once the mark is passed, the index will come round to it again. */
static bool drainfront_stale(struct drainfront_queue *queue)
{
	if (likely(!queue->discarding))
		return false;
	queue->discarding = (s32)(queue->discard_until - queue->to_guest.parsed) > 0;
	return queue->discarding;
}

static u64 drainfront_drops(const struct drainfront_queue *queue)
{
	return u64_stats_read(&queue->to_guest.stats.drop_malformed) +
	       u64_stats_read(&queue->to_guest.stats.drop_no_memory) +
	       u64_stats_read(&queue->drop_down);
}

/* Returns frames drained, @budget if polling must go on; a negative errno. */
static int drainfront_drain(struct drainfront_queue *queue, int budget)
{
	struct drain_consumer *consumer = &queue->to_guest;
	struct net_device *netdev = queue->connection->front->netdev;
	u64 fetches = u64_stats_read(&consumer->stats.fetches);
	struct sk_buff *skb;
	int got = 1, done;
	bool stale;

	for (done = 0; done < budget; done++) {
		stale = drainfront_stale(queue);
		got = drain_next(consumer, &queue->napi, netdev, &skb);
		if (got <= 0)
			break;
		if (unlikely(stale && skb)) {
			u64_stats_inc(&queue->drop_down);
			consume_skb(skb);
		} else if (likely(skb)) {
			drainfront_receive(queue, skb);
		}
	}
	drain_channel_settle(&queue->channel, consumer);
	if (fetches != u64_stats_read(&consumer->stats.fetches)) {
		u64_stats_inc(&consumer->stats.drains);
		queue->channel.worked = true;
	}
	drain_consumer_publish_counts(consumer, drainfront_drops(queue));
	if (got == -EAGAIN || got == -ENOMEM)
		return budget;
	return got < 0 ? got : done;
}

/**
 * drainfront_poll() - NAPI poll of a queue
 * @napi: of the queue
 * @budget: frames at most; 0 for completions only
 *
 * Return: frames drained, @budget if there may be more.
 */
int drainfront_poll(struct napi_struct *napi, int budget)
{
	struct drainfront_queue *queue = container_of(napi, struct drainfront_queue, napi);
	int done;

	if (unlikely(READ_ONCE(queue->broken))) {
		napi_complete_done(napi, 0);
		return 0;
	}
	drainfront_reap(queue, !budget);
	if (unlikely(!budget))
		return 0;
	done = drainfront_drain(queue, budget);
	if (unlikely(done < 0)) {
		drainfront_fail(queue, &queue->to_guest.fault);
		napi_complete_done(napi, 0);
		return 0;
	}
	drainfront_moderate(queue, done);
	if (done == budget)
		return budget;
	if (napi_complete_done(napi, done))
		drain_channel_rest(&queue->channel, &queue->to_guest, napi);
	return done;
}
