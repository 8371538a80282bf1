// SPDX-License-Identifier: GPL-2.0-only
/*
 * A frontend that breaks the protocol. It connects as an honest one would and
 * then, once connected, does what its parameter says.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

#include "frame.h"

#define PAGES		8u
#define RING_BYTES	(PAGES * DRAIN_PAGE_BYTES)

static char *attack = "none";
module_param(attack, charp, 0444);

static struct drain_control *control;
static u8 *data[PAGES];
static grant_ref_t control_ref, refs[PAGES];
static evtchn_port_t channel;
static u8 mac[ETH_ALEN];
static bool done;

static int share(struct xenbus_device *xbdev, void *page, int readonly)
{
	return gnttab_grant_foreign_access(xbdev->otherend_id, virt_to_gfn(page), readonly);
}

static void reset(struct drain_ring *ring)
{
	ring->consumer.limit = cpu_to_le32(RING_BYTES);
	ring->producer.wake_at = cpu_to_le32(RING_BYTES - 1);
}

static int offer(struct xenbus_device *xbdev)
{
	unsigned int i;

	control = (void *)get_zeroed_page(GFP_KERNEL);
	if (!control)
		return -ENOMEM;
	reset(&control->to_guest);
	reset(&control->to_host);
	for (i = 0; i < PAGES; i++) {
		data[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!data[i])
			return -ENOMEM;
		refs[i] = share(xbdev, data[i], 1);
		control->to_host_refs[i] = cpu_to_le32(refs[i]);
	}
	if (!strcmp(attack, "bad-grant"))
		control->to_host_refs[0] = cpu_to_le32(0x00ffffff);
	control_ref = share(xbdev, control, 0);
	if (xenbus_alloc_evtchn(xbdev, &channel))
		return -ENOSPC;
	xenbus_printf(XBT_NIL, xbdev->nodename, "protocol", "%u", DRAIN_PROTOCOL);
	xenbus_printf(XBT_NIL, xbdev->nodename, "queues", "1");
	xenbus_printf(XBT_NIL, xbdev->nodename, "ring-pages", "%u", PAGES);
	xenbus_printf(XBT_NIL, xbdev->nodename, "connection", "666");
	xenbus_printf(XBT_NIL, xbdev->nodename, "queue-0/control-ref", "%u", control_ref);
	xenbus_printf(XBT_NIL, xbdev->nodename, "queue-0/event-channel", "%u", channel);
	return 0;
}

/* A broadcast frame in our name, at the start of the ring. */
static struct drain_frame *put_frame(u32 frame_bytes)
{
	struct drain_frame *frame = (void *)data[0];
	struct ethhdr *eth = (void *)(frame + 1);

	memset(frame, 0, sizeof(*frame));
	frame->frame_bytes = cpu_to_le32(frame_bytes);
	eth_broadcast_addr(eth->h_dest);
	memcpy(eth->h_source, mac, ETH_ALEN);
	eth->h_proto = htons(0x88b5);
	return frame;
}

static void publish(u32 prod)
{
	wmb(); /* frames first */
	WRITE_ONCE(control->to_host.producer.prod, cpu_to_le32(prod));
	mb(); /* then the event */
	notify_remote_via_evtchn(channel);
}

static void storm(void)
{
	unsigned int i;

	for (i = 0; i < 300000; i++)
		notify_remote_via_evtchn(channel);
}

/* Indices that change while the backend looks at them. */
static void dance(void)
{
	unsigned int i;

	for (i = 0; i < 100000; i++)
		publish(i * 32 % (4 * RING_BYTES));
}

/* Faultless TCP, but for the number of segments that it is to be cut into. */
static void put_segments(u16 gso_size)
{
	struct drain_frame *frame = put_frame(1054);
	struct ethhdr *eth = (void *)(frame + 1);
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	eth->h_proto = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(1040);
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->check = ip_fast_csum(ip, ip->ihl);
	tcp->doff = 5;
	frame->offload.flags = DRAIN_OFFLOAD_NEEDS_CSUM;
	frame->offload.gso_type = DRAIN_OFFLOAD_GSO_TCPV4;
	frame->offload.gso_size = cpu_to_le16(gso_size);
	frame->offload.csum_start = cpu_to_le16(ETH_HLEN + sizeof(*ip));
	frame->offload.csum_offset = cpu_to_le16(offsetof(struct tcphdr, check));
}

