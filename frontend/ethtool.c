// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool.
 */
#include <linux/ethtool.h>

#include "drainfront.h"

static void drainfront_get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	struct drainfront *front = netdev_priv(netdev);

	strscpy(info->driver, "xen-drainfront", sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&front->xbdev->dev), sizeof(info->bus_info));
}

static const char drainfront_strings[][ETH_GSTRING_LEN] = {
	"to_guest_upcalls",
	"to_guest_masked_upcalls",
	"to_guest_drains",
	"to_guest_hypercalls",
	"to_guest_copies",
	"to_guest_frames",
	"to_guest_bytes",
	"to_guest_copybreak",
	"to_guest_drops_malformed",
	"to_guest_drops_no_memory",
	"to_guest_drops_down",
	"to_host_frames",
	"to_host_bytes",
	"to_host_batches",
	"to_host_flags",
	"to_host_drops_ring_full",
	"to_host_drops_too_long",
	"to_host_drops_offload",
	"to_host_drops_not_connected",
	"protocol_errors",
};

static_assert(ARRAY_SIZE(drainfront_strings) * sizeof(u64) == sizeof(struct drainfront_totals));

/* Those that are counted by queues: all but the last two. */
#define DRAINFRONT_QUEUE_STRINGS	(ARRAY_SIZE(drainfront_strings) - 2)

static_assert(offsetof(struct drainfront_totals, to_host_drops_not_connected) ==
	      DRAINFRONT_QUEUE_STRINGS * sizeof(u64));

/* The totals, then the same of each queue. Rtnl keeps their number as it is. */
static int drainfront_get_sset_count(struct net_device *netdev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(drainfront_strings) +
	       netdev->real_num_rx_queues * DRAINFRONT_QUEUE_STRINGS;
}

static void drainfront_get_strings(struct net_device *netdev, u32 set, u8 *data)
{
	unsigned int queue, i;

	if (set != ETH_SS_STATS)
		return;
	memcpy(data, drainfront_strings, sizeof(drainfront_strings));
	data += sizeof(drainfront_strings);
	for (queue = 0; queue < netdev->real_num_rx_queues; queue++)
		for (i = 0; i < DRAINFRONT_QUEUE_STRINGS; i++)
			ethtool_sprintf(&data, "q%u_%s", queue, drainfront_strings[i]);
}

static void drainfront_get_ethtool_stats(struct net_device *netdev, struct ethtool_stats *stats,
					 u64 *data)
{
	struct drainfront *front = netdev_priv(netdev);
	struct drainfront_totals totals;
	unsigned int queue;

	drainfront_totals(front, (struct drainfront_totals *)data);
	data += ARRAY_SIZE(drainfront_strings);
	for (queue = 0; queue < netdev->real_num_rx_queues; queue++) {
		drainfront_queue_totals(front, queue, &totals);
		memcpy(data, &totals, DRAINFRONT_QUEUE_STRINGS * sizeof(u64));
		data += DRAINFRONT_QUEUE_STRINGS;
	}
}

/* The link is the backend's NIC; what it cannot say is unknown, not made up. */
static int drainfront_get_link_ksettings(struct net_device *netdev,
					 struct ethtool_link_ksettings *settings)
{
	struct drainfront *front = netdev_priv(netdev);
	unsigned int speed = READ_ONCE(front->speed_mbps);

	settings->base.port = PORT_OTHER;
	settings->base.speed = speed ? speed : SPEED_UNKNOWN;
	settings->base.duplex = speed ? DUPLEX_FULL : DUPLEX_UNKNOWN;
	return 0;
}

static int drainfront_get_coalesce(struct net_device *netdev, struct ethtool_coalesce *coalesce,
				   struct kernel_ethtool_coalesce *kernel_coalesce,
				   struct netlink_ext_ack *extack)
{
	struct drainfront *front = netdev_priv(netdev);

	coalesce->use_adaptive_rx_coalesce = drain_tuned(&front->tuning,
							 DRAIN_TUNE_COALESCE_ADAPTIVE);
	coalesce->rx_coalesce_usecs = drain_tuned(&front->tuning, DRAIN_TUNE_COALESCE_USECS);
	return 0;
}

