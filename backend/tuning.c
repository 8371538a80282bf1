// SPDX-License-Identifier: GPL-2.0-only
/*
 * The live tuning keys of a device, see ring/tuning.h: read when it is set up
 * and whenever they change. A bad value is answered in the error node, and what
 * was in force stays in force: at first, that is the default. What is in force
 * is shown in /sys/bus/xen-backend/devices/vdrain-X-Y/tuning.
 */
#include "drainback.h"

/* The last refusal is the one in the error node. */
static __printf(3, 4) void drainback_refuse(struct drainback_device *device,
					    enum drain_tuning_key key, const char *format, ...)
{
	char refusal[sizeof(device->refusal)];
	va_list args;

	va_start(args, format);
	vsnprintf(refusal, sizeof(refusal), format, args);
	va_end(args);
	/* Events may be doubled; and the first one comes after all was read once. */
	if (__test_and_set_bit(key, &device->refused_keys) && !strcmp(refusal, device->refusal))
		return;
	strscpy(device->refusal, refusal, sizeof(device->refusal));
	xenbus_dev_error(device->xbdev, -EINVAL, "%s", refusal);
}

static struct drainback_connection *drainback_tuned_connection(struct drainback_device *device)
{
	return rcu_dereference_protected(device->connection, lockdep_is_held(&device->lock));
}

/* Pauses that belong to the old limit end. */
static void drainback_apply_rate(struct drainback_device *device)
{
	struct drainback_connection *connection = drainback_tuned_connection(device);
	unsigned int i;

	drainback_rate_reset(device);
	for (i = 0; connection && i < connection->num_queues; i++)
		drainback_queue_kick(connection->queues[i]);
}

static int drainback_apply_fetch(struct drainback_device *device, bool map,
				 struct drain_fault *fault)
{
	struct drainback_connection *connection = drainback_tuned_connection(device);
	struct drainback_queue *queue;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && connection && i < connection->num_queues; i++) {
		queue = connection->queues[i];
		err = drain_consumer_set_fetch(&queue->to_host, &queue->napi, map, fault);
	}
	if (!err)
		return 0;
	while (i--) {
		queue = connection->queues[i];
		drain_consumer_set_fetch(&queue->to_host, &queue->napi, false, fault);
	}
	return err;
}

static int drainback_apply(struct drainback_device *device, enum drain_tuning_key key, u64 value)
{
	struct drain_fault fault;
	int err;

	if (value == drain_tuned(&device->tuning, key))
		return 0;
	if (key == DRAIN_TUNE_FETCH) {
		err = drainback_apply_fetch(device, value != DRAIN_FETCH_COPY, &fault);
		if (err) {
			drainback_refuse(device, key, "fetch cannot change: %s", fault.text);
			return err;
		}
	}
	drain_tune(&device->tuning, key, value);
	if (key == DRAIN_TUNE_RATE)
		drainback_apply_rate(device);
	if (key == DRAIN_TUNE_SPOOF_CHECK)
		drainback_filter_apply(device);
	return 0;
}

/* What is behind a bridge may be a bridge itself, as with a vif. */
static u64 drainback_preset(const struct drainback_device *device, enum drain_tuning_key key)
{
	if (key == DRAIN_TUNE_SPOOF_CHECK && device->netdev)
		return 0;
	return drain_tuning_rule(key)->preset;
}

/* Returns an error if the key is as bad as it was, or cannot be read. */
static int drainback_read_key(struct drainback_device *device, enum drain_tuning_key key)
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);
	char *text = xenbus_read(XBT_NIL, device->xbdev->nodename, rule->key, NULL);
	int err;
	u64 value;

	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		return err == -ENOENT ?
		       drainback_apply(device, key, drainback_preset(device, key)) : err;
	}
	if (drain_tuning_parse(key, text, &value)) {
		err = drainback_apply(device, key, value);
	} else {
		err = -EINVAL;
		drainback_refuse(device, key, "%s is \"%.64s\", allowed is %s", rule->key, text,
				 rule->allowed);
	}
	kfree(text);
	return err;
}

/* When the last refused key is mended the error goes; another one comes back. */
static void drainback_tune_key(struct drainback_device *device, enum drain_tuning_key key)
{
	if (drainback_read_key(device, key) || !__test_and_clear_bit(key, &device->refused_keys))
		return;
	if (device->refused_keys)
		drainback_read_key(device, __ffs(device->refused_keys));
	else
		drainback_error_clear(device, device->refusal);
}

