// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest wants to receive beyond its own address: the key rx-filter in
 * its directory (PROTOCOL.md, section 4), watched. Multicast goes only to the
 * guests that want the group; a guest that has said nothing gets all of it. A
 * guest may ask to see every frame of its NIC, and only one that is trusted
 * (spoof-check=0) may have that.
 *
 * The guest may write the key as often and as badly as it likes: one event at a
 * time waits to be handled, a bad value changes nothing, and complaints are
 * rationed. What is in force is shown in
 * /sys/bus/xen-backend/devices/vdrain-X-Y/rx_filter.
 */
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>

#include "../ring/filter.h"
#include "drainback.h"

/* So many complaints a minute about one guest go to the log and error node. */
#define DRAINBACK_FILTER_COMPLAINTS	5

/* How much of a bad word is quoted: an address and some. */
#define DRAINBACK_FILTER_QUOTED		24

/**
 * struct drainback_filter - what a guest has asked for; never changed
 * @rcu: to free it
 * @asked: by rx-filter
 */
struct drainback_filter {
	struct rcu_head rcu;
	struct drain_filter asked;
};

/**
 * drainback_filter_wants() - does the guest want frames to a multicast address?
 * @device: whose
 * @dest: multicast or broadcast address
 *
 * Context: under RCU, bottom halves disabled.
 */
bool drainback_filter_wants(const struct drainback_device *device, const u8 *dest)
{
	const struct drainback_filter *filter = rcu_dereference_bh(device->filter);
	unsigned int i;

	if (!filter || filter->asked.all_groups || is_broadcast_ether_addr(dest))
		return true;
	for (i = 0; i < filter->asked.num_groups; i++)
		if (ether_addr_equal(filter->asked.groups[i], dest))
			return true;
	return false;
}

static __printf(3, 4) void drainback_filter_complain(struct drainback_device *device, int err,
						     const char *format, ...)
{
	char text[128];
	va_list args;

	atomic64_inc(&device->filter_refused);
	if (!__ratelimit(&device->filter_complaints))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	xenbus_dev_error(device->xbdev, err, "%s", text);
}

/* Returns false if it has complained. */
static bool drainback_filter_parse(struct drainback_device *device,
				   struct drainback_filter *filter, char *text)
{
	const char *word;
	int err = drain_filter_parse(&filter->asked, text, &word);

	if (err == -ENOSPC)
		drainback_filter_complain(device, err,
					  "frontend's rx-filter has more than %u groups, allowed is to say allmulti instead",
					  DRAIN_FILTER_GROUPS_MAX);
	else if (err)
		drainback_filter_complain(device, err,
					  "frontend's rx-filter has \"%*pE\", allowed is promisc, allmulti or a multicast address",
					  (int)strnlen(word, DRAINBACK_FILTER_QUOTED), word);
	return !err;
}

/* Only the xenbus thread changes the filter, and all of this is called by it. */
static struct drainback_filter *drainback_filter_current(struct drainback_device *device)
{
	return rcu_dereference_protected(device->filter, true);
}

/**
 * drainback_filter_apply() - grant or refuse what the guest has asked for
 * @device: whose filter, or spoof check, has changed
 *
 * A guest that is not trusted cannot cause rtnl to be taken.
 *
 * Context: may sleep; the xenbus thread. Takes rtnl.
 */
void drainback_filter_apply(struct drainback_device *device)
{
	const struct drainback_filter *filter = drainback_filter_current(device);
	/* Behind an interface of its own the guest gets what the bridge floods. */
	bool asked = filter && filter->asked.promisc && !device->netdev;
	bool granted = asked && !drain_tuned(&device->tuning, DRAIN_TUNE_SPOOF_CHECK);
	bool refused = asked && !granted;

	if (granted != READ_ONCE(device->promiscuous)) {
		rtnl_lock();
		drainback_port_set_promisc(device, granted);
		rtnl_unlock();
	}
	/* Once, and not again each time that the filter changes otherwise. */
	if (refused && !device->promisc_refused)
		drainback_filter_complain(device, -EPERM,
					  "frontend's rx-filter is promisc, allowed with spoof-check=0 only: it gets all multicast");
	else if (device->promisc_refused && !refused)
		drainback_error_clear(device, "rx-filter is promisc");
	device->promisc_refused = refused;
}

