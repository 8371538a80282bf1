// SPDX-License-Identifier: GPL-2.0-only
/*
 * A frontend that breaks the protocol. dom0 says how in the domain's xenstore
 * directory before it attaches a device: data/attack names one of the attacks
 * below or in attacks.h ("ATTACK@N": two queues are offered, and queue N is
 * attacked), data/keys holds keys that the offer is to have instead of the right
 * ones ("queues=0"), or not at all ("queues"), a blank between them. When the
 * device is connected the attack is carried out, and "struck" in the device's
 * directory says that it is over.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

#include "attacks.h"
#include "linux/map.h"

/* For so long are pages of dom0 held that it wants to have back. */
#define HELD	(6 * HZ)

#define QUEUES	2u

struct queue {
	struct drain_control *control;
	struct page *pages[PAGES];
	grant_ref_t control_ref, refs[PAGES];
	struct prey prey;
};

struct hostile {
	struct xenbus_device *xbdev;
	char *attack;
	char *keys;
	struct queue queues[QUEUES];
	struct queue *queue;	/* that is attacked */
	unsigned int count;
	bool offered, struck;
	struct work_struct work;
	struct delayed_work drip;
	struct hostage *hostage;
};

/* dom0's pages, mapped here. */
struct hostage {
	struct drain_map *map;
	struct delayed_work work;
};

static bool is(const struct hostile *hostile, const char *attack)
{
	return !strcmp(hostile->attack, attack);
}

static int share(domid_t with, void *page, int readonly)
{
	return gnttab_grant_foreign_access(with, virt_to_gfn(page), readonly);
}

/* --- the offer -------------------------------------------------------------- */

static void reset(struct drain_ring *ring)
{
	ring->consumer.limit = cpu_to_le32(RING_BYTES);
	ring->producer.wake_at = cpu_to_le32(RING_BYTES - 1);
}

static int make_rings(struct hostile *hostile, struct queue *queue)
{
	domid_t dom0 = hostile->xbdev->otherend_id;
	unsigned int i;

	queue->control = (void *)get_zeroed_page(GFP_KERNEL);
	if (!queue->control)
		return -ENOMEM;
	reset(&queue->control->to_guest);
	reset(&queue->control->to_host);
	queue->prey.out = &queue->control->to_host;
	queue->prey.in = &queue->control->to_guest;
	for (i = 0; i < PAGES; i++) {
		queue->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!queue->pages[i])
			return -ENOMEM;
		queue->refs[i] = share(is(hostile, "grant_foreign") ? dom0 + 77 : dom0,
				       page_address(queue->pages[i]), 1);
		queue->control->to_host_refs[i] = cpu_to_le32(queue->refs[i]);
	}
	queue->prey.data = vmap(queue->pages, PAGES, VM_MAP, PAGE_KERNEL);
	queue->control_ref = share(is(hostile, "control_foreign") ? dom0 + 77 : dom0,
				   queue->control, is(hostile, "control_readonly"));
	return queue->prey.data ? 0 : -ENOMEM;
}

static void spoil_grants(struct hostile *hostile)
{
	struct queue *queue = hostile->queue;
	__le32 *refs = queue->control->to_host_refs;
	unsigned int i;

	if (is(hostile, "grant_wrong"))
		refs[0] = cpu_to_le32(0x00ffffff);
	else if (is(hostile, "grant_reserved"))
		refs[0] = cpu_to_le32(GNTTAB_RESERVED_XENSTORE);
	else if (is(hostile, "grant_control"))
		refs[0] = cpu_to_le32(queue->control_ref);
	else if (is(hostile, "grant_revoked"))
		gnttab_try_end_foreign_access(queue->refs[3]);
	else if (is(hostile, "control_revoked"))
		gnttab_try_end_foreign_access(queue->control_ref);
	else if (is(hostile, "grants_doubled"))
		memcpy(refs, hostile->queues[0].control->to_host_refs, PAGES * sizeof(*refs));
	for (i = 1; is(hostile, "grants_same") && i < PAGES; i++)
		refs[i] = refs[0];
}

/* Without an irq: nobody here listens. */
static int make_channel(struct hostile *hostile, struct queue *queue)
{
	struct evtchn_alloc_unbound alloc = {
		.dom = DOMID_SELF,
		.remote_dom = is(hostile, "channel_foreign") ? DOMID_SELF :
							       hostile->xbdev->otherend_id,
	};
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	queue->prey.port = err ? 0 : alloc.port;
	return err;
}

