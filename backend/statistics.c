// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of a device, in /sys/bus/xen-backend/devices/vdrain-X-Y/statistics:
 * one decimal number a file, since the device exists. While it is connected,
 * each of its queues has a directory beside that one, queue-0 and so on, with
 * the queue's own part, since the connection exists. What the guest counts is
 * its own word, read from the control page, and nothing here depends on it.
 */
#include <linux/ethtool.h>

#include "../ring/counts.h"
#include "drainback.h"

/* What is counted by queues; see xendrain(8) for the meaning. */
#define DRAINBACK_QUEUE_STATISTICS(X)			\
	X(to_guest_frames_in)				\
	X(to_guest_bytes_in)				\
	X(to_guest_batches)				\
	X(to_guest_flags)				\
	X(to_guest_drops)				\
	X(to_guest_drops_ring_full)			\
	X(to_guest_drops_too_long)			\
	X(to_guest_drops_offload)			\
	X(to_guest_upcalls)				\
	X(to_guest_drains)				\
	X(to_guest_hypercalls)				\
	X(to_guest_copies)				\
	X(to_guest_frames_out)				\
	X(to_guest_bytes_out)				\
	X(to_guest_consumer_drops)			\
	X(to_guest_masked_upcalls)			\
	X(to_host_frames_in)				\
	X(to_host_bytes_in)				\
	X(to_host_batches)				\
	X(to_host_flags)				\
	X(to_host_drops)				\
	X(to_host_upcalls)				\
	X(to_host_drains)				\
	X(to_host_hypercalls)				\
	X(to_host_copies)				\
	X(to_host_frames_out)				\
	X(to_host_bytes_out)				\
	X(to_host_copybreak)				\
	X(to_host_consumer_drops)			\
	X(to_host_consumer_drops_malformed)		\
	X(to_host_consumer_drops_no_memory)		\
	X(to_host_consumer_drops_spoofed)		\
	X(to_host_consumer_drops_oversize)		\
	X(to_host_consumer_drops_nic)			\
	X(to_host_consumer_drops_reserved)		\
	X(to_host_masked_upcalls)

/* Everything that is shown of a device. */
#define DRAINBACK_STATISTICS(X)				\
	DRAINBACK_QUEUE_STATISTICS(X)			\
	X(to_guest_drops_not_connected)			\
	X(rx_filter_refused)				\
	X(protocol_errors)

struct drainback_totals {
#define DRAINBACK_FIELD(name) u64 name;
	DRAINBACK_STATISTICS(DRAINBACK_FIELD)
};

static void drainback_add_to_guest(struct drainback_totals *totals,
				   const struct drainback_queue *queue)
{
	const struct drain_consumer_counts *guest = &queue->control->to_guest.consumer_counts;
	const struct drain_producer_stats *own = &queue->to_guest.stats;
	u64 ring_full = u64_stats_read(&own->drop_ring_full);
	u64 too_long = u64_stats_read(&own->drop_too_long);
	u64 offload = u64_stats_read(&own->drop_offload);

	totals->to_guest_frames_in += u64_stats_read(&own->frames);
	totals->to_guest_bytes_in += u64_stats_read(&own->bytes);
	totals->to_guest_batches += u64_stats_read(&own->batches);
	totals->to_guest_flags += u64_stats_read(&own->flags);
	totals->to_guest_drops += ring_full + too_long + offload;
	totals->to_guest_drops_ring_full += ring_full;
	totals->to_guest_drops_too_long += too_long;
	totals->to_guest_drops_offload += offload;
	totals->to_guest_upcalls += drain_count(&guest->upcalls);
	totals->to_guest_drains += drain_count(&guest->drains);
	totals->to_guest_hypercalls += drain_count(&guest->hypercalls);
	totals->to_guest_copies += drain_count(&guest->copies);
	totals->to_guest_frames_out += drain_count(&guest->frames);
	totals->to_guest_bytes_out += drain_count(&guest->bytes);
	totals->to_guest_consumer_drops += drain_count(&guest->drops);
	totals->to_guest_masked_upcalls += drain_count(&guest->masked_upcalls);
}

