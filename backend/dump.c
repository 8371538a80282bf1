// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a queue is at, for "xendrain dump" and "xendrain health": a number a
 * file, in queue-N/now beside the queue's counters. Read without locks, so what
 * two files say need not be of one moment. What the guest writes is shown as it
 * is, and nothing depends on it.
 */
#include "../ring/counts.h"
#include "drainback.h"

/* See xendrain(8) for the meaning. */
#define DRAINBACK_NOW(X)		\
	X(ring_bytes)			\
	X(to_guest_produced)		\
	X(to_guest_published)		\
	X(to_guest_limit)		\
	X(to_guest_event_at)		\
	X(to_guest_gap_usecs)		\
	X(to_guest_waiting_bytes)	\
	X(to_guest_flag_due)		\
	X(to_guest_flag_delayed)	\
	X(to_guest_stalled)		\
	X(to_host_published)		\
	X(to_host_fetched)		\
	X(to_host_parsed)		\
	X(to_host_limit)		\
	X(to_host_event_at)		\
	X(to_host_wake_at)		\
	X(to_host_waiting_bytes)	\
	X(to_host_inflight_bytes)	\
	X(to_host_throttled)		\
	X(to_host_out_of_credit)	\
	X(masked)

struct drainback_now {
#define DRAINBACK_NOW_FIELD(name) u64 name;
	DRAINBACK_NOW(DRAINBACK_NOW_FIELD)
};

static void drainback_now_to_guest(const struct drainback_queue *queue, struct drainback_now *now)
{
	const struct drain_ring *shared = &queue->control->to_guest;
	const struct drain_producer_index *ix = &queue->to_guest.ix;
	u32 limit = drain_word(&shared->consumer.limit);

	now->ring_bytes = ix->ring_bytes;
	now->to_guest_produced = READ_ONCE(ix->prod);
	now->to_guest_published = READ_ONCE(ix->published);
	now->to_guest_limit = limit;
	now->to_guest_event_at = drain_word(&shared->consumer.event_at);
	now->to_guest_gap_usecs = drain_word(&shared->consumer.gap_usecs);
	now->to_guest_waiting_bytes = (u32)(now->to_guest_produced - (limit - ix->ring_bytes));
	now->to_guest_flag_due = READ_ONCE(ix->judged) != READ_ONCE(ix->published);
	now->to_guest_flag_delayed = READ_ONCE(queue->timer_armed);
	now->to_guest_stalled = READ_ONCE(queue->stalled);
}

static void drainback_now_to_host(const struct drainback_queue *queue, struct drainback_now *now)
{
	const struct drain_ring *shared = &queue->control->to_host;
	const struct drain_consumer *consumer = &queue->to_host;

	now->to_host_published = drain_word(&shared->producer.prod);
	now->to_host_fetched = READ_ONCE(consumer->fetched);
	now->to_host_parsed = READ_ONCE(consumer->parsed);
	now->to_host_limit = READ_ONCE(consumer->ix.limit);
	now->to_host_event_at = drain_word(&shared->consumer.event_at);
	now->to_host_wake_at = drain_word(&shared->producer.wake_at);
	now->to_host_waiting_bytes = (u32)(now->to_host_published - now->to_host_parsed);
	now->to_host_inflight_bytes = atomic_read(&queue->inflight);
	now->to_host_throttled = READ_ONCE(queue->throttled);
	now->to_host_out_of_credit = hrtimer_active(&queue->rate_timer);
	now->masked = READ_ONCE(queue->channel.eoi_due);
}

struct drainback_now_attribute {
	struct kobj_attribute attr;
	size_t offset;
};

static ssize_t drainback_now_show(struct kobject *kobj, struct kobj_attribute *attr, char *buffer)
{
	const struct drainback_queue *queue = drainback_view_queue(kobj);
	const struct drainback_now_attribute *shown =
		container_of(attr, struct drainback_now_attribute, attr);
	struct drainback_now now;

	drainback_now_to_guest(queue, &now);
	drainback_now_to_host(queue, &now);
	return sysfs_emit(buffer, "%llu\n", *(u64 *)((void *)&now + shown->offset));
}

#define DRAINBACK_NOW_ATTRIBUTE(name)							\
	static struct drainback_now_attribute drainback_now_attr_##name = {		\
		__ATTR(name, 0444, drainback_now_show, NULL),				\
		offsetof(struct drainback_now, name)					\
	};
DRAINBACK_NOW(DRAINBACK_NOW_ATTRIBUTE)

static struct attribute *drainback_now_attrs[] = {
#define DRAINBACK_NOW_POINTER(name) &drainback_now_attr_##name.attr.attr,
	DRAINBACK_NOW(DRAINBACK_NOW_POINTER)
	NULL,
};

const struct attribute_group drainback_now_group = {
	.name = "now",
	.attrs = drainback_now_attrs,
};

static ssize_t last_error_show(struct device *dev, struct device_attribute *attr, char *buffer)
{
	struct drainback_device *device = dev_get_drvdata(dev);
	int bytes;

	mutex_lock(&device->lock);
	bytes = sysfs_emit(buffer, "%s\n", device->last_error);
	mutex_unlock(&device->lock);
	return bytes;
}

/* What the frontend did wrong last, when it is long connected again. */
struct device_attribute drainback_last_error = __ATTR_RO(last_error);