static void close_channel(struct queue *queue)
{
	struct evtchn_close close = { .port = queue->prey.port };

	if (close.port)
		HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
	queue->prey.port = 0;
}

static void write_key(struct hostile *hostile, const char *key, u32 value)
{
	xenbus_printf(XBT_NIL, hostile->xbdev->nodename, key, "%u", value);
}

/* What data/keys says, over what was right. */
static void spoil_keys(struct hostile *hostile)
{
	char *rest = hostile->keys, *key, *value;

	while ((key = strsep(&rest, " "))) {
		value = strchr(key, '=');
		if (value)
			*value++ = '\0';
		if (!*key)
			continue;
		if (value)
			xenbus_write(XBT_NIL, hostile->xbdev->nodename, key, value);
		else
			xenbus_rm(XBT_NIL, hostile->xbdev->nodename, key);
	}
}

static void write_queue(struct hostile *hostile, unsigned int number)
{
	struct queue *first = &hostile->queues[0], *queue = &hostile->queues[number];
	char key[32];

	snprintf(key, sizeof(key), "queue-%u/control-ref", number);
	write_key(hostile, key,
		  is(hostile, "control_doubled") ? first->control_ref : queue->control_ref);
	snprintf(key, sizeof(key), "queue-%u/event-channel", number);
	write_key(hostile, key,
		  is(hostile, "channel_doubled") ? first->prey.port : queue->prey.port);
}

static int offer(struct hostile *hostile)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < hostile->count && !err; i++)
		err = make_rings(hostile, &hostile->queues[i]) ?:
		      make_channel(hostile, &hostile->queues[i]);
	if (err)
		return err;
	spoil_grants(hostile);
	write_key(hostile, "protocol", DRAIN_PROTOCOL);
	write_key(hostile, "queues", hostile->count);
	write_key(hostile, "ring-pages", PAGES);
	write_key(hostile, "connection", 666);
	for (i = 0; i < hostile->count; i++)
		write_queue(hostile, i);
	spoil_keys(hostile);
	return 0;
}

/* --- attacks that only a guest can make -------------------------------------- */

static void let_go(struct work_struct *work)
{
	struct hostage *hostage = container_of(to_delayed_work(work), struct hostage, work);

	drain_map_destroy(hostage->map);
	kfree(hostage);
	module_put(THIS_MODULE);
}

/* dom0's pages are mapped here, and stay so when it wants them back. */
static void grant_held(struct hostile *hostile)
{
	struct hostage *hostage = kzalloc(sizeof(*hostage), GFP_KERNEL);
	grant_ref_t refs[PAGES];
	struct drain_fault fault;
	unsigned int i;

	if (!hostage)
		return;
	for (i = 0; i < PAGES; i++)
		refs[i] = le32_to_cpu(hostile->queue->control->to_guest_refs[i]);
	hostage->map = drain_map_create(refs, PAGES, hostile->xbdev->otherend_id,
					GNTMAP_readonly, &fault);
	if (IS_ERR(hostage->map)) {
		pr_warn("lab-hostile: %s\n", fault.text);
		kfree(hostage);
		return;
	}
	INIT_DELAYED_WORK(&hostage->work, let_go);
	hostile->hostage = hostage;
}

static void release_hostage(struct hostile *hostile)
{
	if (!hostile->hostage)
		return;
	__module_get(THIS_MODULE);
	schedule_delayed_work(&hostile->hostage->work, HELD);
	hostile->hostage = NULL;
}

/* Writes through a grant that allows reading. */
static void grant_written(struct hostile *hostile)
{
	grant_ref_t ref = le32_to_cpu(hostile->queue->control->to_guest_refs[0]);
	struct drain_fault fault;
	struct drain_map *map = drain_map_create(&ref, 1, hostile->xbdev->otherend_id, 0, &fault);

	if (IS_ERR(map))
		return;
	pr_crit("lab-hostile: BUG: dom0's page can be written\n");
	drain_map_destroy(map);
}

/* The backend finds out when it fetches. */
static void use_grants(struct hostile *hostile)
{
	put_frame(&hostile->queue->prey, 0, 60);
	publish(&hostile->queue->prey, 96);
}

/* Both queues lead to the first one's pages: its frame counts twice. */
static void doubled(struct hostile *hostile)
{
	struct queue *first = &hostile->queues[0], *second = &hostile->queues[1];

	if (is(hostile, "control_doubled"))
		second->prey.out = first->prey.out;
	put_frame(&first->prey, 0, 60);
	publish(&first->prey, 96);
	publish(&second->prey, 96);
}