static void drainback_add_to_host(struct drainback_totals *totals,
				  const struct drainback_queue *queue)
{
	const struct drain_producer_counts *guest = &queue->control->to_host.producer_counts;
	const struct drain_consumer_stats *own = &queue->to_host.stats;
	const struct drainback_drops *drops = &queue->drops;

	totals->to_host_frames_in += drain_count(&guest->frames);
	totals->to_host_bytes_in += drain_count(&guest->bytes);
	totals->to_host_batches += drain_count(&guest->batches);
	totals->to_host_flags += drain_count(&guest->flags);
	totals->to_host_drops += drain_count(&guest->drops);
	totals->to_host_upcalls += u64_stats_read(&own->upcalls);
	totals->to_host_drains += u64_stats_read(&own->drains);
	totals->to_host_hypercalls += u64_stats_read(&own->hypercalls);
	totals->to_host_copies += u64_stats_read(&own->copies);
	totals->to_host_copybreak += u64_stats_read(&own->copybreak);
	/* Before the frames, which they are some of: there are never more of them. */
	totals->to_host_consumer_drops += drainback_to_host_drops(queue);
	totals->to_host_frames_out += u64_stats_read(&own->frames);
	totals->to_host_bytes_out += u64_stats_read(&own->bytes);
	totals->to_host_consumer_drops_malformed += u64_stats_read(&own->drop_malformed);
	totals->to_host_consumer_drops_no_memory += u64_stats_read(&own->drop_no_memory);
	totals->to_host_consumer_drops_spoofed += u64_stats_read(&drops->spoofed);
	totals->to_host_consumer_drops_oversize += u64_stats_read(&drops->oversize);
	totals->to_host_consumer_drops_nic += u64_stats_read(&drops->nic);
	totals->to_host_consumer_drops_reserved += u64_stats_read(&drops->reserved);
	totals->to_host_masked_upcalls += u64_stats_read(&own->masked_upcalls);
}

static void drainback_add_connection(struct drainback_totals *totals,
				     const struct drainback_connection *connection)
{
	unsigned int i;

	for (i = 0; i < connection->num_queues; i++) {
		drainback_add_to_guest(totals, connection->queues[i]);
		drainback_add_to_host(totals, connection->queues[i]);
	}
}

/**
 * drainback_statistics_retire() - keep the counters of a connection that ends
 * @device: whose
 * @connection: still whole, but nobody finds it any more
 *
 * Context: under device->lock.
 */
void drainback_statistics_retire(struct drainback_device *device,
				 const struct drainback_connection *connection)
{
	lockdep_assert_held(&device->lock);
	drainback_add_connection(device->retired, connection);
}

static void drainback_statistics_sum(struct drainback_device *device,
				     const struct drainback_connection *connection,
				     struct drainback_totals *totals)
{
	*totals = *device->retired;
	if (connection)
		drainback_add_connection(totals, connection);
	totals->to_guest_drops_not_connected = atomic64_read(&device->not_connected);
	totals->to_guest_drops += totals->to_guest_drops_not_connected;
	totals->rx_filter_refused = atomic64_read(&device->filter_refused);
	totals->protocol_errors = atomic64_read(&device->protocol_errors);
}

static ssize_t drainback_statistic_show(struct device *dev, struct device_attribute *attr,
					char *buffer)
{
	struct drainback_device *device = dev_get_drvdata(dev);
	const struct dev_ext_attribute *ext = container_of(attr, struct dev_ext_attribute, attr);
	size_t offset = (size_t)ext->var;
	struct drainback_connection *connection;
	struct drainback_totals totals;

	mutex_lock(&device->lock);
	connection = rcu_dereference_protected(device->connection,
					       lockdep_is_held(&device->lock));
	drainback_statistics_sum(device, connection, &totals);
	mutex_unlock(&device->lock);
	return sysfs_emit(buffer, "%llu\n", *(u64 *)((void *)&totals + offset));
}

