// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port: a NIC of dom0 and the devices on it. It takes what is for a guest
 * out of the NIC's receive path (rx handler) and out of what dom0 itself sends
 * through the NIC (netfilter's egress hook), and leaves dom0 the rest.
 *
 * Everything here changes under rtnl; the data path reads under RCU.
 */
#include <linux/ethtool.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>

#include "drainback.h"

#define DRAINBACK_MAC_BUCKETS	64

/**
 * struct drainback_port - a NIC and the devices on it
 * @on_list: in drainback_ports
 * @nic: the NIC; held
 * @tracker: of that hold
 * @devices: all of them, for frames to everybody
 * @by_mac: the same, by hash of their address
 * @promiscuous: how many of them get every frame
 * @egress: hook for what dom0 sends
 * @vlans_wanted: VLANs that guests have used
 * @vlans_added: of those, the ones that the NIC has been told to let in
 * @vlans_refused: the NIC has refused one
 */
struct drainback_port {
	struct list_head on_list;
	struct net_device *nic;
	netdevice_tracker tracker;
	struct list_head devices;
	struct hlist_head by_mac[DRAINBACK_MAC_BUCKETS];
	unsigned int promiscuous;
	struct nf_hook_ops egress;
	DECLARE_BITMAP(vlans_wanted, VLAN_N_VID);
	DECLARE_BITMAP(vlans_added, VLAN_N_VID);
	bool vlans_refused;
};

static LIST_HEAD(drainback_ports);

/* The frame of a guest that this CPU is just handing to a NIC. */
static DEFINE_PER_CPU(struct sk_buff *, drainback_sending);

/* Guests cannot choose their address, and addresses differ at the end. */
static unsigned int drainback_bucket(const u8 *mac)
{
	return (mac[ETH_ALEN - 2] ^ mac[ETH_ALEN - 1]) % DRAINBACK_MAC_BUCKETS;
}

/**
 * drainback_port_find() - the device with an address
 * @port: where to look
 * @mac: address
 *
 * Context: under RCU.
 * Return: the device or NULL.
 */
struct drainback_device *drainback_port_find(const struct drainback_port *port, const u8 *mac)
{
	struct drainback_device *device;

	hlist_for_each_entry_rcu(device, &port->by_mac[drainback_bucket(mac)], by_mac)
		if (ether_addr_equal(device->mac, mac))
			return device;
	return NULL;
}

/**
 * drainback_port_nic() - a port's NIC
 * @port: the port
 */
struct net_device *drainback_port_nic(const struct drainback_port *port)
{
	return port->nic;
}

/*
 * A frame whose source is one of the guests comes from that guest, by way of
 * dom0 (see drainback_broadcast()) or reflected by the network: not for it. A
 * trusted guest, which may be a bridge, sends with others' addresses as well.
 */
static bool drainback_sent_by(const struct drainback_device *device, const struct sk_buff *skb)
{
	const struct drainback_connection *connection;
	unsigned int i;

	if (ether_addr_equal(device->mac, eth_hdr(skb)->h_source))
		return true;
	connection = rcu_dereference_bh(device->connection);
	if (likely(drain_tuned(&device->tuning, DRAIN_TUNE_SPOOF_CHECK)) || !connection)
		return false;
	for (i = 0; i < connection->num_queues; i++)
		if (skb_napi_id(skb) == connection->queues[i]->napi.napi_id)
			return true;
	return false;
}

static void drainback_port_flood(struct drainback_port *port, struct sk_buff *skb,
				 unsigned int pulled)
{
	const u8 *dest = eth_hdr(skb)->h_dest;
	struct drainback_device *device;

	list_for_each_entry_rcu(device, &port->devices, on_port)
		if (drainback_filter_wants(device, dest) && !drainback_sent_by(device, skb))
			drainback_to_guest(device, skb, pulled);
}

/**
 * drainback_port_mirror() - a unicast frame, for the guests that want them all
 * @port: that it passes
 * @skb: the frame; stays the caller's and is not changed
 * @pulled: bytes of the Ethernet header before skb->data
 * @to: who gets it anyway, or NULL
 *
 * Context: under RCU, bottom halves disabled.
 */
void drainback_port_mirror(struct drainback_port *port, struct sk_buff *skb,
			   unsigned int pulled, const struct drainback_device *to)
{
	struct drainback_device *device;

	if (likely(!READ_ONCE(port->promiscuous)))
		return;
	list_for_each_entry_rcu(device, &port->devices, on_port)
		if (READ_ONCE(device->promiscuous) && device != to &&
		    !drainback_sent_by(device, skb))
			drainback_to_guest(device, skb, pulled);
}

static rx_handler_result_t drainback_port_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct drainback_port *port = rcu_dereference(skb->dev->rx_handler_data);
	const u8 *dest = eth_hdr(skb)->h_dest;
	struct drainback_device *device;

	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;
	if (is_multicast_ether_addr(dest)) {
		drainback_port_flood(port, skb, ETH_HLEN);
		return RX_HANDLER_PASS;
	}
	device = drainback_port_find(port, dest);
	drainback_port_mirror(port, skb, ETH_HLEN, device);
	if (!device)
		return RX_HANDLER_PASS;
	drainback_to_guest(device, skb, ETH_HLEN);
	consume_skb(skb);
	return RX_HANDLER_CONSUMED;
}

