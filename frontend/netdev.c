// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network interface.
 */
#include "drainfront.h"

/* 64 KB of IP in a frame. Half a ring caps it further, see there. */
#define DRAINFRONT_MTU_MAX	(65535 - ETH_HLEN)

static int drainfront_open(struct net_device *netdev)
{
	drainfront_start(netdev_priv(netdev));
	return 0;
}

static int drainfront_close(struct net_device *netdev)
{
	drainfront_stop(netdev_priv(netdev));
	return 0;
}

static void drainfront_add_queue(struct drainfront_totals *totals,
				 const struct drainfront_queue *queue)
{
	const struct drain_consumer_stats *in = &queue->to_guest.stats;
	const struct drain_producer_stats *out = &queue->to_host.stats;

	totals->to_guest_upcalls += u64_stats_read(&in->upcalls);
	totals->to_guest_masked_upcalls += u64_stats_read(&in->masked_upcalls);
	totals->to_guest_drains += u64_stats_read(&in->drains);
	totals->to_guest_hypercalls += u64_stats_read(&in->hypercalls);
	totals->to_guest_copies += u64_stats_read(&in->copies);
	totals->to_guest_copybreak += u64_stats_read(&in->copybreak);
	/* Before the frames, which they are some of: there are never more of them. */
	totals->to_guest_drops_malformed += u64_stats_read(&in->drop_malformed);
	totals->to_guest_drops_no_memory += u64_stats_read(&in->drop_no_memory);
	totals->to_guest_drops_down += u64_stats_read(&queue->drop_down);
	totals->to_guest_frames += u64_stats_read(&in->frames);
	totals->to_guest_bytes += u64_stats_read(&in->bytes);
	totals->to_host_frames += u64_stats_read(&out->frames);
	totals->to_host_bytes += u64_stats_read(&out->bytes);
	totals->to_host_batches += u64_stats_read(&out->batches);
	totals->to_host_flags += u64_stats_read(&out->flags);
	totals->to_host_drops_ring_full += u64_stats_read(&out->drop_ring_full);
	totals->to_host_drops_too_long += u64_stats_read(&out->drop_too_long);
	totals->to_host_drops_offload += u64_stats_read(&out->drop_offload);
}

static void drainfront_add_connection(struct drainfront_totals *totals,
				      const struct drainfront_connection *connection)
{
	unsigned int i;

	for (i = 0; i < connection->num_queues; i++)
		drainfront_add_queue(totals, connection->queues[i]);
}

/**
 * drainfront_totals() - all counters of an interface
 * @front: whose
 * @totals: set to the sum over queues, present and past
 *
 * Context: any but hard interrupt. A connection that ends meanwhile is counted
 * once or, in the moment between, not at all.
 */
void drainfront_totals(struct drainfront *front, struct drainfront_totals *totals)
{
	struct drainfront_connection *connection;

	rcu_read_lock();
	*totals = front->retired;
	connection = rcu_dereference(front->live);
	if (connection)
		drainfront_add_connection(totals, connection);
	rcu_read_unlock();
	totals->to_host_drops_not_connected = atomic64_read(&front->not_connected);
	totals->protocol_errors = atomic64_read(&front->protocol_errors);
}

/**
 * drainfront_queue_totals() - the counters of a queue of the live connection
 * @front: whose
 * @queue: its number
 * @totals: set to them; to 0 if there is no such queue now
 *
 * Context: any but hard interrupt.
 */
void drainfront_queue_totals(struct drainfront *front, unsigned int queue,
			     struct drainfront_totals *totals)
{
	struct drainfront_connection *connection;

	*totals = (struct drainfront_totals){ };
	rcu_read_lock();
	connection = rcu_dereference(front->live);
	if (connection && queue < connection->num_queues)
		drainfront_add_queue(totals, connection->queues[queue]);
	rcu_read_unlock();
}

/**
 * drainfront_totals_retire() - keep the counters of a connection that ends
 * @front: whose connection is not live any more but still whole
 *
 * Context: under rtnl.
 */
void drainfront_totals_retire(struct drainfront *front)
{
	ASSERT_RTNL();
	drainfront_add_connection(&front->retired, front->connection);
}

static void drainfront_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *stats)
{
	struct drainfront_totals totals;

	drainfront_totals(netdev_priv(netdev), &totals);
	stats->rx_bytes = totals.to_guest_bytes;
	stats->rx_errors = totals.to_guest_drops_malformed;
	stats->rx_dropped = totals.to_guest_drops_no_memory + totals.to_guest_drops_down;
	stats->rx_packets = totals.to_guest_frames - stats->rx_errors - stats->rx_dropped;
	stats->tx_packets = totals.to_host_frames;
	stats->tx_bytes = totals.to_host_bytes;
	stats->tx_dropped = totals.to_host_drops_ring_full + totals.to_host_drops_too_long +
			    totals.to_host_drops_offload + totals.to_host_drops_not_connected;
}

/* The backend takes no segments so small: they are cut here. */
static netdev_features_t drainfront_features_check(struct sk_buff *skb, struct net_device *netdev,
						   netdev_features_t features)
{
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_size < DRAIN_TO_HOST_GSO_SIZE_MIN)
		features &= ~NETIF_F_GSO_MASK;
	return vlan_features_check(skb, features);
}