static void drainback_filter_replace(struct drainback_device *device,
				     struct drainback_filter *filter)
{
	struct drainback_filter *old = drainback_filter_current(device);

	rcu_assign_pointer(device->filter, filter);
	if (old)
		kfree_rcu(old, rcu);
	drainback_filter_apply(device);
}

/* A guest whose wishes cannot be read gets all multicast, so that nothing is missed. */
static void drainback_filter_unknown(struct drainback_device *device, int err)
{
	drainback_filter_complain(device, err,
				  "frontend's rx-filter cannot be read: it gets all multicast");
	drainback_filter_replace(device, NULL);
}

static void drainback_filter_read(struct drainback_device *device)
{
	char *text = xenbus_read(XBT_NIL, device->xbdev->otherend, "rx-filter", NULL);
	struct drainback_filter *filter;

	if (IS_ERR(text)) {
		/* A driver that knows nothing of filters, or none at all. */
		if (PTR_ERR(text) == -ENOENT)
			drainback_filter_replace(device, NULL);
		else
			drainback_filter_unknown(device, PTR_ERR(text));
		return;
	}
	filter = kzalloc(sizeof(*filter), GFP_KERNEL);
	if (!filter)
		drainback_filter_unknown(device, -ENOMEM);
	else if (drainback_filter_parse(device, filter, text))
		drainback_filter_replace(device, filter);
	else
		kfree(filter);
	kfree(text);
}

static void drainback_filter_changed(struct xenbus_watch *watch, const char *path,
				     const char *token)
{
	drainback_filter_read(container_of(watch, struct drainback_device, filter_watch));
}

static ssize_t rx_filter_show(struct device *dev, struct device_attribute *attr, char *buffer)
{
	struct drainback_device *device = dev_get_drvdata(dev);
	const struct drainback_filter *filter;
	unsigned int i;
	int bytes = 0;

	rcu_read_lock();
	filter = rcu_dereference(device->filter);
	if (READ_ONCE(device->promiscuous))
		bytes = sysfs_emit(buffer, "promisc");
	else if (!filter || filter->asked.all_groups)
		bytes = sysfs_emit(buffer, "allmulti");
	else
		for (i = 0; i < filter->asked.num_groups; i++)
			bytes += sysfs_emit_at(buffer, bytes, "%s%pM", i ? " " : "",
					       filter->asked.groups[i]);
	rcu_read_unlock();
	return bytes + sysfs_emit_at(buffer, bytes, "\n");
}
static DEVICE_ATTR_RO(rx_filter);

/**
 * drainback_filter_start() - follow what the guest wants to receive
 * @device: attached to its port
 *
 * Registering the watch fires it once, which reads the first value.
 *
 * Context: may sleep.
 * Return: 0, or an error that has been reported on the device.
 */
int drainback_filter_start(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	int err;

	ratelimit_state_init(&device->filter_complaints, 60 * HZ, DRAINBACK_FILTER_COMPLAINTS);
	ratelimit_set_flags(&device->filter_complaints, RATELIMIT_MSG_ON_RELEASE);
	err = device_create_file(&xbdev->dev, &dev_attr_rx_filter);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "creating rx_filter in sysfs");
		return err;
	}
	err = xenbus_watch_pathfmt(xbdev, &device->filter_watch, drain_watch_is_news,
				   drainback_filter_changed, "%s/rx-filter", xbdev->otherend);
	if (err)
		device_remove_file(&xbdev->dev, &dev_attr_rx_filter);
	else
		device->filter_watched = true;
	return err;
}

/**
 * drainback_filter_stop() - undo drainback_filter_start()
 * @device: started or not; gets no frames from now on that filters decide on
 *
 * Context: may sleep.
 */
void drainback_filter_stop(struct drainback_device *device)
{
	struct drainback_filter *filter;

	if (!device->filter_watched)
		return;
	unregister_xenbus_watch(&device->filter_watch);
	kfree(device->filter_watch.node);
	device_remove_file(&device->xbdev->dev, &dev_attr_rx_filter);
	filter = rcu_replace_pointer(device->filter, NULL, true);
	if (filter)
		kfree_rcu(filter, rcu);
}