/*
 * What dom0 sends to a guest on its own NIC would otherwise leave by the wire.
 * What a guest sends has been looked at by to_host.c; it passes here because
 * dom0's egress rules are for it too.
 */
static unsigned int drainback_port_egress(void *data, struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	struct drainback_port *port = data;
	struct drainback_device *device;

	if (__this_cpu_read(drainback_sending) == skb) {
		/* Once: below this NIC there may be another with a port. */
		__this_cpu_write(drainback_sending, NULL);
		return NF_ACCEPT;
	}
	if (unlikely(skb_headlen(skb) < ETH_HLEN))
		return NF_ACCEPT;
	if (is_multicast_ether_addr(eth_hdr(skb)->h_dest)) {
		drainback_port_flood(port, skb, 0);
		return NF_ACCEPT;
	}
	device = drainback_port_find(port, eth_hdr(skb)->h_dest);
	drainback_port_mirror(port, skb, 0, device);
	if (!device)
		return NF_ACCEPT;
	drainback_to_guest(device, skb, 0);
	consume_skb(skb);
	return NF_STOLEN;
}

/**
 * drainback_port_send() - send a guest's frame out through its NIC
 * @skb: the frame, for skb->dev; consumed
 *
 * Context: softirq.
 * Return: as dev_queue_xmit().
 */
int drainback_port_send(struct sk_buff *skb)
{
	int verdict;

	__this_cpu_write(drainback_sending, skb);
	verdict = dev_queue_xmit(skb);
	/* Never read as a pointer; but another frame may get the same address. */
	__this_cpu_write(drainback_sending, NULL);
	return verdict;
}

/*
 * Guests decide how many there are. So it is one at a time, as rtnl is
 * everybody's, and none after the first that the NIC refuses, until it goes down
 * and up: each would be a wait for its firmware, and a line of its driver's in
 * the log. A NIC that is being reset or sleeps refuses them all; it is asked
 * when its link is back. Return: may there be more?
 */
static bool drainback_port_add_vlan(struct drainback_port *port)
{
	unsigned int vid = find_next_andnot_bit(port->vlans_wanted, port->vlans_added,
						VLAN_N_VID, 0);
	int err;

	if (vid >= VLAN_N_VID || port->vlans_refused || !netif_device_present(port->nic))
		return false;
	err = vlan_vid_add(port->nic, htons(ETH_P_8021Q), vid);
	if (err) {
		netdev_warn(port->nic, "xendrain: the NIC does not let VLAN %u in, and will not be asked for more: error %d\n",
			    vid, err);
		port->vlans_refused = true;
		return false;
	}
	__set_bit(vid, port->vlans_added);
	return true;
}

/* One work item for all ports: it takes rtnl, under which ports come and go. */
static void drainback_add_vlans(struct work_struct *work)
{
	struct drainback_port *port;
	bool more = false;

	rtnl_lock();
	list_for_each_entry(port, &drainback_ports, on_list)
		more |= drainback_port_add_vlan(port);
	rtnl_unlock();
	if (more)
		schedule_work(work);
}

static DECLARE_WORK(drainback_vlan_work, drainback_add_vlans);

/**
 * drainback_port_want_vlan() - a guest uses a VLAN: the NIC must let it in
 * @port: whose NIC
 * @vid: the VLAN
 *
 * Context: softirq.
 */
void drainback_port_want_vlan(struct drainback_port *port, u16 vid)
{
	if (likely(!vid || test_bit(vid, port->vlans_wanted)))
		return;
	set_bit(vid, port->vlans_wanted);
	schedule_work(&drainback_vlan_work);
}