static void drainback_tune_all(struct drainback_device *device)
{
	unsigned int key;

	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		drainback_tune_key(device, key);
}

/* Anything in the directory has changed; the first event is for all of it. */
static void drainback_tuning_changed(struct xenbus_watch *watch, const char *path,
				     const char *token)
{
	struct drainback_device *device = container_of(watch, struct drainback_device,
						       tuning_watch);
	enum drain_tuning_key key = drain_tuning_find_path(path);
	bool all = !strcmp(path, watch->node);

	if (!all && key == DRAIN_TUNING_KEYS)
		return;
	/* A complaint would bring back a directory that the toolstack has removed. */
	if (!xenbus_exists(XBT_NIL, device->xbdev->nodename, ""))
		return;
	mutex_lock(&device->lock);
	if (all)
		drainback_tune_all(device);
	else
		drainback_tune_key(device, key);
	mutex_unlock(&device->lock);
}

static ssize_t drainback_tuning_show(struct device *dev, struct device_attribute *attr,
				     char *buffer)
{
	const struct dev_ext_attribute *ext = container_of(attr, struct dev_ext_attribute, attr);
	struct drainback_device *device = dev_get_drvdata(dev);
	unsigned int key = (uintptr_t)ext->var;
	u64 value = drain_tuned(&device->tuning, key);

	if (key == DRAIN_TUNE_FETCH)
		return sysfs_emit(buffer, "%s\n", value == DRAIN_FETCH_COPY ? "copy" : "map");
	if (key == DRAIN_TUNE_RATE && value)
		return sysfs_emit(buffer, "%u,%u\n", DRAIN_RATE_BYTES(value),
				  DRAIN_RATE_USECS(value));
	return sysfs_emit(buffer, "%llu\n", value);
}

#define DRAINBACK_TUNING_ATTRIBUTE(id, key, ...)					\
	static struct dev_ext_attribute drainback_attr_##id = {				\
		{ { .name = key, .mode = 0444 }, .show = drainback_tuning_show },	\
		(void *)(uintptr_t)DRAIN_TUNE_##id					\
	};
DRAIN_TUNING(DRAINBACK_TUNING_ATTRIBUTE)

static struct attribute *drainback_tuning_attributes[] = {
#define DRAINBACK_TUNING_POINTER(id, ...) &drainback_attr_##id.attr.attr,
	DRAIN_TUNING(DRAINBACK_TUNING_POINTER)
	NULL,
};

static const struct attribute_group drainback_tuning_group = {
	.name = "tuning",
	.attrs = drainback_tuning_attributes,
};

/**
 * drainback_tuning_start() - read a device's tuning keys, and follow them
 * @device: attached to its port, not connected yet
 *
 * Context: may sleep.
 * Return: 0, or an error that has been reported on the device.
 */
int drainback_tuning_start(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	int err;

	drain_tuning_preset(&device->tuning);
	drain_tune(&device->tuning, DRAIN_TUNE_SPOOF_CHECK,
		   drainback_preset(device, DRAIN_TUNE_SPOOF_CHECK));
	mutex_lock(&device->lock);
	drainback_tune_all(device);
	mutex_unlock(&device->lock);
	err = sysfs_create_group(&xbdev->dev.kobj, &drainback_tuning_group);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "creating the tuning directory in sysfs");
		return err;
	}
	err = xenbus_watch_pathfmt(xbdev, &device->tuning_watch, NULL, drainback_tuning_changed,
				   "%s", xbdev->nodename);
	if (err)
		sysfs_remove_group(&xbdev->dev.kobj, &drainback_tuning_group);
	device->tuning_started = !err;
	return err;
}

/**
 * drainback_tuning_stop() - undo drainback_tuning_start()
 * @device: whether that was called or not
 *
 * Context: may sleep.
 */
void drainback_tuning_stop(struct drainback_device *device)
{
	if (!device->tuning_started)
		return;
	device->tuning_started = false;
	unregister_xenbus_watch(&device->tuning_watch);
	kfree(device->tuning_watch.node);
	sysfs_remove_group(&device->xbdev->dev.kobj, &drainback_tuning_group);
}