#define DRAINBACK_ATTRIBUTE(name)							\
	static struct dev_ext_attribute drainback_attr_##name = {				\
		__ATTR(name, 0444, drainback_statistic_show, NULL),			\
		(void *)offsetof(struct drainback_totals, name)				\
	};
DRAINBACK_STATISTICS(DRAINBACK_ATTRIBUTE)

static struct attribute *drainback_statistics[] = {
#define DRAINBACK_POINTER(name) &drainback_attr_##name.attr.attr,
	DRAINBACK_STATISTICS(DRAINBACK_POINTER)
	NULL,
};

static const struct attribute_group drainback_statistics_group = {
	.name = "statistics",
	.attrs = drainback_statistics,
};

/*
 * Without the lock, for those who may not sleep. A connection that ends
 * meanwhile is counted once or, in the moment between, not at all.
 */
static void drainback_statistics_glance(struct drainback_device *device,
					struct drainback_totals *totals)
{
	rcu_read_lock();
	drainback_statistics_sum(device, rcu_dereference(device->connection), totals);
	rcu_read_unlock();
}

static const char drainback_names[][ETH_GSTRING_LEN] = {
#define DRAINBACK_NAME(name) #name,
	DRAINBACK_STATISTICS(DRAINBACK_NAME)
};

/**
 * drainback_statistics_count() - how many counters a device has
 */
unsigned int drainback_statistics_count(void)
{
	return ARRAY_SIZE(drainback_names);
}

/**
 * drainback_statistics_names() - the names of all counters, as in sysfs
 * @names: has ETH_GSTRING_LEN bytes for each
 */
void drainback_statistics_names(u8 *names)
{
	memcpy(names, drainback_names, sizeof(drainback_names));
}

/**
 * drainback_statistics_values() - all counters, in the order of their names
 * @device: whose
 * @values: has room for each
 *
 * Context: any but hard interrupt.
 */
void drainback_statistics_values(struct drainback_device *device, u64 *values)
{
	drainback_statistics_glance(device, (struct drainback_totals *)values);
}

/**
 * drainback_statistics_link() - what "ip -s link" shows of a device's interface
 * @device: whose
 * @stats: set; the interface sends what goes to the guest
 *
 * Context: any but hard interrupt.
 */
void drainback_statistics_link(struct drainback_device *device, struct rtnl_link_stats64 *stats)
{
	struct drainback_totals totals;

	drainback_statistics_glance(device, &totals);
	stats->tx_packets = totals.to_guest_frames_in;
	stats->tx_bytes = totals.to_guest_bytes_in;
	stats->tx_dropped = totals.to_guest_drops;
	stats->rx_packets = totals.to_host_frames_out - totals.to_host_consumer_drops;
	stats->rx_bytes = totals.to_host_bytes_out;
	stats->rx_errors = totals.to_host_consumer_drops_malformed;
	stats->rx_dropped = totals.to_host_consumer_drops -
			    min(totals.to_host_consumer_drops, stats->rx_errors);
}

/**
 * drainback_statistics_create() - show a device's counters in sysfs
 * @device: whose
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int drainback_statistics_create(struct drainback_device *device)
{
	int err;

	device->retired = kzalloc(sizeof(*device->retired), GFP_KERNEL);
	if (!device->retired)
		return -ENOMEM;
	err = sysfs_create_group(&device->xbdev->dev.kobj, &drainback_statistics_group);
	if (err)
		goto free_retired;
	err = device_create_file(&device->xbdev->dev, &drainback_last_error);
	if (err)
		goto remove_group;
	return 0;

remove_group:
	sysfs_remove_group(&device->xbdev->dev.kobj, &drainback_statistics_group);
free_retired:
	kfree(device->retired);
	return err;
}

/**
 * drainback_statistics_destroy() - undo drainback_statistics_create()
 * @device: whose
 *
 * Context: may sleep, until the last reader has left.
 */
