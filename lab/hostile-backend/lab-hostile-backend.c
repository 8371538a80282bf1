// SPDX-License-Identifier: GPL-2.0-only
/*
 * A backend that breaks the protocol, for devices of the class "vhostile": the
 * frontend of a vdrain whose key "backend" names one of those is its prey. The
 * key "attack" in the backend's directory names one of the attacks below or in
 * attacks.h, "keys" holds keys that are written in place of the right ones
 * ("max-queues=0") or not at all ("max-queues"). When the frontend is connected,
 * and its interface is up and has sent something, it does it, and writes "struck".
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

/* For so long are pages of the guest held that it wants to have back. */
#define HELD	(4 * HZ)

struct hostile {
	struct xenbus_device *xbdev;
	char *attack;
	char *keys;
	struct drain_map *control_map, *held;
	struct drain_control *control;
	struct page *pages[PAGES];
	grant_ref_t refs[PAGES];
	bool granted[PAGES];
	bool struck, tells_fetch;
	struct prey prey;
	struct work_struct work;
};

static bool is(const struct hostile *hostile, const char *attack)
{
	return !strcmp(hostile->attack, attack);
}

static void write_text(struct hostile *hostile, const char *key, const char *value)
{
	/* Writing would bring back what the toolstack has removed. */
	if (xenbus_exists(XBT_NIL, hostile->xbdev->nodename, "state"))
		xenbus_write(XBT_NIL, hostile->xbdev->nodename, key, value);
}

static void write_key(struct hostile *hostile, const char *key, u32 value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	write_text(hostile, key, text);
}

static u32 read_number(struct hostile *hostile, const char *key)
{
	return xenbus_read_unsigned(hostile->xbdev->otherend, key, 0);
}

/* --- connecting --------------------------------------------------------------- */

static void write_features(struct hostile *hostile)
{
	char *rest = hostile->keys, *key, *value;

	write_key(hostile, "protocol-min", DRAIN_PROTOCOL);
	write_key(hostile, "protocol-max", DRAIN_PROTOCOL);
	write_key(hostile, "max-queues", 1);
	write_key(hostile, "max-ring-pages", PAGES);
	while ((key = strsep(&rest, " "))) {
		value = strchr(key, '=');
		if (value)
			*value++ = '\0';
		if (value && *key)
			write_text(hostile, key, value);
		else if (*key)
			xenbus_rm(XBT_NIL, hostile->xbdev->nodename, key);
		if (!strcmp(key, "fetch"))
			hostile->tells_fetch = true;
	}
}

/* Fails while the guest copies from the page, or has it mapped. */
static void end_grant(struct hostile *hostile, unsigned int page)
{
	if (hostile->granted[page] && gnttab_try_end_foreign_access(hostile->refs[page]))
		hostile->granted[page] = false;
}

static int share_pages(struct hostile *hostile)
{
	domid_t with = hostile->xbdev->otherend_id + (is(hostile, "grant_foreign") ? 77 : 0);
	unsigned long frame;
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		hostile->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!hostile->pages[i])
			return -ENOMEM;
		frame = xen_page_to_gfn(hostile->pages[i]);
		hostile->refs[i] = gnttab_grant_foreign_access(with, frame, 1);
		hostile->granted[i] = true;
		hostile->control->to_guest_refs[i] = cpu_to_le32(hostile->refs[i]);
	}
	hostile->prey.data = vmap(hostile->pages, PAGES, VM_MAP, PAGE_KERNEL);
	if (is(hostile, "grant_wrong"))
		hostile->control->to_guest_refs[0] = cpu_to_le32(0x00ffffff);
	if (is(hostile, "grant_revoked"))
		end_grant(hostile, 0);
	return hostile->prey.data ? 0 : -ENOMEM;
}

static int bind_channel(struct hostile *hostile)
{
	struct evtchn_bind_interdomain bind = {
		.remote_dom = hostile->xbdev->otherend_id,
		.remote_port = read_number(hostile, "queue-0/event-channel"),
	};
	int err;

	if (is(hostile, "channel_unbound"))
		return 0;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	if (!err)
		hostile->prey.port = bind.local_port;
	return err;
}

