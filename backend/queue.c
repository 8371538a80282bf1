// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue: its NAPI publishes what a NIC's batch put into to_guest, raises the
 * guest's flag, and drains to_host.
 */
#include <linux/module.h>

#include "drainback.h"

/*
 * The backstop timer fires this long after the gap is over, so that the NIC's
 * next batch, if there is one, gets there first and the timer finds nothing to
 * do: without it nearly every flag came from the timer.
 */
#define DRAINBACK_TIMER_SLACK_NS	(100 * NSEC_PER_USEC)

/*
 * NAPIs need a netdev to stand on; a device in NIC mode has none of its own.
 * The netdev's list of them is usually under rtnl; here it has this lock.
 */
struct net_device *drainback_napi_netdev;
static DEFINE_MUTEX(drainback_napi_lock);

static int drainback_poll(struct napi_struct *napi, int budget);

static void drainback_napi_add(struct drainback_queue *queue)
{
	mutex_lock(&drainback_napi_lock);
	netif_napi_add(drainback_napi_netdev, &queue->napi, drainback_poll);
	mutex_unlock(&drainback_napi_lock);
}

static void drainback_napi_del(struct drainback_queue *queue)
{
	mutex_lock(&drainback_napi_lock);
	netif_napi_del(&queue->napi);
	mutex_unlock(&drainback_napi_lock);
}

/**
 * drainback_queue_kick() - look at the rings, whether anybody asked for it or not
 * @queue: enabled
 *
 * Context: process, or softirq.
 */
