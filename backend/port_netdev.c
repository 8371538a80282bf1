// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port that is a network interface of its own, vdDOMID.HANDLE, for Xen's
 * hotplug scripts to put on a bridge, into Open vSwitch or behind a route, as
 * they do with vifs. What dom0 sends through it is for the guest, what the guest
 * sends comes in through it.
 *
 * Its queue is stopped when the ring is full, instead of frames being dropped,
 * and woken when the guest has drained. A guest that does not drain for some
 * seconds has its frames dropped and its carrier taken away until it does, for
 * else it would hold dom0's frames, and whoever waits for them, for ever.
 *
 * It belongs to the device, and is there whether or not a guest is connected.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "drainback.h"

/* 64 KB of IP in a frame. Half a ring caps it further, see there. */
#define DRAINBACK_MTU_MAX	(65535 - ETH_HLEN)

/* How long a stopped queue waits for its guest: this, and twice this at most. */
#define DRAINBACK_STALL		(5 * HZ)

/*
 * Then what comes is dropped here, and counted, and so much later the carrier
 * goes: what a qdisc has then, the kernel throws away and does not count.
 */
#define DRAINBACK_STALL_DROPS	(HZ / 2)

/**
 * struct drainback_netdev - private part of an interface
 * @device: whose it is
 * @lock: of @stalled and the carrier; taken with interrupts off, see netpoll
 * @stalled: queues whose guest does not drain; no carrier while there are any
 * @watch: looks after queues that are stopped
 * @mute: takes the carrier
 */
struct drainback_netdev {
	struct drainback_device *device;
	spinlock_t lock;
	unsigned int stalled;
	struct delayed_work watch;
	struct delayed_work mute;
};

static struct drainback_netdev *drainback_netdev(const struct drainback_queue *queue)
{
	return netdev_priv(queue->connection->device->netdev);
}

/* The guest has drained what made its queue stall. */
static void drainback_netdev_recover(struct drainback_queue *queue)
{
	struct drainback_netdev *port = drainback_netdev(queue);
	unsigned long flags;

	if (likely(!queue->stalled || queue->transmit.lossy))
		return;
	queue->stalled = false;
	spin_lock_irqsave(&port->lock, flags);
	if (!--port->stalled)
		netif_carrier_on(port->device->netdev);
	spin_unlock_irqrestore(&port->lock, flags);
}

static void drainback_netdev_stall(struct drainback_queue *queue)
{
	struct drainback_netdev *port = drainback_netdev(queue);

	queue->stalled = true;
	spin_lock_irq(&port->lock);
	port->stalled++;
	spin_unlock_irq(&port->lock);
	schedule_delayed_work(&port->mute, DRAINBACK_STALL_DROPS);
}

static void drainback_netdev_mute(struct work_struct *work)
{
	struct drainback_netdev *port = container_of(to_delayed_work(work),
						     struct drainback_netdev, mute);

	spin_lock_irq(&port->lock);
	if (port->stalled)
		netif_carrier_off(port->device->netdev);
	spin_unlock_irq(&port->lock);
}

/* All is published: if there was no room for more, the guest is to tell. */
static void drainback_netdev_wait(struct drainback_queue *queue)
{
	struct delayed_work *watch = &drainback_netdev(queue)->watch;

	if (unlikely(drain_transmit_wait(&queue->transmit))) {
		drainback_limit_fault(queue);
		return;
	}
	drainback_netdev_recover(queue);
	if (netif_xmit_stopped(queue->transmit.txq) && !delayed_work_pending(watch))
		schedule_delayed_work(watch, DRAINBACK_STALL);
}

static netdev_tx_t drainback_netdev_send(struct drainback_queue *queue, struct sk_buff *skb)
{
	int last;

	/*
	 * Netpoll sends with interrupts off, and may have interrupted the very
	 * one who holds the lock.
	 */
	if (unlikely(irqs_disabled())) {
		if (!spin_trylock(&queue->produce_lock))
			return NETDEV_TX_BUSY;
	} else {
		spin_lock(&queue->produce_lock);
	}
	last = drain_transmit_put(&queue->transmit, skb, netdev_xmit_more());
	if (unlikely(last < 0))
		drainback_undelivered(queue, last);
	if (last) {
		drainback_queue_publish_locked(queue);
		drainback_netdev_wait(queue);
	}
	spin_unlock(&queue->produce_lock);

	if (unlikely(last < 0)) {
		dev_kfree_skb_any(skb);
	} else {
		skb_tx_timestamp(skb);
		dev_consume_skb_any(skb);
	}
	return NETDEV_TX_OK;
}