/* One offer after another, each with a number of its own. */
static void reconnect(struct xenbus_device *xbdev)
{
	unsigned long end = jiffies + 20 * HZ;
	unsigned int i;

	for (i = 0; time_before(jiffies, end); i++) {
		xenbus_printf(XBT_NIL, xbdev->nodename, "connection", "%u", 1000 + i);
		xenbus_switch_state(xbdev, XenbusStateInitialised);
		msleep(20);
		xenbus_switch_state(xbdev, XenbusStateConnected);
	}
}

static void strike(struct xenbus_device *xbdev)
{
	if (!strcmp(attack, "prod-ahead")) {
		publish(RING_BYTES + 32);
	} else if (!strcmp(attack, "prod-far")) {
		publish(0x80000000);
	} else if (!strcmp(attack, "prod-behind")) {
		publish(-32);
	} else if (!strcmp(attack, "prod-odd")) {
		put_frame(60);
		publish(97);
	} else if (!strcmp(attack, "length-huge")) {
		put_frame(0xffffffff);
		publish(128);
	} else if (!strcmp(attack, "length-short")) {
		put_frame(13);
		publish(64);
	} else if (!strcmp(attack, "length-beyond")) {
		put_frame(1514);
		publish(96);
	} else if (!strcmp(attack, "limit-ahead")) {
		control->to_guest.consumer.limit = cpu_to_le32(4 * RING_BYTES);
	} else if (!strcmp(attack, "limit-behind")) {
		control->to_guest.consumer.limit = cpu_to_le32(0x80000000);
	} else if (!strcmp(attack, "offload")) {
		struct drain_frame *frame = put_frame(60);

		frame->offload.flags = 1;
		frame->offload.csum_start = cpu_to_le16(59);
		frame->offload.csum_offset = cpu_to_le16(100);
		publish(96);
	} else if (!strcmp(attack, "gso")) {
		struct drain_frame *frame = put_frame(60);

		frame->offload.flags = 1;
		frame->offload.gso_type = 1;
		frame->offload.csum_start = cpu_to_le16(34);
		frame->offload.csum_offset = cpu_to_le16(16);
		publish(96);
	} else if (!strcmp(attack, "gso-fine")) {
		put_segments(255);
		publish(1088);
	} else if (!strcmp(attack, "reconnect")) {
		reconnect(xbdev);
	} else if (!strcmp(attack, "bad-grant")) {
		publish(96);
	} else if (!strcmp(attack, "storm")) {
		storm();
	} else if (!strcmp(attack, "dance")) {
		dance();
	}
	pr_info("lab-hostile: %s done\n", attack);
}

static int hostile_probe(struct xenbus_device *xbdev, const struct xenbus_device_id *id)
{
	char *text = xenbus_read(XBT_NIL, xbdev->nodename, "mac", NULL);

	if (IS_ERR(text))
		return PTR_ERR(text);
	mac_pton(text, mac);
	kfree(text);
	return xenbus_switch_state(xbdev, XenbusStateInitialising);
}

static void hostile_backend_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	if (state == XenbusStateInitWait && !control) {
		if (!offer(xbdev))
			xenbus_switch_state(xbdev, XenbusStateInitialised);
	} else if (state == XenbusStateConnected && !done) {
		done = true;
		xenbus_switch_state(xbdev, XenbusStateConnected);
		strike(xbdev);
	} else if (state == XenbusStateClosing) {
		xenbus_frontend_closed(xbdev);
	}
}

static void hostile_remove(struct xenbus_device *xbdev)
{
	unsigned int i;

	if (!control)
		return;
	xenbus_free_evtchn(xbdev, channel);
	for (i = 0; i < PAGES; i++)
		gnttab_end_foreign_access(refs[i], virt_to_page(data[i]));
	gnttab_end_foreign_access(control_ref, virt_to_page(control));
	control = NULL;
	done = false;
}

static const struct xenbus_device_id hostile_ids[] = {
	{ "vdrain" },
	{ "" }
};

static struct xenbus_driver hostile_driver = {
	.ids = hostile_ids,
	.probe = hostile_probe,
	.remove = hostile_remove,
	.otherend_changed = hostile_backend_changed,
};

static int __init hostile_init(void)
{
	return xenbus_register_frontend(&hostile_driver);
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
	xenbus_unregister_driver(&hostile_driver);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("A vdrain frontend that breaks the protocol");
MODULE_LICENSE("GPL");