static int drainback_port_hook(struct drainback_port *port)
{
	int err;

	err = netdev_rx_handler_register(port->nic, drainback_port_receive, port);
	if (err)
		return err;
	port->egress = (struct nf_hook_ops){
		.hook = drainback_port_egress,
		.dev = port->nic,
		.priv = port,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		.priority = INT_MAX,
	};
	err = nf_register_net_hook(dev_net(port->nic), &port->egress);
	if (err)
		goto unregister_handler;
	err = dev_set_allmulti(port->nic, 1);
	if (err)
		goto unregister_hook;
	/* Merged by the NIC, frames have lost what is needed to send them on. */
	dev_disable_lro(port->nic);
	return 0;

unregister_hook:
	nf_unregister_net_hook(dev_net(port->nic), &port->egress);
unregister_handler:
	netdev_rx_handler_unregister(port->nic);
	return err;
}

static void drainback_port_unhook(struct drainback_port *port)
{
	dev_set_allmulti(port->nic, -1);
	nf_unregister_net_hook(dev_net(port->nic), &port->egress);
	netdev_rx_handler_unregister(port->nic);
}

static struct drainback_port *drainback_port_create(struct net_device *nic)
{
	struct drainback_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int err;

	if (!port)
		return ERR_PTR(-ENOMEM);
	port->nic = nic;
	INIT_LIST_HEAD(&port->devices);
	err = drainback_port_hook(port);
	if (err) {
		kfree(port);
		return ERR_PTR(err);
	}
	netdev_hold(nic, &port->tracker, GFP_KERNEL);
	list_add(&port->on_list, &drainback_ports);
	return port;
}

static void drainback_port_destroy(struct drainback_port *port)
{
	unsigned int vid;

	list_del(&port->on_list);
	drainback_port_unhook(port);
	/* Queues that found the port in their device are done with it. */
	synchronize_net();
	for_each_set_bit(vid, port->vlans_added, VLAN_N_VID)
		vlan_vid_del(port->nic, htons(ETH_P_8021Q), vid);
	netdev_put(port->nic, &port->tracker);
	kfree(port);
}

static struct drainback_port *drainback_port_get(struct net_device *nic)
{
	struct drainback_port *port;

	list_for_each_entry(port, &drainback_ports, on_list)
		if (port->nic == nic)
			return port;
	return drainback_port_create(nic);
}

static void drainback_port_put(struct drainback_port *port)
{
	if (list_empty(&port->devices))
		drainback_port_destroy(port);
}

/* Why a netdev cannot be a port, as a sentence for the error node; or NULL. */
static const char *drainback_port_refusal(struct net_device *nic)
{
	if (nic->type != ARPHRD_ETHER || nic->flags & IFF_LOOPBACK)
		return "is not an Ethernet device";
	if (netif_is_bridge_port(nic))
		return "is a member of a bridge: take it out, or attach with bridge= instead";
	if (netdev_is_rx_handler_busy(nic) &&
	    rcu_access_pointer(nic->rx_handler) != drainback_port_receive)
		return "is already taken by another driver (bond, team, macvlan, Open vSwitch)";
	return NULL;
}

static int drainback_port_add(struct drainback_port *port, struct drainback_device *device)
{
	int err;

	if (drainback_port_find(port, device->mac)) {
		xenbus_dev_fatal(device->xbdev, -EEXIST, "mac %pM is already in use on %s",
				 device->mac, port->nic->name);
		return -EEXIST;
	}
	err = dev_uc_add(port->nic, device->mac);
	if (err) {
		xenbus_dev_fatal(device->xbdev, err, "adding mac %pM to %s", device->mac,
				 port->nic->name);
		return err;
	}
	rcu_assign_pointer(device->port, port);
	hlist_add_head_rcu(&device->by_mac, &port->by_mac[drainback_bucket(device->mac)]);
	list_add_rcu(&device->on_port, &port->devices);
	return 0;
}

/**
 * drainback_port_set_promisc() - begin or cease to give a device every frame
 * @device: attached or not
 * @promisc: begin
 *
 * Context: under rtnl.
 */
void drainback_port_set_promisc(struct drainback_device *device, bool promisc)
{
	struct drainback_port *port = rtnl_dereference(device->port);

	if (!port || promisc == device->promiscuous)
		return;
	/* Frames that the NIC has dropped are not for anybody to see. */
	if (dev_set_promiscuity(port->nic, promisc ? 1 : -1))
		return;
	WRITE_ONCE(device->promiscuous, promisc);
	WRITE_ONCE(port->promiscuous, port->promiscuous + (promisc ? 1 : -1));
}