void drainback_queue_kick(struct drainback_queue *queue)
{
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

/**
 * drainback_flag_delay() - how long must a due flag wait?
 * @queue: whose guest asked for a gap between flags
 * @now: ktime_get_ns()
 *
 * Return: nanoseconds from @now; 0 if the gap is over, or the ring fills up.
 * A flag raised while no gap was asked for was long ago.
 */
u64 drainback_flag_delay(struct drainback_queue *queue, u64 now)
{
	struct drain_producer_index *ix = &queue->to_guest.ix;
	u64 gap_ns = drain_producer_gap_usecs(ix) * NSEC_PER_USEC;
	u64 since = now - queue->flagged_ns;

	lockdep_assert_held(&queue->produce_lock);
	if (since >= gap_ns || drain_producer_crowded(ix))
		return 0;
	return gap_ns - since;
}

static void drainback_flag(struct drainback_queue *queue)
{
	struct drain_producer *producer = &queue->to_guest;
	/* Where no gap is asked for, the time is of no use: it is not looked at. */
	u64 now = drain_producer_gap_usecs(&producer->ix) ? ktime_get_ns() : 0;
	u64 delay = drainback_flag_delay(queue, now);

	trace_drain_flag(&queue->tag, producer->ix.published,
			 delay ? DRAIN_FLAG_DELAYED : DRAIN_FLAG_RAISED);
	if (!delay) {
		queue->flagged_ns = now;
		drain_producer_flagged(&producer->ix);
		u64_stats_inc(&producer->stats.flags);
		drain_channel_notify(&queue->channel);
	} else if (!queue->timer_armed) {
		queue->timer_armed = true;
		hrtimer_start(&queue->timer, ns_to_ktime(now + delay + DRAINBACK_TIMER_SLACK_NS),
			      HRTIMER_MODE_ABS_SOFT);
	}
}

/**
 * drainback_queue_publish_locked() - let the guest see what was produced
 * @queue: that was produced into
 *
 * Raises the guest's flag if the guest asked for it and the gap that it asked
 * for is over; otherwise the next batch does, or the timer.
 *
 * Context: under queue->produce_lock.
 */
void drainback_queue_publish_locked(struct drainback_queue *queue)
{
	struct drain_producer *producer = &queue->to_guest;

	lockdep_assert_held(&queue->produce_lock);
	WRITE_ONCE(queue->batch_open, false);
	if (drain_publish(producer))
		drain_producer_publish_counts(producer);
	if (drain_must_flag(producer))
		drainback_flag(queue);
}

/**
 * drainback_queue_publish() - the same, with the lock taken here
 * @queue: that was produced into
 *
 * Context: softirq.
 */
void drainback_queue_publish(struct drainback_queue *queue)
{
	spin_lock(&queue->produce_lock);
	drainback_queue_publish_locked(queue);
	spin_unlock(&queue->produce_lock);
}

static enum hrtimer_restart drainback_timer(struct hrtimer *timer)
{
	struct drainback_queue *queue = container_of(timer, struct drainback_queue, timer);

	spin_lock(&queue->produce_lock);
	queue->timer_armed = false;
	if (drain_must_flag(&queue->to_guest))
		drainback_flag(queue);
	spin_unlock(&queue->produce_lock);
	return HRTIMER_NORESTART;
}

static irqreturn_t drainback_upcall(int irq, void *data)
{
	struct drainback_queue *queue = data;

	return drain_channel_upcall(&queue->channel, &queue->to_host.stats, &queue->napi);
}

static bool drainback_throttle(struct drainback_queue *queue)
{
	if (atomic_read(&queue->inflight) < DRAINBACK_INFLIGHT_BYTES)
		return false;
	WRITE_ONCE(queue->throttled, true);
	/* Pairs with the one in drainback_skb_sent(). */
	smp_mb();
	if (atomic_read(&queue->inflight) >= DRAINBACK_INFLIGHT_BYTES)
		return true;
	WRITE_ONCE(queue->throttled, false);
	return false;
}

/**
 * drainback_skb_sent() - destructor of the frames that go out through the NIC
 * @skb: that the NIC's driver, or whoever dropped it, is done with
 *
 * Context: any.
 */
void drainback_skb_sent(struct sk_buff *skb)
{
	struct drainback_weight *weight = skb_shinfo(skb)->destructor_arg;
	struct drainback_queue *queue = weight->queue;
	int left;

	/* The queue is freed a grace period after inflight has come to 0. */
	rcu_read_lock();
	left = atomic_sub_return(weight->bytes, &queue->inflight);
	/* The subtraction is a full barrier: pairs with drainback_throttle(). */
	if (left <= DRAINBACK_INFLIGHT_BYTES / 2 && READ_ONCE(queue->throttled)) {
		WRITE_ONCE(queue->throttled, false);
		/* A queue of the NIC that is reset drops in process context. */
		drainback_queue_kick(queue);
	}
	rcu_read_unlock();
}

/* Longer ones are on no wire; but a guest may have them copied all the same. */
#define DRAINBACK_PACKET_BYTES_MAX	9216

/*
 * What a frame takes of the budget: the packets that it will be on a wire. 64
 * frames of 64 KB, segmented by software, would keep every other NAPI of this
 * CPU waiting for 20 ms, and the receive ring of the NIC full meanwhile.
 */
static int drainback_packets(const struct sk_buff *skb, u32 frame_bytes)
{
	bool segments = skb && skb_is_gso(skb);

	return DIV_ROUND_UP(frame_bytes, segments ? skb_shinfo(skb)->gso_size :
						    DRAINBACK_PACKET_BYTES_MAX);
}

/* Returns packets drained, or @budget if polling must go on; a negative errno. */
static int drainback_drain(struct drainback_queue *queue, int budget, bool *out_of_credit)
{
	struct drainback_device *device = queue->connection->device;
	struct drainback_port *port = rcu_dereference_bh(device->port);
	u64 rate = drain_tuned(&device->tuning, DRAIN_TUNE_RATE);
	u64 fetches = u64_stats_read(&queue->to_host.stats.fetches);
	int done = 0, packets = 1;
	struct sk_buff *skb;
	int got = 1;

	/* The next frame is taken to be like the last, so the budget is hardly overdrawn. */
	while (done + packets <= budget && !drainback_throttle(queue)) {
		*out_of_credit = rate && drainback_rate_pauses(queue, rate);
		if (*out_of_credit)
			break;
		got = drain_next(&queue->to_host, &queue->napi, drainback_napi_netdev, &skb);
		if (got <= 0)
			break;
		packets = drainback_packets(skb, queue->to_host.frame_bytes);
		done += packets;
		/* What was dropped has cost as much. */
		if (rate)
			drainback_rate_charge(queue, queue->to_host.frame_bytes);
		if (skb)
			drainback_to_host(queue, port, skb);
	}
	drain_channel_settle(&queue->channel, &queue->to_host);
	if (fetches != u64_stats_read(&queue->to_host.stats.fetches)) {
		u64_stats_inc(&queue->to_host.stats.drains);
		queue->channel.worked = true;
		drain_consumer_publish_counts(&queue->to_host, drainback_to_host_drops(queue));
	}
	if (got == -EAGAIN || got == -ENOMEM)
		return budget;
	if (got < 0)
		return got;
	return done + packets > budget ? budget : done;
}

static int drainback_poll(struct napi_struct *napi, int budget)
{
	struct drainback_queue *queue = container_of(napi, struct drainback_queue, napi);
	bool out_of_credit = false, paused;
	int done;

	if (unlikely(READ_ONCE(queue->connection->broken))) {
		napi_complete_done(napi, 0);
		return 0;
	}
	if (queue->transmit.txq)
		drainback_netdev_reap(queue);
	/* Whoever opens a batch now schedules this NAPI once more. */
	else if (READ_ONCE(queue->batch_open))
		drainback_queue_publish(queue);
	done = drainback_drain(queue, budget, &out_of_credit);
	if (unlikely(done < 0)) {
		drainback_connection_fail(queue->connection, queue->index,
					  &queue->to_host.fault);
		napi_complete_done(napi, 0);
		return 0;
	}
	if (done == budget)
		return budget;
	if (!napi_complete_done(napi, done))
		return done;
	/*
	 * That will be long, or the guest may have to tell of room for the
	 * interface's frames: events that are not about to_host may come.
	 */
	paused = READ_ONCE(queue->throttled);
	if (out_of_credit || (paused && queue->transmit.txq))
		drain_channel_unmask(&queue->channel);
	else if (!paused)
		drain_channel_rest(&queue->channel, &queue->to_host, napi);
	return done;
}

static int drainback_queue_read(struct drainback_queue *queue, grant_ref_t *control_ref,
				evtchn_port_t *event_channel)
{
	struct xenbus_device *xbdev = queue->connection->device->xbdev;
	char path[64];
	int err;

	snprintf(path, sizeof(path), "%s/queue-%u", xbdev->otherend, queue->index);
	err = drain_read_number(path, "control-ref", control_ref);
	if (!err)
		err = drain_read_number(path, "event-channel", event_channel);
	if (err)
		drainback_complain(queue->connection->device,
				   "queue %u: reading %s/{control-ref,event-channel}",
				   queue->index, path);
	return err;
}

static int drainback_queue_map_control(struct drainback_queue *queue, grant_ref_t ref)
{
	struct drainback_device *device = queue->connection->device;
	u32 ring_bytes = queue->connection->ring_pages * DRAIN_PAGE_BYTES;

	queue->control_map = drain_map_create(&ref, 1, device->xbdev->otherend_id, 0,
					      &queue->to_host.fault);
	if (IS_ERR(queue->control_map)) {
		drainback_complain(device, "queue %u: control page: %s", queue->index,
				   queue->to_host.fault.text);
		return PTR_ERR(queue->control_map);
	}
	queue->control = drain_map_page(queue->control_map, 0);
	drain_producer_line_reset(&queue->control->to_guest);
	drain_consumer_line_reset(&queue->control->to_host, ring_bytes);
	return 0;
}

static int drainback_queue_create_rings(struct drainback_queue *queue)
{
	struct drainback_device *device = queue->connection->device;
	unsigned int ring_pages = queue->connection->ring_pages;
	struct drainback_memory *memory;
	int err;

	drain_fault(&queue->to_host.fault, "no memory or grant references");
	err = drainback_memory_get(device, queue->index, ring_pages);
	if (err)
		return err;
	memory = device->memory[queue->index];
	drain_directory_write(queue->control->to_guest_refs, memory->refs, ring_pages);

	err = drain_producer_create(&queue->to_guest, &queue->control->to_guest,
				    memory->pages, ring_pages);
	if (err)
		return err;
	err = drain_consumer_create(&queue->to_host, &queue->control->to_host,
				    queue->control->to_host_refs, ring_pages,
				    device->xbdev->otherend_id, NULL, &device->tuning,
				    drain_tuned(&device->tuning, DRAIN_TUNE_FETCH) !=
					    DRAIN_FETCH_COPY);
	if (err)
		drain_producer_destroy(&queue->to_guest);
	return err;
}

static void drainback_queue_destroy_rings(struct drainback_queue *queue)
{
	drain_consumer_destroy(&queue->to_host);
	drain_producer_destroy(&queue->to_guest);
}

/*
 * In two steps, because bind_interdomain_evtchn_to_irqhandler_lateeoi() does
 * not tell the local port, and every flag would pay for looking it up.
 */
static int drainback_queue_bind(struct drainback_queue *queue, evtchn_port_t remote)
{
	struct xenbus_device *xbdev = queue->connection->device->xbdev;
	struct evtchn_bind_interdomain bind = {
		.remote_dom = xbdev->otherend_id,
		.remote_port = remote,
	};
	int err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	if (err)
		return err;
	err = bind_evtchn_to_irqhandler_lateeoi(bind.local_port, drainback_upcall, 0,
						dev_name(&xbdev->dev), queue);
	if (err < 0) {
		xenbus_free_evtchn(xbdev, bind.local_port);
		return err;
	}
	queue->channel.port = bind.local_port;
	queue->channel.irq = err;
	return 0;
}

static struct drainback_queue *drainback_queue_alloc(struct drainback_connection *connection,
						     unsigned int index)
{
	struct drainback_queue *queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	unsigned int i;

	if (!queue)
		return NULL;
	queue->connection = connection;
	queue->device = connection->device;
	queue->index = index;
	drain_tag_set(&queue->tag, dev_name(&connection->device->xbdev->dev), index);
	queue->to_guest.tag = &queue->tag;
	queue->to_host.tag = &queue->tag;
	queue->channel.tag = &queue->tag;
	queue->to_host.forwards = true;
	spin_lock_init(&queue->produce_lock);
	hrtimer_init(&queue->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	queue->timer.function = drainback_timer;
	hrtimer_init(&queue->rate_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	queue->rate_timer.function = drainback_rate_timer;
	for (i = 0; i < DRAINBACK_WEIGHTS; i++)
		queue->weights[i] = (struct drainback_weight){
			queue, (i + 1) << DRAINBACK_WEIGHT_SHIFT };
	return queue;
}

/**
 * drainback_queue_create() - build a queue as the frontend describes it
 * @connection: that it is for; gets it at queues[@index]
 * @index: its number
 *
 * Context: may sleep; under device->lock.
 * Return: 0, or an error that has been noted by drainback_complain().
 */
int drainback_queue_create(struct drainback_connection *connection, unsigned int index)
{
	struct drainback_queue *queue;
	evtchn_port_t event_channel;
	grant_ref_t control_ref;
	int err;

	queue = drainback_queue_alloc(connection, index);
	if (!queue)
		return -ENOMEM;
	err = drainback_queue_read(queue, &control_ref, &event_channel);
	if (err)
		goto free_queue;
	err = drainback_queue_map_control(queue, control_ref);
	if (err)
		goto free_queue;
	drainback_napi_add(queue);
	err = drainback_queue_create_rings(queue);
	if (err) {
		drainback_complain(connection->device, "queue %u: rings of %u pages: %s", index,
				   connection->ring_pages, queue->to_host.fault.text);
		goto unmap_control;
	}
	err = drainback_queue_bind(queue, event_channel);
	if (err) {
		drainback_complain(connection->device, "queue %u: binding event channel %u", index,
				   event_channel);
		goto destroy_rings;
	}
	err = drainback_view_create(queue);
	if (err) {
		drainback_complain(connection->device, "queue %u: no memory for its counters",
				   index);
		goto unbind;
	}
	connection->queues[index] = queue;
	if (connection->device->netdev)
		drainback_netdev_queue_start(queue);
	napi_enable(&queue->napi);
	/* The event fires once on binding, and found no NAPI to run. */
	drainback_queue_kick(queue);
	return 0;

unbind:
	unbind_from_irqhandler(queue->channel.irq, queue);
destroy_rings:
	drainback_queue_destroy_rings(queue);
unmap_control:
	drainback_napi_del(queue);
	drain_map_destroy(queue->control_map);
free_queue:
	kvfree(queue);
	return err;
}

/*
 * Queues that are gone but for frames that the NIC still has: their sk_buffs
 * point here. A NIC may be paused or stuck for any time, and xenstore's thread,
 * which serves every backend of this dom0, must not wait for it.
 */
static LIST_HEAD(drainback_lingering);
static DEFINE_MUTEX(drainback_lingering_lock);

static void drainback_free_lingering(struct work_struct *work);
static DECLARE_DELAYED_WORK(drainback_linger_work, drainback_free_lingering);

static void drainback_free_lingering(struct work_struct *work)
{
	struct drainback_queue *queue, *next;
	LIST_HEAD(sent);

	mutex_lock(&drainback_lingering_lock);
	list_for_each_entry_safe(queue, next, &drainback_lingering, lingering)
		if (!atomic_read(&queue->inflight))
			list_move(&queue->lingering, &sent);
	if (!list_empty(&drainback_lingering))
		schedule_delayed_work(&drainback_linger_work, HZ / 10);
	mutex_unlock(&drainback_lingering_lock);

	/* drainback_skb_sent() may still be looking at them. */
	synchronize_rcu();
	list_for_each_entry_safe(queue, next, &sent, lingering)
		kvfree(queue);
}

static void drainback_queue_linger(struct drainback_queue *queue)
{
	mutex_lock(&drainback_lingering_lock);
	list_add_tail(&queue->lingering, &drainback_lingering);
	mutex_unlock(&drainback_lingering_lock);
	schedule_delayed_work(&drainback_linger_work, 0);
}

/**
 * drainback_lingering_bytes() - what former connections of a device still have in NICs
 * @device: whose; its own connection does not count
 *
 * Context: may sleep.
 */
u32 drainback_lingering_bytes(const struct drainback_device *device)
{
	struct drainback_queue *queue;
	u32 bytes = 0;

	mutex_lock(&drainback_lingering_lock);
	list_for_each_entry(queue, &drainback_lingering, lingering)
		if (queue->device == device)
			bytes += atomic_read(&queue->inflight);
	mutex_unlock(&drainback_lingering_lock);
	return bytes;
}

static bool drainback_any_lingers(void)
{
	bool any;

	mutex_lock(&drainback_lingering_lock);
	any = !list_empty(&drainback_lingering);
	mutex_unlock(&drainback_lingering_lock);
	return any;
}

/**
 * drainback_queue_exit() - wait for the last frame that points to this module
 *
 * Context: may sleep; no device is left.
 */
void drainback_queue_exit(void)
{
	unsigned int tenths = 0;

	while (drainback_any_lingers()) {
		msleep(100);
		if (++tenths % 100 == 0)
			pr_warn("xen-drainback: still waiting for frames in a NIC\n");
	}
	flush_delayed_work(&drainback_linger_work);
	/* A destructor may be on its way out of this module's text. */
	synchronize_rcu();
}

/**
 * drainback_queue_stop() - nothing is drained or published any more
 * @queue: that no new frame can find any more (a grace period has passed)
 *
 * Context: may sleep.
 */
void drainback_queue_stop(struct drainback_queue *queue)
{
	napi_disable(&queue->napi);
	hrtimer_cancel(&queue->timer);
	hrtimer_cancel(&queue->rate_timer);
	/* What the NIC sends from now on wakes nobody. */
	WRITE_ONCE(queue->throttled, false);
}

/**
 * drainback_queue_destroy() - undo drainback_queue_create()
 * @queue: stopped
 *
 * Context: may sleep. The queue itself is freed when the NIC has sent what it
 * has of it.
 */
void drainback_queue_destroy(struct drainback_queue *queue)
{
	drainback_view_destroy(queue);
	unbind_from_irqhandler(queue->channel.irq, queue);
	drainback_queue_destroy_rings(queue);
	drainback_napi_del(queue);
	drain_map_destroy(queue->control_map);
	drainback_queue_linger(queue);
}