static void grant_torn(struct hostile *hostile)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		gnttab_try_end_foreign_access(hostile->queue->refs[i]);
	publish(&hostile->queue->prey, 96);
}

static void directory_race(struct hostile *hostile)
{
	struct drain_control *control = hostile->queue->control;

	memset(control->to_host_refs, 0xff, sizeof(control->to_host_refs));
	memset(control->to_guest_refs, 0xff, sizeof(control->to_guest_refs));
	put_frame(&hostile->queue->prey, 0, 60);
	publish_frame(&hostile->queue->prey);
}

static void control_scribbled(struct hostile *hostile)
{
	unsigned long since = jiffies;

	while (lasts(&hostile->queue->prey, since)) {
		get_random_bytes(hostile->queue->control, PAGE_SIZE);
		notify_remote_via_evtchn(hostile->queue->prey.port);
	}
}

/* Room for less than a frame at a time, and an event for each, as long as there is a device. */
static void drip(struct work_struct *work)
{
	struct hostile *hostile = container_of(to_delayed_work(work), struct hostile, drip);
	const struct prey *prey = &hostile->queue->prey;
	u32 limit = le32_to_cpu(prey->in->consumer.limit) + DRAIN_ALIGN_BYTES;

	if (limit - le32_to_cpu(READ_ONCE(prey->in->producer.prod)) <= RING_BYTES)
		set_limit(&hostile->queue->prey, limit);
	if (!READ_ONCE(prey->stop))
		schedule_delayed_work(&hostile->drip, HZ / 10);
}

static void limit_drips(struct hostile *hostile)
{
	schedule_delayed_work(&hostile->drip, 0);
}

static void channel_closed(struct hostile *hostile)
{
	close_channel(hostile->queue);
}

/* A frame to what switches take for themselves: their ports can be stopped by it. */
static void to_switch(struct hostile *hostile)
{
	static const u8 last[] = { 0x00, 0x01, 0x02, 0x0e };
	u32 i, index = 0;

	for (i = 0; i < ARRAY_SIZE(last); i++) {
		struct ethhdr *eth = (void *)(put_frame(&hostile->queue->prey, index, 60) + 1);

		memcpy(eth->h_dest, eth_reserved_addr_base, ETH_ALEN);
		eth->h_dest[5] = last[i];
		if (last[i] == 0x01)
			eth->h_proto = htons(ETH_P_PAUSE);
		index += drain_frame_room(60);
	}
	publish(&hostile->queue->prey, index);
}

/* PAUSE is obeyed whoever it is addressed to. */
static void pause_frame(struct hostile *hostile)
{
	struct ethhdr *eth = (void *)(put_frame(&hostile->queue->prey, 0, 60) + 1);

	eth->h_proto = htons(ETH_P_PAUSE);
	publish_frame(&hostile->queue->prey);
}

/* A switch takes the tag off. */
static void pause_tagged(struct hostile *hostile)
{
	struct vlan_ethhdr *eth = (void *)(put_frame(&hostile->queue->prey, 0, 60) + 1);

	eth->h_vlan_proto = htons(ETH_P_8021Q);
	eth->h_vlan_TCI = 0;
	eth->h_vlan_encapsulated_proto = htons(ETH_P_PAUSE);
	publish_frame(&hostile->queue->prey);
}

static void to_itself(struct hostile *hostile)
{
	struct ethhdr *eth = (void *)(put_frame(&hostile->queue->prey, 0, 60) + 1);

	memcpy(eth->h_dest, hostile->queue->prey.mac, ETH_ALEN);
	publish_frame(&hostile->queue->prey);
}

static void spoofed(struct hostile *hostile)
{
	struct ethhdr *eth = (void *)(put_frame(&hostile->queue->prey, 0, 60) + 1);

	eth->h_source[5] ^= 1;
	publish_frame(&hostile->queue->prey);
}

static void spoofed_group(struct hostile *hostile)
{
	struct ethhdr *eth = (void *)(put_frame(&hostile->queue->prey, 0, 60) + 1);

	eth_broadcast_addr(eth->h_source);
	publish_frame(&hostile->queue->prey);
}

/* --- attacks through xenstore ------------------------------------------------- */

static void write_for_long(struct hostile *hostile, const char *key, const char *const values[],
			   unsigned int count)
{
	unsigned long since = jiffies;
	unsigned int i;

	for (i = 0; lasts(&hostile->queue->prey, since); i++)
		xenbus_write(XBT_NIL, hostile->xbdev->nodename, key, values[i % count]);
}

static void state_flood(struct hostile *hostile)
{
	static const char *const states[] = { "4" };

	write_for_long(hostile, "state", states, ARRAY_SIZE(states));
}

