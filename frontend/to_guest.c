// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drain: from the upcall, with the channel masked, until nothing is left.
 */
#include <linux/ip.h>
#include <net/busy_poll.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "drainfront.h"

/*
 * Datagrams are merged for tunnels and for sockets that have asked for it, all
 * of which turn these keys (udp_encap_enable()), or by the features.
 */
static bool drainfront_merges_udp(const struct net_device *netdev)
{
	if (static_branch_unlikely(&udp_encap_needed_key))
		return true;
#if IS_ENABLED(CONFIG_IPV6)
	if (static_branch_unlikely(&udpv6_encap_needed_key))
		return true;
#endif
	return netdev->features & (NETIF_F_GRO_FRAGLIST | NETIF_F_GRO_UDP_FWD);
}

/*
 * Does GRO know what to do with a frame, at its network header? What it would
 * merely pass on takes another way up.
 */
static bool drainfront_mergeable(const struct sk_buff *skb, const struct net_device *netdev)
{
	u8 next;

	if (unlikely(skb_headlen(skb) < sizeof(struct iphdr)))
		return true;
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		next = ((const struct iphdr *)skb->data)->protocol;
		break;
	case htons(ETH_P_IPV6):
		next = ((const struct ipv6hdr *)skb->data)->nexthdr;
		break;
	default:
		return eth_type_vlan(skb->protocol) || skb->protocol == htons(ETH_P_TEB);
	}
	/* Fragments are datagrams, mostly: they go one way, in their order. */
	if (next == IPPROTO_UDP || next == NEXTHDR_FRAGMENT)
		return drainfront_merges_udp(netdev);
	return next != IPPROTO_ICMP && next != IPPROTO_ICMPV6;
}

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

/*
 * A frame that comes alone has nobody to be merged with: GRO would look into it,
 * keep it, and give it up at the end of the poll. It must not overtake what GRO
 * may still have from a poll that ended for want of budget.
 */
static bool drainfront_alone(const struct drainfront_queue *queue, int done)
{
	return !done && !queue->napi.gro_bitmask && drain_nothing_left(&queue->to_guest);
}

/*
 * GRO costs a datagram 150 to 300 instructions and an ICMP message or a frame
 * that is not IP 160. IP takes all of a poll as a list, and finds one route for
 * many; nobody else takes lists, which then cost more than they save.
 */
static void drainfront_receive(struct drainfront_queue *queue, struct sk_buff *skb,
			       bool alone, struct list_head *list)
{
	struct net_device *netdev = queue->connection->front->netdev;

	if (unlikely(!(netdev->features & NETIF_F_RXCSUM)) && drainfront_distrust(skb)) {
		u64_stats_inc(&queue->to_guest.stats.drop_malformed);
		kfree_skb(skb);
		return;
	}
	skb->protocol = eth_type_trans(skb, netdev);
	skb_record_rx_queue(skb, queue->index);
	skb_mark_napi_id(skb, &queue->napi);
	if (alone)
		netif_receive_skb(skb);
	else if (drainfront_mergeable(skb, netdev))
		napi_gro_receive(&queue->napi, skb);
	else if (skb->protocol == htons(ETH_P_IP) || skb->protocol == htons(ETH_P_IPV6))
		list_add_tail(&skb->list, list);
	else
		netif_receive_skb(skb);
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
	LIST_HEAD(list);
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
			drainfront_receive(queue, skb, drainfront_alone(queue, done), &list);
		}
	}
	netif_receive_skb_list(&list);
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
