// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the backend's directory tells a connected frontend, and changes while it
 * is connected: the link, and the tuning keys that are for the guest. A bad
 * value is the backend's to complain of; here what was in force stays.
 *
 * The backend's directory is the node that is watched: a resume may be taking
 * xbdev->otherend away meanwhile.
 */
#include "drainfront.h"

/* Under rtnl, or a connection that ends meanwhile could leave a carrier behind. */
static void drainfront_set_link(struct drainfront *front, bool up)
{
	struct net_device *netdev = front->netdev;

	ASSERT_RTNL();
	if (!up || !rcu_access_pointer(front->live)) {
		netif_carrier_off(netdev);
		return;
	}
	if (!netif_carrier_ok(netdev))
		drainfront_announce(front);
	netif_carrier_on(netdev);
}

static void drainfront_read_link(struct drainfront *front)
{
	const char *backend = front->keys_watch.node;
	bool up = xenbus_read_unsigned(backend, "link", 1);

	front->speed_mbps = xenbus_read_unsigned(backend, "speed", 0);
	rtnl_lock();
	drainfront_set_link(front, up);
	rtnl_unlock();
}

/* Returns false if it says nothing that could be followed. */
static bool drainfront_read_value(struct drainfront *front, enum drain_tuning_key key, u64 *value)
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);
	char *text = xenbus_read(XBT_NIL, front->keys_watch.node, rule->key, NULL);
	bool good;

	if (IS_ERR(text)) {
		*value = rule->preset;
		return PTR_ERR(text) == -ENOENT;
	}
	good = drain_tuning_parse(key, text, value);
	kfree(text);
	return good;
}

/*
 * Only a key that changes counts: what ethtool has set since stays otherwise,
 * over a new connection as well.
 */
static void drainfront_read_key(struct drainfront *front, enum drain_tuning_key key)
{
	u64 value;

	if (!drainfront_read_value(front, key, &value) || value == front->told.value[key])
		return;
	front->told.value[key] = value;
	rtnl_lock();
	drain_tune(&front->tuning, key, value);
	if (key == DRAIN_TUNE_FETCH)
		drainfront_apply_fetch(front);
	rtnl_unlock();
}

static void drainfront_key_changed(struct xenbus_watch *watch, const char *path,
				   const char *token)
{
	struct drainfront *front = container_of(watch, struct drainfront, keys_watch);
	enum drain_tuning_key key;

	drainfront_read_link(front);
	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		drainfront_read_key(front, key);
}

/**
 * drainfront_keys_watch() - follow the backend's keys, and read them
 * @front: connected
 *
 * Context: may sleep. Failure is reported on the device.
 */
void drainfront_keys_watch(struct drainfront *front)
{
	int err;

	drainfront_keys_unwatch(front);
	err = xenbus_watch_pathfmt(front->xbdev, &front->keys_watch,
				   drain_watch_is_news, drainfront_key_changed, "%s",
				   front->xbdev->otherend);
	front->keys_watched = !err;
}

/**
 * drainfront_keys_unwatch() - undo drainfront_keys_watch()
 * @front: whether that was called or not
 *
 * Context: may sleep.
 */
void drainfront_keys_unwatch(struct drainfront *front)
{
	if (!front->keys_watched)
		return;
	front->keys_watched = false;
	unregister_xenbus_watch(&front->keys_watch);
	kfree(front->keys_watch.node);
	front->keys_watch.node = NULL;
}