static void close_channel(struct hostile *hostile)
{
	struct evtchn_close close = { .port = hostile->prey.port };

	if (close.port)
		HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
	hostile->prey.port = 0;
}

static int connect(struct hostile *hostile)
{
	grant_ref_t ref = read_number(hostile, "queue-0/control-ref");
	struct drain_fault fault;
	int err;

	hostile->control_map = drain_map_create(&ref, 1, hostile->xbdev->otherend_id, 0, &fault);
	if (IS_ERR(hostile->control_map)) {
		pr_warn("lab-hostile: %s\n", fault.text);
		err = PTR_ERR(hostile->control_map);
		hostile->control_map = NULL;
		return err;
	}
	hostile->control = drain_map_page(hostile->control_map, 0);
	hostile->prey.out = &hostile->control->to_guest;
	hostile->prey.in = &hostile->control->to_host;
	err = share_pages(hostile) ?: bind_channel(hostile);
	if (err)
		return err;
	write_key(hostile, "connection", read_number(hostile, "connection") +
					  is(hostile, "number_wrong"));
	if (is(hostile, "number_wrong"))
		write_key(hostile, "struck", 1);
	return 0;
}

/* The guest lets go in its own time. */
static void free_page_when_let_go(struct hostile *hostile, unsigned int page)
{
	unsigned int tries;

	for (tries = 0; tries < 100; tries++) {
		end_grant(hostile, page);
		if (!hostile->granted[page])
			break;
		msleep(20);
	}
	if (!hostile->granted[page])
		put_page(hostile->pages[page]);
	hostile->pages[page] = NULL;
}

static void disconnect(struct hostile *hostile)
{
	unsigned int i;

	WRITE_ONCE(hostile->prey.stop, true);
	close_channel(hostile);
	if (hostile->prey.data)
		vunmap(hostile->prey.data);
	hostile->prey.data = NULL;
	for (i = 0; i < PAGES && hostile->pages[i]; i++)
		free_page_when_let_go(hostile, i);
	if (hostile->control_map)
		drain_map_destroy(hostile->control_map);
	hostile->control_map = NULL;
}

/* --- attacks that only a backend can make -------------------------------------- */

/* The frontend finds out when it fetches. */
static void use_grants(struct hostile *hostile)
{
	put_frame(&hostile->prey, 0, 60);
	publish(&hostile->prey, 96);
}

/* What the guest has mapped cannot be taken back. */
static void grant_torn(struct hostile *hostile)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		end_grant(hostile, i);
	use_grants(hostile);
}

/* The guest's pages are mapped here, and stay so when it wants them back. */
static void grant_held(struct hostile *hostile)
{
	grant_ref_t refs[PAGES];
	struct drain_fault fault;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		refs[i] = le32_to_cpu(hostile->control->to_host_refs[i]);
	hostile->held = drain_map_create(refs, PAGES, hostile->xbdev->otherend_id,
					 GNTMAP_readonly, &fault);
	if (IS_ERR(hostile->held)) {
		pr_warn("lab-hostile: %s\n", fault.text);
		hostile->held = NULL;
	}
}

static void grant_written(struct hostile *hostile)
{
	grant_ref_t ref = le32_to_cpu(hostile->control->to_host_refs[0]);
	struct drain_fault fault;
	struct drain_map *map = drain_map_create(&ref, 1, hostile->xbdev->otherend_id, 0, &fault);

	if (IS_ERR(map))
		return;
	pr_crit("lab-hostile: BUG: the guest's page can be written\n");
	drain_map_destroy(map);
}

static void directory_race(struct hostile *hostile)
{
	memset(hostile->control->to_host_refs, 0xff, sizeof(hostile->control->to_host_refs));
	memset(hostile->control->to_guest_refs, 0xff, sizeof(hostile->control->to_guest_refs));
	put_frame(&hostile->prey, 0, 60);
	publish_frame(&hostile->prey);
}

static void control_scribbled(struct hostile *hostile)
{
	unsigned long since = jiffies;

	while (lasts(&hostile->prey, since)) {
		get_random_bytes(hostile->control, PAGE_SIZE);
		notify_remote_via_evtchn(hostile->prey.port);
	}
}