static void drainback_port_remove(struct drainback_port *port, struct drainback_device *device)
{
	drainback_port_set_promisc(device, false);
	list_del_rcu(&device->on_port);
	hlist_del_rcu(&device->by_mac);
	RCU_INIT_POINTER(device->port, NULL);
	dev_uc_del(port->nic, device->mac);
	/* Whoever found the device is done with it. */
	synchronize_net();
}

/**
 * drainback_nic_attach() - put a device on a NIC
 * @device: not attached
 * @nic: name of the NIC, in dom0's first network namespace
 *
 * Context: may sleep; takes rtnl.
 * Return: 0, or an error that has been reported on the device.
 */
int drainback_nic_attach(struct drainback_device *device, const char *nic)
{
	struct xenbus_device *xbdev = device->xbdev;
	struct drainback_port *port;
	struct net_device *netdev;
	const char *refusal;
	int err = -ENODEV;

	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, nic);
	if (!netdev) {
		xenbus_dev_fatal(xbdev, err, "nic %s does not exist", nic);
		goto unlock;
	}
	refusal = drainback_port_refusal(netdev);
	if (refusal) {
		err = -EBUSY;
		xenbus_dev_fatal(xbdev, err, "nic %s %s", nic, refusal);
		goto unlock;
	}
	port = drainback_port_get(netdev);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		xenbus_dev_fatal(xbdev, err, "taking nic %s", nic);
		goto unlock;
	}
	err = drainback_port_add(port, device);
	if (err)
		drainback_port_put(port);
unlock:
	rtnl_unlock();
	return err;
}

/**
 * drainback_nic_detach() - undo drainback_nic_attach()
 * @device: attached, or not any more because the NIC has gone
 *
 * Context: may sleep; takes rtnl.
 */
void drainback_nic_detach(struct drainback_device *device)
{
	struct drainback_port *port;

	rtnl_lock();
	port = rtnl_dereference(device->port);
	if (port) {
		drainback_port_remove(port, device);
		drainback_port_put(port);
	}
	rtnl_unlock();
}

/**
 * drainback_nic_link() - is the link of a device's NIC up?
 * @device: whose
 * @speed_mbps: set to the link's speed in Mbit/s, 0 if it has none
 *
 * Context: may sleep; takes rtnl.
 */
bool drainback_nic_link(struct drainback_device *device, unsigned int *speed_mbps)
{
	struct ethtool_link_ksettings settings;
	struct drainback_port *port;
	bool up = false;

	*speed_mbps = 0;
	rtnl_lock();
	port = rtnl_dereference(device->port);
	if (port) {
		up = netif_running(port->nic) && netif_carrier_ok(port->nic);
		if (up && !__ethtool_get_link_ksettings(port->nic, &settings) &&
		    settings.base.speed != (u32)SPEED_UNKNOWN)
			*speed_mbps = settings.base.speed;
	}
	rtnl_unlock();
	return up;
}

static void drainback_port_gone(struct drainback_port *port)
{
	struct drainback_device *device, *next;

	list_for_each_entry_safe(device, next, &port->devices, on_port) {
		drainback_port_remove(port, device);
		WRITE_ONCE(device->nic_gone, true);
		drain_report_soon(&device->link);
	}
	drainback_port_destroy(port);
}

static int drainback_port_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct net_device *nic = netdev_notifier_info_to_dev(data);
	struct drainback_device *device;
	struct drainback_port *port;

	list_for_each_entry(port, &drainback_ports, on_list)
		if (port->nic == nic)
			goto found;
	return NOTIFY_DONE;

found:
	switch (event) {
	case NETDEV_UNREGISTER:
		drainback_port_gone(port);
		break;
	case NETDEV_UP:
		port->vlans_refused = false;
		fallthrough;
	case NETDEV_CHANGE:
		schedule_work(&drainback_vlan_work);
		fallthrough;
	case NETDEV_DOWN:
		list_for_each_entry(device, &port->devices, on_port)
			drain_report_soon(&device->link);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block drainback_port_notifier = {
	.notifier_call = drainback_port_event,
};

/**
 * drainback_nic_init() - start to hear about NICs
 */
int drainback_nic_init(void)
{
	return register_netdevice_notifier(&drainback_port_notifier);
}

/**
 * drainback_nic_exit() - undo drainback_nic_init(); no port is left
 */
void drainback_nic_exit(void)
{
	unregister_netdevice_notifier(&drainback_port_notifier);
	cancel_work_sync(&drainback_vlan_work);
}