static netdev_tx_t drainback_netdev_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct drainback_netdev *port = netdev_priv(netdev);
	struct drainback_connection *connection = rcu_dereference_bh(port->device->connection);
	u16 index = skb_get_queue_mapping(skb);

	/* The queue may have been chosen when there was a connection with more. */
	if (unlikely(!connection || READ_ONCE(connection->broken) ||
		     index >= connection->num_queues)) {
		atomic64_inc(&port->device->not_connected);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	return drainback_netdev_send(connection->queues[index], skb);
}

/* What the wire cannot say is for the stack to segment. */
static netdev_features_t drainback_netdev_features_check(struct sk_buff *skb,
							 struct net_device *netdev,
							 netdev_features_t features)
{
	if (unlikely(!drain_can_express(skb)))
		features &= ~NETIF_F_GSO_MASK;
	return vlan_features_check(skb, features);
}

/**
 * drainback_netdev_reap() - publish, and account what the guest has fetched
 * @queue: of a device with an interface
 *
 * Context: the queue's NAPI.
 */
void drainback_netdev_reap(struct drainback_queue *queue)
{
	u32 before;

	__netif_tx_lock(queue->transmit.txq, smp_processor_id());
	spin_lock(&queue->produce_lock);
	before = queue->transmit.reaped;
	drainback_queue_publish_locked(queue);
	if (unlikely(drain_transmit_reap(&queue->transmit)))
		drainback_limit_fault(queue);
	else
		drainback_netdev_wait(queue);
	if (queue->transmit.reaped != before)
		queue->channel.worked = true;
	spin_unlock(&queue->produce_lock);
	__netif_tx_unlock(queue->transmit.txq);
}

/**
 * drainback_netdev_receive() - a drained frame comes in through the interface
 * @queue: that it was drained from
 * @skb: the frame, at its Ethernet header; consumed
 *
 * A frame that is to be segmented counts against the queue while it is on its
 * way through a bridge and a NIC: the guest's sockets feel no other
 * back-pressure. GRO merges other frames, but not these (SKB_GSO_DODGY); it
 * would forget who they count against.
 *
 * Context: the queue's NAPI.
 */
void drainback_netdev_receive(struct drainback_queue *queue, struct sk_buff *skb)
{
	struct net_device *netdev = queue->connection->device->netdev;

	if (!drainback_admit(queue, netdev, skb))
		return;
	if (skb_is_gso(skb))
		drainback_weigh(queue, skb);
	/* A guest may send before the interface has got its queues. */
	if (likely(queue->index < READ_ONCE(netdev->real_num_rx_queues)))
		skb_record_rx_queue(skb, queue->index);
	skb->protocol = eth_type_trans(skb, netdev);
	napi_gro_receive(&queue->napi, skb);
}

/*
 * Returns true if the queue must be looked at again. A guest that makes room by
 * driblets does not drain: what senders have waiting here counts against them.
 */
static bool drainback_netdev_watch_queue(struct drainback_queue *queue)
{
	struct net_device *netdev = queue->connection->device->netdev;
	struct drain_transmit *transmit = &queue->transmit;
	u32 limit;

	if (!netif_xmit_stopped(transmit->txq))
		return false;
	if (drain_producer_refresh(&queue->to_guest.ix)) {
		drainback_limit_fault(queue);
		return false;
	}
	limit = queue->to_guest.ix.limit;
	if (limit - queue->watched >= queue->to_guest.ix.ring_bytes / 8) {
		queue->watched = limit;
		return true;
	}
	drainback_netdev_stall(queue);
	if (__ratelimit(&queue->connection->device->messages))
		netdev_info(netdev, "the guest does not drain queue %u: no carrier until it does\n",
			    queue->index);
	if (drain_transmit_stall(transmit))
		drainback_limit_fault(queue);
	else
		drainback_netdev_recover(queue);
	return false;
}

static void drainback_netdev_watch(struct work_struct *work)
{
	struct drainback_netdev *port = container_of(to_delayed_work(work),
						     struct drainback_netdev, watch);
	struct drainback_connection *connection;
	struct drainback_queue *queue;
	bool again = false;
	unsigned int i;

	rcu_read_lock();
	connection = rcu_dereference(port->device->connection);
	for (i = 0; connection && i < connection->num_queues; i++) {
		queue = connection->queues[i];
		__netif_tx_lock_bh(queue->transmit.txq);
		spin_lock(&queue->produce_lock);
		again |= !READ_ONCE(connection->broken) && drainback_netdev_watch_queue(queue);
		spin_unlock(&queue->produce_lock);
		__netif_tx_unlock_bh(queue->transmit.txq);
	}
	rcu_read_unlock();
	if (again)
		schedule_delayed_work(&port->watch, DRAINBACK_STALL);
}