static void states_any(struct hostile *hostile)
{
	static const char *const states[] = {
		"5", "1", "3", "4", "6", "2", "7", "8", "0", "99", "-1", "", "hello", "3", "3", "1",
	};

	write_for_long(hostile, "state", states, ARRAY_SIZE(states));
	xenbus_write(XBT_NIL, hostile->xbdev->nodename, "state", "1");
}

static void filter_flood(struct hostile *hostile)
{
	static const char *const filters[] = {
		"", "promisc", "allmulti", "33:33:00:00:00:01 01:00:5e:00:00:01", "nonsense",
	};

	write_for_long(hostile, "rx-filter", filters, ARRAY_SIZE(filters));
	xenbus_rm(XBT_NIL, hostile->xbdev->nodename, "rx-filter");
}

static void filter_huge(struct hostile *hostile)
{
	char *text = kmalloc(2001, GFP_KERNEL);

	if (!text)
		return;
	memset(text, 'a', 2000);
	text[2000] = '\0';
	xenbus_write(XBT_NIL, hostile->xbdev->nodename, "rx-filter", text);
	kfree(text);
}

static void filter_bad(struct hostile *hostile)
{
	xenbus_write(XBT_NIL, hostile->xbdev->nodename, "rx-filter", "00:16:3e:00:00:01");
}

static void filter_promisc(struct hostile *hostile)
{
	xenbus_write(XBT_NIL, hostile->xbdev->nodename, "rx-filter", "promisc");
}

/* One offer after another, each with a number of its own. */
static void reconnect(struct hostile *hostile)
{
	unsigned long since = jiffies;
	u32 id = 1000;

	while (lasts(&hostile->queue->prey, since)) {
		write_key(hostile, "connection", id++);
		xenbus_write(XBT_NIL, hostile->xbdev->nodename, "state", "3");
		msleep(20);
		xenbus_write(XBT_NIL, hostile->xbdev->nodename, "state", "4");
	}
}

static void reconnect_long(struct hostile *hostile)
{
	unsigned long end = jiffies + 20 * HZ;

	while (time_before(jiffies, end) && !READ_ONCE(hostile->queue->prey.stop))
		reconnect(hostile);
}

/* The offer that was taken is made again and again. */
static void offer_again(struct hostile *hostile)
{
	static const char *const states[] = { "3", "4" };

	write_for_long(hostile, "state", states, ARRAY_SIZE(states));
}

static void number_changes(struct hostile *hostile)
{
	static const char *const numbers[] = { "7", "hello", "4294967295", "" };

	write_for_long(hostile, "connection", numbers, ARRAY_SIZE(numbers));
}

static void keys_gone(struct hostile *hostile)
{
	const char *dir = hostile->xbdev->nodename;

	xenbus_rm(XBT_NIL, dir, "queue-0");
	xenbus_rm(XBT_NIL, dir, "protocol");
	xenbus_rm(XBT_NIL, dir, "backend");
	xenbus_rm(XBT_NIL, dir, "connection");
}

static void state_gone(struct hostile *hostile)
{
	xenbus_rm(XBT_NIL, hostile->xbdev->nodename, "state");
}

static const struct {
	const char *name;
	void (*strike)(struct hostile *hostile);
} guest_attacks[] = {
#define GUEST_ATTACK(function) { #function, function }
	{ "grant_wrong", use_grants }, { "grant_reserved", use_grants },
	{ "grant_control", use_grants }, { "grants_same", use_grants },
	{ "grants_doubled", doubled }, { "control_doubled", doubled },
	GUEST_ATTACK(grant_held), GUEST_ATTACK(grant_written), GUEST_ATTACK(grant_torn),
	GUEST_ATTACK(directory_race), GUEST_ATTACK(control_scribbled), GUEST_ATTACK(limit_drips),
	GUEST_ATTACK(channel_closed), GUEST_ATTACK(to_switch), GUEST_ATTACK(pause_frame),
	GUEST_ATTACK(pause_tagged),
	GUEST_ATTACK(to_itself), GUEST_ATTACK(spoofed), GUEST_ATTACK(spoofed_group),
	GUEST_ATTACK(state_flood), GUEST_ATTACK(states_any), GUEST_ATTACK(filter_flood),
	GUEST_ATTACK(filter_huge), GUEST_ATTACK(filter_bad), GUEST_ATTACK(filter_promisc),
	GUEST_ATTACK(reconnect), GUEST_ATTACK(reconnect_long), GUEST_ATTACK(offer_again),
	GUEST_ATTACK(number_changes), GUEST_ATTACK(keys_gone), GUEST_ATTACK(state_gone),
};