static int drainfront_set_coalesce(struct net_device *netdev, struct ethtool_coalesce *coalesce,
				   struct kernel_ethtool_coalesce *kernel_coalesce,
				   struct netlink_ext_ack *extack)
{
	struct drainfront *front = netdev_priv(netdev);

	if (coalesce->rx_coalesce_usecs > DRAIN_GAP_MAX_USECS) {
		NL_SET_ERR_MSG_MOD(extack, "rx-usecs is too large, allowed is 0 to 10000");
		return -EINVAL;
	}
	drain_tune(&front->tuning, DRAIN_TUNE_COALESCE_ADAPTIVE,
		   coalesce->use_adaptive_rx_coalesce);
	drain_tune(&front->tuning, DRAIN_TUNE_COALESCE_USECS, coalesce->rx_coalesce_usecs);
	return 0;
}

static_assert(DRAIN_GAP_MAX_USECS == 10000, "said in a message above");

/* A queue is an event channel and two rings: there are combined ones only. */
static void drainfront_get_channels(struct net_device *netdev, struct ethtool_channels *channels)
{
	struct drainfront *front = netdev_priv(netdev);

	channels->max_combined = front->max_queues;
	channels->combined_count = netdev->real_num_rx_queues;
}

/* The kernel has checked the number against the maximum. */
static int drainfront_set_channels(struct net_device *netdev, struct ethtool_channels *channels)
{
	struct drainfront *front = netdev_priv(netdev);
	int err = 0;

	if (channels->combined_count != netdev->real_num_rx_queues)
		err = drainfront_reconnect(front, NULL);
	if (!err)
		front->queues = channels->combined_count;
	return err;
}

/* In pages of 4 KB, as frames take as much of a byte ring as they need. */
static void drainfront_get_ringparam(struct net_device *netdev, struct ethtool_ringparam *ring,
				     struct kernel_ethtool_ringparam *kernel_ring,
				     struct netlink_ext_ack *extack)
{
	struct drainfront *front = netdev_priv(netdev);
	unsigned int pages = front->ring_pages ? front->ring_pages : front->max_ring_pages;

	if (front->connection)
		pages = front->connection->ring_pages;
	ring->rx_max_pending = front->max_ring_pages;
	ring->tx_max_pending = front->max_ring_pages;
	ring->rx_pending = pages;
	ring->tx_pending = pages;
}

static int drainfront_set_ringparam(struct net_device *netdev, struct ethtool_ringparam *ring,
				    struct kernel_ethtool_ringparam *kernel_ring,
				    struct netlink_ext_ack *extack)
{
	struct drainfront *front = netdev_priv(netdev);
	int err;

	if (ring->rx_pending != ring->tx_pending) {
		NL_SET_ERR_MSG_MOD(extack, "the rings are of one size: rx and tx must be equal");
		return -EINVAL;
	}
	if (!drain_ring_pages_valid(ring->rx_pending)) {
		NL_SET_ERR_MSG_MOD(extack, "allowed is a power of two from 8 (pages of 4 KB)");
		return -EINVAL;
	}
	if (netdev->mtu > drainfront_mtu_max(ring->rx_pending)) {
		NL_SET_ERR_MSG_MOD(extack, "too small for frames of the interface's MTU");
		return -EINVAL;
	}
	err = drainfront_reconnect(front, extack);
	if (!err)
		front->ring_pages = ring->rx_pending;
	return err;
}

static_assert(DRAIN_RING_PAGES_MIN == 8, "said in a message above");

const struct ethtool_ops drainfront_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.get_drvinfo = drainfront_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = drainfront_get_link_ksettings,
	.get_sset_count = drainfront_get_sset_count,
	.get_strings = drainfront_get_strings,
	.get_ethtool_stats = drainfront_get_ethtool_stats,
	.get_channels = drainfront_get_channels,
	.set_channels = drainfront_set_channels,
	.get_ringparam = drainfront_get_ringparam,
	.set_ringparam = drainfront_set_ringparam,
	.get_coalesce = drainfront_get_coalesce,
	.set_coalesce = drainfront_set_coalesce,
	.get_ts_info = ethtool_op_get_ts_info,
};
