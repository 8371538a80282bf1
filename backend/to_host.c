// SPDX-License-Identifier: GPL-2.0-only
/*
 * Out of the guest: where a drained frame goes. In through the device's own
 * interface; or to another guest on the same NIC, to dom0 itself, or out through
 * the NIC.
 */
#include <net/busy_poll.h>

#include "drainback.h"

/**
 * drainback_to_host_drops() - all frames of a queue dropped on this side
 * @queue: drained here
 */
u64 drainback_to_host_drops(const struct drainback_queue *queue)
{
	const struct drain_consumer_stats *stats = &queue->to_host.stats;

	return u64_stats_read(&stats->drop_malformed) + u64_stats_read(&stats->drop_no_memory) +
	       u64_stats_read(&queue->drops.spoofed) + u64_stats_read(&queue->drops.oversize) +
	       u64_stats_read(&queue->drops.nic) + u64_stats_read(&queue->drops.reserved);
}

static void drainback_drop(struct sk_buff *skb, u64_stats_t *counter)
{
	u64_stats_inc(counter);
	kfree_skb(skb);
}

/* As if the NIC had received it. Multicast passes the port again on its way. */
static void drainback_inject(struct net_device *nic, struct sk_buff *skb)
{
	skb->dev = nic;
	skb->protocol = eth_type_trans(skb, nic);
	netif_receive_skb(skb);
}

/**
 * drainback_weigh() - let a frame count against its queue until it is gone
 * @queue: that it was drained from
 * @skb: the frame; nobody may merge it with another
 *
 * Context: the queue's NAPI.
 */
void drainback_weigh(struct drainback_queue *queue, struct sk_buff *skb)
{
	struct drainback_weight *weight = &queue->weights[skb->len >> DRAINBACK_WEIGHT_SHIFT];

	atomic_add(weight->bytes, &queue->inflight);
	skb_shinfo(skb)->destructor_arg = weight;
	skb->destructor = drainback_skb_sent;
}

/* Does the MTU allow a frame? Of one that is to be segmented the segments count. */
static bool drainback_fits(const struct net_device *netdev, const struct sk_buff *skb)
{
	if (!is_skb_forwardable(netdev, skb))
		return false;
	return !skb_is_gso(skb) ||
	       skb_gso_validate_mac_len(skb, netdev->mtu + netdev->hard_header_len + VLAN_HLEN);
}

/**
 * drainback_admit() - drop what an interface does not take
 * @queue: that the frame was drained from
 * @netdev: the NIC, or the device's interface
 * @skb: the frame, at its Ethernet header
 *
 * Context: the queue's NAPI.
 * Return: false if it has been dropped, and counted.
 */
bool drainback_admit(struct drainback_queue *queue, const struct net_device *netdev,
		     struct sk_buff *skb)
{
	if (unlikely(!(netdev->flags & IFF_UP))) {
		drainback_drop(skb, &queue->drops.nic);
		return false;
	}
	if (unlikely(!drainback_fits(netdev, skb))) {
		drainback_drop(skb, &queue->drops.oversize);
		return false;
	}
	return true;
}

static void drainback_transmit(struct drainback_queue *queue, struct net_device *nic,
			       struct sk_buff *skb)
{
	int verdict;

	skb->dev = nic;
	skb_probe_transport_header(skb);
	drainback_weigh(queue, skb);
	verdict = drainback_port_send(skb);
	if (net_xmit_eval(verdict)) /* a macro that looks twice */
		u64_stats_inc(&queue->drops.nic);
}

/* To everybody: the wire, and dom0, whose port passes it on to other guests. */
static void drainback_broadcast(struct drainback_queue *queue, struct net_device *nic,
				struct sk_buff *skb)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (unlikely(!copy)) {
		drainback_drop(skb, &queue->to_host.stats.drop_no_memory);
		return;
	}
	drainback_inject(nic, copy);
	drainback_transmit(queue, nic, skb);
}

/* The NIC filters VLANs; what the guest uses, it must let in. */
static void drainback_learn_vlan(struct drainback_port *port, const struct sk_buff *skb)
{
	if (skb_vlan_tag_present(skb))
		drainback_port_want_vlan(port, skb_vlan_tag_get_id(skb));
	else if (eth_hdr(skb)->h_proto == htons(ETH_P_8021Q) && skb_headlen(skb) >= VLAN_ETH_HLEN)
		drainback_port_want_vlan(port, ntohs(skb_vlan_eth_hdr(skb)->h_vlan_TCI) &
					       VLAN_VID_MASK);
}

/*
 * What stations say to the switch that they are plugged into: spanning tree,
 * LACP, LLDP and the like, and PAUSE, which is obeyed whoever it is addressed
 * to. The port is dom0's, and other guests' as well. A bridge does not forward
 * these either (IEEE 802.1Q, 8.6.3). A switch may take a tag off before it sends
 * a frame on.
 */
static bool drainback_reserved(const struct sk_buff *skb)
{
	const struct ethhdr *eth = eth_hdr(skb);

	return is_link_local_ether_addr(eth->h_dest) ||
	       __vlan_get_protocol(skb, eth->h_proto, NULL) == htons(ETH_P_PAUSE);
}

/**
 * drainback_to_host() - send a drained frame on its way
 * @queue: that it was drained from
 * @port: the NIC of the device, or NULL if it has none or lost it
 * @skb: the frame, at its Ethernet header; consumed
 *
 * Context: the queue's NAPI.
 */
void drainback_to_host(struct drainback_queue *queue, struct drainback_port *port,
		       struct sk_buff *skb)
{
	struct drainback_device *device = queue->connection->device;
	struct drainback_device *to;
	struct net_device *nic;
	struct ethhdr *eth;

	skb_reset_mac_header(skb);
	eth = eth_hdr(skb);
	if (unlikely(!ether_addr_equal(eth->h_source, device->mac)) &&
	    drain_tuned(&device->tuning, DRAIN_TUNE_SPOOF_CHECK)) {
		drainback_drop(skb, &queue->drops.spoofed);
		return;
	}
	if (device->netdev) {
		drainback_netdev_receive(queue, skb);
		return;
	}
	if (unlikely(!port)) {
		drainback_drop(skb, &queue->drops.nic);
		return;
	}
	if (unlikely(drainback_reserved(skb))) {
		drainback_drop(skb, &queue->drops.reserved);
		return;
	}
	nic = drainback_port_nic(port);
	/* Whoever it is for: to copy it for each of them is what it costs. */
	if (!drainback_admit(queue, nic, skb))
		return;
	skb_mark_napi_id(skb, &queue->napi);
	skb->protocol = eth->h_proto;
	/* Behind tags in the frame, where a sum is to be made: drain_check_sum(). */
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_len(skb);
	drainback_learn_vlan(port, skb);
	if (is_multicast_ether_addr(eth->h_dest)) {
		drainback_broadcast(queue, nic, skb);
		return;
	}
	to = drainback_port_find(port, eth->h_dest);
	/* To dom0 itself it passes the port, and those who listen there. */
	if (!ether_addr_equal(eth->h_dest, nic->dev_addr))
		drainback_port_mirror(port, skb, 0, to);
	if (to) {
		drainback_to_guest(to, skb, 0);
		consume_skb(skb);
	} else if (ether_addr_equal(eth->h_dest, nic->dev_addr)) {
		drainback_inject(nic, skb);
	} else {
		drainback_transmit(queue, nic, skb);
	}
}