static void strike(struct work_struct *work)
{
	struct hostile *hostile = container_of(work, struct hostile, work);
	const struct ring_attack *attack = ring_attack_find(hostile->attack);
	unsigned int i;

	if (attack)
		attack->strike(&hostile->queue->prey);
	for (i = 0; i < ARRAY_SIZE(guest_attacks); i++)
		if (is(hostile, guest_attacks[i].name))
			guest_attacks[i].strike(hostile);
	if (!READ_ONCE(hostile->queue->prey.stop))
		write_key(hostile, "struck", 1);
}

/* --- xenbus ----------------------------------------------------------------- */

static char *read_key(const char *dir, const char *key)
{
	char *text = xenbus_read(XBT_NIL, dir, key, NULL);

	return IS_ERR(text) ? kstrdup("", GFP_KERNEL) : text;
}

static void choose_queue(struct hostile *hostile)
{
	char *number = strchr(hostile->attack, '@');

	hostile->count = number ? QUEUES : 1;
	hostile->queue = &hostile->queues[number && number[1] == '1'];
	if (number)
		*number = '\0';
}

static int hostile_probe(struct xenbus_device *xbdev, const struct xenbus_device_id *id)
{
	struct hostile *hostile = kzalloc(sizeof(*hostile), GFP_KERNEL);
	char *mac = read_key(xbdev->nodename, "mac");
	unsigned int i;

	if (!hostile || !mac)
		return -ENOMEM;
	hostile->xbdev = xbdev;
	hostile->attack = read_key("data", "attack");
	hostile->keys = read_key("data", "keys");
	if (!hostile->attack || !hostile->keys)
		return -ENOMEM;
	choose_queue(hostile);
	for (i = 0; i < QUEUES; i++)
		mac_pton(mac, hostile->queues[i].prey.mac);
	kfree(mac);
	INIT_WORK(&hostile->work, strike);
	INIT_DELAYED_WORK(&hostile->drip, drip);
	dev_set_drvdata(&xbdev->dev, hostile);
	return xenbus_switch_state(xbdev, XenbusStateInitialising);
}

static void hostile_backend_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	struct hostile *hostile = dev_get_drvdata(&xbdev->dev);

	if (state == XenbusStateInitWait && !hostile->offered) {
		hostile->offered = true;
		if (!offer(hostile))
			xenbus_switch_state(xbdev, XenbusStateInitialised);
	} else if (state == XenbusStateConnected && !hostile->struck) {
		hostile->struck = true;
		xenbus_switch_state(xbdev, XenbusStateConnected);
		queue_work(system_long_wq, &hostile->work);
	} else if (state == XenbusStateClosing) {
		xenbus_frontend_closed(xbdev);
	}
}

/* dom0 unmaps in its own time. A grant that was never made or is gone is ended already. */
static bool revoke(grant_ref_t ref)
{
	unsigned int tries;

	for (tries = 0; tries < 100; tries++) {
		if (gnttab_try_end_foreign_access(ref))
			return true;
		msleep(20);
	}
	return false;
}

static bool ended_before(const struct hostile *hostile, const struct queue *queue,
			 unsigned int page)
{
	return queue == hostile->queue &&
	       (is(hostile, "grant_torn") || (is(hostile, "grant_revoked") && page == 3));
}

static void take_back(struct hostile *hostile, struct queue *queue)
{
	bool revoked = queue == hostile->queue && is(hostile, "control_revoked");
	unsigned int i;

	close_channel(queue);
	if (queue->prey.data)
		vunmap(queue->prey.data);
	for (i = 0; i < PAGES && queue->pages[i]; i++)
		if (ended_before(hostile, queue, i) || revoke(queue->refs[i]))
			put_page(queue->pages[i]);
	if (queue->control && (revoked || revoke(queue->control_ref)))
		free_page((unsigned long)queue->control);
}

static void hostile_remove(struct xenbus_device *xbdev)
{
	struct hostile *hostile = dev_get_drvdata(&xbdev->dev);
	unsigned int i;

	WRITE_ONCE(hostile->queue->prey.stop, true);
	cancel_work_sync(&hostile->work);
	cancel_delayed_work_sync(&hostile->drip);
	release_hostage(hostile);
	for (i = 0; i < QUEUES; i++)
		take_back(hostile, &hostile->queues[i]);
	kfree(hostile->attack);
	kfree(hostile->keys);
	kfree(hostile);
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