/**
 * drainback_netdev_queue_start() - open a queue's end of the interface
 * @queue: complete, but not running yet
 *
 * Context: may sleep; under device->lock.
 */
void drainback_netdev_queue_start(struct drainback_queue *queue)
{
	struct net_device *netdev = queue->connection->device->netdev;
	struct netdev_queue *txq = netdev_get_tx_queue(netdev, queue->index);

	__netif_tx_lock_bh(txq);
	spin_lock(&queue->produce_lock);
	drain_transmit_init(&queue->transmit, &queue->to_guest, txq);
	if (drain_transmit_start(&queue->transmit))
		drainback_limit_fault(queue);
	spin_unlock(&queue->produce_lock);
	__netif_tx_unlock_bh(txq);
}

/**
 * drainback_netdev_connected() - a guest is there
 * @connection: that is published now
 *
 * Context: may sleep; under device->lock; takes rtnl.
 */
void drainback_netdev_connected(struct drainback_connection *connection)
{
	u32 frame_bytes = drain_frame_max_bytes(connection->ring_pages * DRAIN_PAGE_BYTES);
	struct net_device *netdev = connection->device->netdev;

	rtnl_lock();
	netif_set_real_num_tx_queues(netdev, connection->num_queues);
	netif_set_real_num_rx_queues(netdev, connection->num_queues);
	drain_set_tso_max_size(netdev, min_t(u32, frame_bytes - VLAN_ETH_HLEN,
					     GSO_LEGACY_MAX_SIZE));
	netif_carrier_on(netdev);
	rtnl_unlock();
}

/**
 * drainback_netdev_disconnected() - a guest is gone
 * @device: whose; its queues have stopped
 *
 * Context: under device->lock.
 */
void drainback_netdev_disconnected(struct drainback_device *device)
{
	struct drainback_netdev *port = netdev_priv(device->netdev);

	spin_lock_irq(&port->lock);
	port->stalled = 0;
	netif_carrier_off(device->netdev);
	spin_unlock_irq(&port->lock);
}

/**
 * drainback_netdev_link() - is the interface of a device up?
 * @device: whose; has an interface
 *
 * Whoever takes it down takes the guest's cable out.
 *
 * Context: may sleep; takes rtnl.
 */
bool drainback_netdev_link(struct drainback_device *device)
{
	bool up;

	rtnl_lock();
	up = netif_running(device->netdev);
	rtnl_unlock();
	return up;
}

static int drainback_netdev_up_or_down(struct net_device *netdev)
{
	struct drainback_netdev *port = netdev_priv(netdev);

	drain_report_soon(&port->device->link);
	return 0;
}

static void drainback_netdev_get_stats64(struct net_device *netdev,
					 struct rtnl_link_stats64 *stats)
{
	struct drainback_netdev *port = netdev_priv(netdev);

	drainback_statistics_link(port->device, stats);
}

static const struct net_device_ops drainback_netdev_ops = {
	.ndo_open = drainback_netdev_up_or_down,
	.ndo_stop = drainback_netdev_up_or_down,
	.ndo_start_xmit = drainback_netdev_xmit,
	.ndo_features_check = drainback_netdev_features_check,
	.ndo_get_stats64 = drainback_netdev_get_stats64,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
};

static void drainback_netdev_get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	struct drainback_netdev *port = netdev_priv(netdev);

	strscpy(info->driver, "xen-drainback", sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&port->device->xbdev->dev), sizeof(info->bus_info));
}

static int drainback_netdev_get_sset_count(struct net_device *netdev, int set)
{
	return set == ETH_SS_STATS ? drainback_statistics_count() : -EOPNOTSUPP;
}

static void drainback_netdev_get_strings(struct net_device *netdev, u32 set, u8 *names)
{
	if (set == ETH_SS_STATS)
		drainback_statistics_names(names);
}

static void drainback_netdev_get_ethtool_stats(struct net_device *netdev,
					       struct ethtool_stats *stats, u64 *values)
{
	struct drainback_netdev *port = netdev_priv(netdev);

	drainback_statistics_values(port->device, values);
}