static void channel_closed(struct hostile *hostile)
{
	close_channel(hostile);
}

static void write_for_long(struct hostile *hostile, const char *key, const char *const values[],
			   unsigned int count, unsigned int pause_ms)
{
	unsigned long since = jiffies;
	unsigned int i;

	for (i = 0; lasts(&hostile->prey, since); i++) {
		write_text(hostile, key, values[i % count]);
		if (pause_ms)
			msleep(pause_ms);
	}
}

static void state_flood(struct hostile *hostile)
{
	static const char *const states[] = { "4" };

	write_for_long(hostile, "state", states, ARRAY_SIZE(states), 0);
}

/* The guest offers a connection each time, and keeps none. */
static void states_any(struct hostile *hostile)
{
	static const char *const states[] = {
		"2", "4", "3", "1", "7", "8", "0", "99", "-1", "", "hello", "2", "2", "4",
	};

	write_for_long(hostile, "state", states, ARRAY_SIZE(states), 20);
}

static void reconnect(struct hostile *hostile)
{
	static const char *const states[] = { "6", "2", "4" };

	write_for_long(hostile, "state", states, ARRAY_SIZE(states), 50);
}

/*
 * The guest gives the connection up and waits for us to let go of its pages,
 * which we do not; its xenstore events wait meanwhile.
 */
static void state_flood_held(struct hostile *hostile)
{
	static const char *const states[] = { "4", "2" };

	write_text(hostile, "state", "2");
	write_for_long(hostile, "state", states, ARRAY_SIZE(states), 0);
}

static void state_gone(struct hostile *hostile)
{
	xenbus_rm(XBT_NIL, hostile->xbdev->nodename, "state");
}

static void keys_flood(struct hostile *hostile)
{
	static const char *const values[] = { "0", "500", "hello", "-1", "99999999999" };

	write_for_long(hostile, "coalesce-usecs", values, ARRAY_SIZE(values), 0);
}

static void fetch_flood(struct hostile *hostile)
{
	static const char *const values[] = { "map", "copy", "steal" };

	write_for_long(hostile, "fetch", values, ARRAY_SIZE(values), 5);
}

static void link_flood(struct hostile *hostile)
{
	static const char *const values[] = { "0", "1", "hello", "4294967295" };

	write_for_long(hostile, "link", values, ARRAY_SIZE(values), 0);
}

static void speed_lies(struct hostile *hostile)
{
	static const char *const values[] = { "4294967295", "-1", "hello", "" };

	write_for_long(hostile, "speed", values, ARRAY_SIZE(values), 10);
}

static void keys_huge(struct hostile *hostile)
{
	static const char *const keys[] = {
		"coalesce-usecs", "coalesce-adaptive", "fetch", "drain-pages", "copybreak", "speed",
	};
	char *text = kmalloc(2001, GFP_KERNEL);
	unsigned int i;

	if (!text)
		return;
	memset(text, '9', 2000);
	text[2000] = '\0';
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		write_text(hostile, keys[i], text);
	kfree(text);
}