void drainback_statistics_destroy(struct drainback_device *device)
{
	device_remove_file(&device->xbdev->dev, &drainback_last_error);
	sysfs_remove_group(&device->xbdev->dev.kobj, &drainback_statistics_group);
	kfree(device->retired);
}

/**
 * struct drainback_view - the directory that shows a queue's counters
 * @kobj: the directory
 * @queue: outlives the directory
 */
struct drainback_view {
	struct kobject kobj;
	const struct drainback_queue *queue;
};

struct drainback_view_attribute {
	struct kobj_attribute attr;
	size_t offset;
};

static ssize_t drainback_view_show(struct kobject *kobj, struct kobj_attribute *attr,
				   char *buffer)
{
	const struct drainback_view *view = container_of(kobj, struct drainback_view, kobj);
	const struct drainback_view_attribute *shown =
		container_of(attr, struct drainback_view_attribute, attr);
	struct drainback_totals totals = { };

	drainback_add_to_guest(&totals, view->queue);
	drainback_add_to_host(&totals, view->queue);
	return sysfs_emit(buffer, "%llu\n", *(u64 *)((void *)&totals + shown->offset));
}

#define DRAINBACK_VIEW_ATTRIBUTE(name)							\
	static struct drainback_view_attribute drainback_view_attr_##name = {		\
		__ATTR(name, 0444, drainback_view_show, NULL),				\
		offsetof(struct drainback_totals, name)					\
	};
DRAINBACK_QUEUE_STATISTICS(DRAINBACK_VIEW_ATTRIBUTE)

static struct attribute *drainback_view_attrs[] = {
#define DRAINBACK_VIEW_POINTER(name) &drainback_view_attr_##name.attr.attr,
	DRAINBACK_QUEUE_STATISTICS(DRAINBACK_VIEW_POINTER)
	NULL,
};

static const struct attribute_group drainback_view_group = {
	.attrs = drainback_view_attrs,
};

static const struct attribute_group *drainback_view_groups[] = {
	&drainback_view_group,
	&drainback_now_group,
	NULL,
};

/**
 * drainback_view_queue() - the queue that a directory in sysfs is about
 * @kobj: the directory
 */
const struct drainback_queue *drainback_view_queue(struct kobject *kobj)
{
	return container_of(kobj, struct drainback_view, kobj)->queue;
}

static void drainback_view_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct drainback_view, kobj));
}

static const struct kobj_type drainback_view_type = {
	.release = drainback_view_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = drainback_view_groups,
};

/**
 * drainback_view_create() - show a queue's counters in sysfs
 * @queue: that is ready to run
 *
 * Context: may sleep; under device->lock, which the counters of a queue are
 * therefore read without.
 * Return: 0 or a negative errno.
 */
int drainback_view_create(struct drainback_queue *queue)
{
	struct device *dev = &queue->connection->device->xbdev->dev;
	struct drainback_view *view = kzalloc(sizeof(*view), GFP_KERNEL);
	int err;

	if (!view)
		return -ENOMEM;
	view->queue = queue;
	err = kobject_init_and_add(&view->kobj, &drainback_view_type, &dev->kobj, "queue-%u",
				   queue->index);
	if (err)
		kobject_put(&view->kobj);
	else
		queue->view = view;
	return err;
}

/**
 * drainback_view_destroy() - undo drainback_view_create()
 * @queue: still whole
 *
 * Context: may sleep, until the last reader has left.
 */
void drainback_view_destroy(struct drainback_queue *queue)
{
	kobject_del(&queue->view->kobj);
	kobject_put(&queue->view->kobj);
}