static void drainfront_set_rx_mode(struct net_device *netdev)
{
	drainfront_filter_write(netdev_priv(netdev));
}

static const struct net_device_ops drainfront_netdev_ops = {
	.ndo_open = drainfront_open,
	.ndo_stop = drainfront_close,
	.ndo_start_xmit = drainfront_xmit,
	.ndo_set_rx_mode = drainfront_set_rx_mode,
	.ndo_features_check = drainfront_features_check,
	.ndo_get_stats64 = drainfront_get_stats64,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = NULL,
};

static int drainfront_read_mac(struct xenbus_device *xbdev, u8 *mac)
{
	char *text = xenbus_read(XBT_NIL, xbdev->nodename, "mac", NULL);
	bool valid;

	if (IS_ERR(text))
		return PTR_ERR(text);
	valid = mac_pton(text, mac) && is_valid_ether_addr(mac);
	kfree(text);
	return valid ? 0 : -EINVAL;
}

/* The largest MTU that the toolstack allows. */
static unsigned int drainfront_read_mtu(struct xenbus_device *xbdev)
{
	unsigned int mtu = xenbus_read_unsigned(xbdev->otherend, "mtu", ETH_DATA_LEN);

	return clamp_t(unsigned int, mtu, ETH_MIN_MTU, DRAINFRONT_MTU_MAX);
}

static void drainfront_netdev_init(struct net_device *netdev, struct xenbus_device *xbdev)
{
	SET_NETDEV_DEV(netdev, &xbdev->dev);
	netdev->netdev_ops = &drainfront_netdev_ops;
	netdev->ethtool_ops = &drainfront_ethtool_ops;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = drainfront_read_mtu(xbdev);
	netdev->mtu = netdev->max_mtu;
	/* Not NETIF_F_HW_CSUM: the backend sums TCP and UDP in IP, and nothing else. */
	netdev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO |
			      NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_RXCSUM;
	netdev->features = netdev->hw_features | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST |
			   NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX |
			   NETIF_F_HW_VLAN_STAG_TX | NETIF_F_HW_VLAN_STAG_RX;
	netdev->vlan_features = netdev->hw_features | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST;
	netdev->hw_features |= NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX;
	netif_carrier_off(netdev);
}

/**
 * drainfront_netdev_create() - make the interface of a device
 * @xbdev: the device
 *
 * Context: may sleep.
 * Return: a netdev that is not registered yet, or an ERR_PTR.
 */
struct net_device *drainfront_netdev_create(struct xenbus_device *xbdev)
{
	struct net_device *netdev;
	struct drainfront *front;
	u8 mac[ETH_ALEN];
	int err;

	err = drainfront_read_mac(xbdev, mac);
	if (err)
		return ERR_PTR(err);
	netdev = alloc_etherdev_mqs(sizeof(*front), DRAIN_QUEUES_MAX, DRAIN_QUEUES_MAX);
	if (!netdev)
		return ERR_PTR(-ENOMEM);
	eth_hw_addr_set(netdev, mac);
	drainfront_netdev_init(netdev, xbdev);
	front = netdev_priv(netdev);
	front->xbdev = xbdev;
	front->netdev = netdev;
	front->next_id = get_random_u32();
	ratelimit_state_init(&front->messages, 60 * HZ, DRAIN_MESSAGES_BURST);
	front->max_queues = 1;
	front->max_ring_pages = DRAIN_RING_PAGES_DEFAULT;
	drain_tuning_preset(&front->tuning);
	drain_tuning_preset(&front->told);
	return netdev;
}

/* What a vCPU sends goes into the queue that interrupts it. */
static void drainfront_spread(struct drainfront *front)
{
	const struct drainfront_connection *connection = front->connection;
	unsigned int i;

	for (i = 0; i < connection->num_queues; i++)
		netif_set_xps_queue(front->netdev, &connection->queues[i]->cpus, i);
}

/**
 * drainfront_mtu_max() - the largest MTU that a ring has room for
 * @ring_pages: its size
 */
unsigned int drainfront_mtu_max(unsigned int ring_pages)
{
	u32 frame_bytes = drain_frame_max_bytes(ring_pages * DRAIN_PAGE_BYTES);

	return min_t(u32, frame_bytes - VLAN_ETH_HLEN, DRAINFRONT_MTU_MAX);
}

/**
 * drainfront_netdev_size() - fit the interface to its connection
 * @front: has an offered connection
 *
 * Context: under rtnl.
 */
void drainfront_netdev_size(struct drainfront *front)
{
	const struct drainfront_connection *connection = front->connection;
	struct net_device *netdev = front->netdev;
	unsigned int mtu;

	netif_set_real_num_tx_queues(netdev, connection->num_queues);
	netif_set_real_num_rx_queues(netdev, connection->num_queues);
	drainfront_spread(front);
	mtu = drainfront_mtu_max(connection->ring_pages);
	drain_set_tso_max_size(netdev, min_t(u32, mtu, GSO_LEGACY_MAX_SIZE));
	/* What dom0 lets through is not a matter of the ring. */
	netdev->max_mtu = min(mtu, drainfront_read_mtu(front->xbdev));
	if (netdev->mtu > netdev->max_mtu && dev_set_mtu(netdev, netdev->max_mtu))
		netdev_warn(netdev, "MTU is %u, the backend lets %u through\n", netdev->mtu,
			    netdev->max_mtu);
}
