// SPDX-License-Identifier: GPL-2.0-only
/*
 * A limit for what a guest sends, as vifs have it: so many bytes in each
 * interval. It is the device's, whatever the number of its queues; what
 * was not used in an interval is not saved for later ones.
 *
 * A frame may pass while any credit is left, and what it takes too much is
 * owed: so the rate is kept in the long run, and a frame that is larger than
 * an interval's bytes still passes. A queue without credit is not drained, so
 * that its ring fills and stops the guest's senders; a timer ends the pause.
 *
 * One queue that has frames all the time could take every interval's bytes. So
 * whoever has drained something comes a part of an interval later to the next
 * one, after those that have not.
 */
#include "drainback.h"

/* That part: an eighth. */
#define DRAINBACK_RATE_LATE_SHIFT	3

/*
 * More intervals than this are not counted. They pay back what can be owed, a
 * frame a queue, at the lowest rate, and do not overflow at the highest.
 */
#define DRAINBACK_RATE_INTERVALS_MAX	(1 << 24)

static u64 drainback_rate_interval_ns(u64 rate)
{
	return (u64)DRAIN_RATE_USECS(rate) * NSEC_PER_USEC;
}

static void drainback_rate_refill(struct drainback_rate *limit, u64 rate, u64 now)
{
	u64 interval_ns = drainback_rate_interval_ns(rate);
	u64 intervals = div64_u64(now - limit->since, interval_ns);

	limit->since += intervals * interval_ns;
	intervals = min_t(u64, intervals, DRAINBACK_RATE_INTERVALS_MAX);
	limit->credit = min_t(s64, limit->credit + intervals * DRAIN_RATE_BYTES(rate),
			      DRAIN_RATE_BYTES(rate));
}

/* When there will be credit again. */
static u64 drainback_rate_resume(const struct drainback_rate *limit, u64 rate)
{
	u64 intervals = div64_u64(-limit->credit, DRAIN_RATE_BYTES(rate)) + 1;

	return limit->since + intervals * drainback_rate_interval_ns(rate);
}

/**
 * drainback_rate_pauses() - is there no credit to drain another frame?
 * @queue: that drains; its NAPI is scheduled again when there is
 * @rate: the limit, not 0
 *
 * Context: the queue's NAPI.
 */
bool drainback_rate_pauses(struct drainback_queue *queue, u64 rate)
{
	struct drainback_rate *limit = &queue->connection->device->rate;
	u64 resume = 0;

	spin_lock(&limit->lock);
	if (limit->credit <= 0)
		drainback_rate_refill(limit, rate, ktime_get_ns());
	if (limit->credit <= 0)
		resume = drainback_rate_resume(limit, rate);
	spin_unlock(&limit->lock);
	if (!resume)
		return false;
	if (READ_ONCE(queue->rate_served))
		resume += drainback_rate_interval_ns(rate) >> DRAINBACK_RATE_LATE_SHIFT;
	hrtimer_start(&queue->rate_timer, ns_to_ktime(resume), HRTIMER_MODE_ABS_SOFT);
	return true;
}

/**
 * drainback_rate_charge() - a frame has been drained
 * @queue: of a device with a limit
 * @bytes: of the frame
 *
 * Context: the queue's NAPI.
 */
void drainback_rate_charge(struct drainback_queue *queue, unsigned int bytes)
{
	struct drainback_rate *limit = &queue->connection->device->rate;

	spin_lock(&limit->lock);
	limit->credit -= bytes;
	spin_unlock(&limit->lock);
	WRITE_ONCE(queue->rate_served, true);
}

/**
 * drainback_rate_timer() - there may be credit again
 * @timer: of a queue
 */
enum hrtimer_restart drainback_rate_timer(struct hrtimer *timer)
{
	struct drainback_queue *queue = container_of(timer, struct drainback_queue, rate_timer);

	WRITE_ONCE(queue->rate_served, false);
	napi_schedule(&queue->napi);
	return HRTIMER_NORESTART;
}

/**
 * drainback_rate_reset() - another limit is in force
 * @device: whose; nothing is owed any more
 *
 * Context: may sleep. Queues that pause are the caller's to wake.
 */
void drainback_rate_reset(struct drainback_device *device)
{
	spin_lock_bh(&device->rate.lock);
	device->rate.credit = 0;
	device->rate.since = 0;
	spin_unlock_bh(&device->rate.lock);
}