static void keys_gone(struct hostile *hostile)
{
	static const char *const keys[] = {
		"protocol-min", "protocol-max", "max-queues", "max-ring-pages", "connection", "mac",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		xenbus_rm(XBT_NIL, hostile->xbdev->nodename, keys[i]);
}

static const struct {
	const char *name;
	void (*strike)(struct hostile *hostile);
} backend_attacks[] = {
#define BACKEND_ATTACK(function) { #function, function }
	{ "grant_wrong", use_grants }, { "grant_revoked", use_grants },
	{ "grant_foreign", use_grants },
	BACKEND_ATTACK(grant_torn), BACKEND_ATTACK(grant_held), BACKEND_ATTACK(grant_written),
	BACKEND_ATTACK(directory_race), BACKEND_ATTACK(control_scribbled),
	BACKEND_ATTACK(channel_closed), BACKEND_ATTACK(state_flood), BACKEND_ATTACK(states_any),
	BACKEND_ATTACK(reconnect), BACKEND_ATTACK(state_flood_held),
	BACKEND_ATTACK(state_gone), BACKEND_ATTACK(keys_flood),
	BACKEND_ATTACK(fetch_flood), BACKEND_ATTACK(link_flood), BACKEND_ATTACK(speed_lies),
	BACKEND_ATTACK(keys_huge), BACKEND_ATTACK(keys_gone),
};

/* What the guest says that it has taken, and dropped. */
static void write_counts(struct hostile *hostile)
{
	struct drain_consumer_counts *counts = &hostile->prey.out->consumer_counts;

	write_key(hostile, "frames", le64_to_cpu(READ_ONCE(counts->frames)));
	write_key(hostile, "drops", le64_to_cpu(READ_ONCE(counts->drops)));
}

static void strike(struct work_struct *work)
{
	struct hostile *hostile = container_of(work, struct hostile, work);
	const struct ring_attack *attack = ring_attack_find(hostile->attack);
	unsigned int i;

	while (!READ_ONCE(hostile->prey.stop) && !READ_ONCE(hostile->prey.in->producer.prod))
		msleep(20);
	/* By then the guest has read its keys, and copies or maps as it is told. */
	if (hostile->tells_fetch)
		msleep(1000);
	if (READ_ONCE(hostile->prey.stop))
		return;
	if (attack)
		attack->strike(&hostile->prey);
	for (i = 0; i < ARRAY_SIZE(backend_attacks); i++)
		if (is(hostile, backend_attacks[i].name))
			backend_attacks[i].strike(hostile);
	write_key(hostile, "struck", 1);
	for (; !READ_ONCE(hostile->prey.stop); msleep(50))
		write_counts(hostile);
}

/* --- xenbus ----------------------------------------------------------------- */

static char *read_key(struct xenbus_device *xbdev, const char *key)
{
	char *text = xenbus_read(XBT_NIL, xbdev->nodename, key, NULL);

	return IS_ERR(text) ? kstrdup("", GFP_KERNEL) : text;
}

static int hostile_probe(struct xenbus_device *xbdev, const struct xenbus_device_id *id)
{
	struct hostile *hostile = kzalloc(sizeof(*hostile), GFP_KERNEL);
	char *mac = read_key(xbdev, "mac");

	if (!hostile || !mac)
		return -ENOMEM;
	hostile->xbdev = xbdev;
	hostile->attack = read_key(xbdev, "attack");
	hostile->keys = read_key(xbdev, "keys");
	if (!hostile->attack || !hostile->keys)
		return -ENOMEM;
	mac_pton(mac, hostile->prey.mac);
	kfree(mac);
	INIT_WORK(&hostile->work, strike);
	dev_set_drvdata(&xbdev->dev, hostile);
	write_features(hostile);
	return xenbus_switch_state(xbdev, XenbusStateInitWait);
}

static void hostile_frontend_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	struct hostile *hostile = dev_get_drvdata(&xbdev->dev);

	if (state == XenbusStateInitialised && !hostile->control_map && !hostile->struck) {
		if (!connect(hostile))
			xenbus_switch_state(xbdev, XenbusStateConnected);
	} else if (state == XenbusStateConnected && !hostile->struck) {
		hostile->struck = true;
		queue_work(system_long_wq, &hostile->work);
	}
}

static void hostile_remove(struct xenbus_device *xbdev)
{
	struct hostile *hostile = dev_get_drvdata(&xbdev->dev);

	WRITE_ONCE(hostile->prey.stop, true);
	cancel_work_sync(&hostile->work);
	disconnect(hostile);
	if (hostile->held) {
		schedule_timeout_uninterruptible(HELD);
		drain_map_destroy(hostile->held);
	}
	kfree(hostile->attack);
	kfree(hostile->keys);
	kfree(hostile);
}

static const struct xenbus_device_id hostile_ids[] = {
	{ "vhostile" },
	{ "" }
};

static struct xenbus_driver hostile_driver = {
	.ids = hostile_ids,
	.probe = hostile_probe,
	.remove = hostile_remove,
	.otherend_changed = hostile_frontend_changed,
};

static int __init hostile_init(void)
{
	return xenbus_register_backend(&hostile_driver);
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
	xenbus_unregister_driver(&hostile_driver);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("A vdrain backend that breaks the protocol");
MODULE_LICENSE("GPL");