static const struct ethtool_ops drainback_netdev_ethtool_ops = {
	.get_drvinfo = drainback_netdev_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = drainback_netdev_get_sset_count,
	.get_strings = drainback_netdev_get_strings,
	.get_ethtool_stats = drainback_netdev_get_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};

/*
 * The address is the one that vifs have: the highest that a bridge will not take
 * for its own. NETIF_F_GSO_ROBUST is not among the features, so that the stack
 * checks the headers of what another guest wants to have segmented.
 */
static void drainback_netdev_init(struct net_device *netdev, struct drainback_device *device)
{
	static const u8 address[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	u32 frame_bytes = drain_frame_max_bytes(device->max_ring_pages * DRAIN_PAGE_BYTES);
	unsigned int mtu = xenbus_read_unsigned(device->xbdev->nodename, "mtu", ETH_DATA_LEN);

	SET_NETDEV_DEV(netdev, &device->xbdev->dev);
	netdev->netdev_ops = &drainback_netdev_ops;
	netdev->ethtool_ops = &drainback_netdev_ethtool_ops;
	netdev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	eth_hw_addr_set(netdev, address);
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = min_t(u32, frame_bytes - VLAN_ETH_HLEN, DRAINBACK_MTU_MAX);
	netdev->mtu = clamp(mtu, netdev->min_mtu, netdev->max_mtu);
	netdev->hw_features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 |
			      NETIF_F_TSO_ECN;
	netdev->vlan_features = netdev->hw_features | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST;
	netdev->features = netdev->vlan_features | NETIF_F_RXCSUM |
			   NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX |
			   NETIF_F_HW_VLAN_STAG_TX | NETIF_F_HW_VLAN_STAG_RX;
	netif_carrier_off(netdev);
}

static struct net_device *drainback_netdev_create(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	struct drainback_netdev *port;
	struct net_device *netdev;
	char name[2 * IFNAMSIZ];

	snprintf(name, sizeof(name), "vd%u.%s", xbdev->otherend_id, kbasename(xbdev->nodename));
	if (strlen(name) >= IFNAMSIZ) {
		xenbus_dev_fatal(xbdev, -EINVAL, "interface name %s is too long, allowed is %u",
				 name, IFNAMSIZ - 1);
		return ERR_PTR(-EINVAL);
	}
	netdev = alloc_netdev_mqs(sizeof(*port), name, NET_NAME_ENUM, ether_setup,
				  DRAIN_QUEUES_MAX, DRAIN_QUEUES_MAX);
	if (!netdev) {
		xenbus_dev_fatal(xbdev, -ENOMEM, "creating interface %s", name);
		return ERR_PTR(-ENOMEM);
	}
	drainback_netdev_init(netdev, device);
	port = netdev_priv(netdev);
	port->device = device;
	spin_lock_init(&port->lock);
	INIT_DELAYED_WORK(&port->watch, drainback_netdev_watch);
	INIT_DELAYED_WORK(&port->mute, drainback_netdev_mute);
	return netdev;
}

/**
 * drainback_netdev_attach() - give a device an interface of its own
 * @device: not attached
 *
 * Context: may sleep; takes rtnl.
 * Return: 0, or an error that has been reported on the device.
 */
int drainback_netdev_attach(struct drainback_device *device)
{
	struct net_device *netdev = drainback_netdev_create(device);
	int err;

	if (IS_ERR(netdev))
		return PTR_ERR(netdev);
	err = register_netdev(netdev);
	if (err) {
		xenbus_dev_fatal(device->xbdev, err, "creating interface %s", netdev->name);
		free_netdev(netdev);
		return err;
	}
	device->netdev = netdev;
	/* No script has seen this one yet, whatever was before this module. */
	xenbus_rm(XBT_NIL, device->xbdev->nodename, "hotplug-status");
	return 0;
}

/**
 * drainback_netdev_detach() - undo drainback_netdev_attach()
 * @device: with an interface or without; not connected
 *
 * Context: may sleep; takes rtnl.
 */
void drainback_netdev_detach(struct drainback_device *device)
{
	struct net_device *netdev = device->netdev;
	struct drainback_netdev *port;

	if (!netdev)
		return;
	port = netdev_priv(netdev);
	unregister_netdev(netdev);
	/* Nobody sends any more, or opens or closes: neither is scheduled again. */
	cancel_delayed_work_sync(&port->watch);
	cancel_delayed_work_sync(&port->mute);
	cancel_delayed_work_sync(&device->link.work);
	device->netdev = NULL;
	free_netdev(netdev);
}
