// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections and their queues: what the guest allocates, grants and offers,
 * and what it takes back.
 *
 *   offer     control pages, to_host pages, event channels; keys in xenstore
 *   complete  the backend's directories are there: consumers can be built
 *   start     the interface is up as well: NAPI runs
 *   stop, disconnect: the same backwards
 */
#include <linux/delay.h>
#include <linux/if_vlan.h>
#include <linux/interrupt.h>

#include "drainfront.h"

static irqreturn_t drainfront_upcall(int irq, void *data)
{
	struct drainfront_queue *queue = data;

	return drain_channel_upcall(&queue->channel, &queue->to_guest.stats, &queue->napi);
}

static struct xenbus_device *drainfront_xbdev(const struct drainfront_queue *queue)
{
	return queue->connection->front->xbdev;
}

static int drainfront_grant_page(struct drainfront_queue *queue)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int ref;

	if (!page)
		return -ENOMEM;
	ref = gnttab_grant_foreign_access(drainfront_xbdev(queue)->otherend_id,
					  xen_page_to_gfn(page), 1);
	if (ref < 0) {
		__free_page(page);
		return ref;
	}
	queue->pages[queue->num_pages] = page;
	queue->refs[queue->num_pages] = ref;
	queue->num_pages++;
	return 0;
}

/*
 * A backend that maps our pages needs a moment to unmap them. Not waiting would
 * be safe, but the kernel's deferred release takes ten pages a second back, and
 * a ring is 128. What is in use after the deadline does go there.
 */
static void drainfront_revoke(struct drainfront_queue *queue, grant_ref_t ref, struct page *page)
{
	while (!gnttab_try_end_foreign_access(ref)) {
		if (time_after(jiffies, queue->connection->let_go_until)) {
			queue->connection->front->patience = DRAINFRONT_LOST_PATIENCE;
			gnttab_end_foreign_access(ref, page);
			return;
		}
		msleep(20);
	}
	put_page(page);
}

static void drainfront_revoke_pages(struct drainfront_queue *queue)
{
	while (queue->num_pages) {
		queue->num_pages--;
		drainfront_revoke(queue, queue->refs[queue->num_pages],
				  queue->pages[queue->num_pages]);
	}
}

static int drainfront_create_control(struct drainfront_queue *queue)
{
	u32 ring_bytes = queue->connection->ring_pages * DRAIN_PAGE_BYTES;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int ref;

	if (!page)
		return -ENOMEM;
	queue->control = page_address(page);
	drain_ring_reset(&queue->control->to_guest, ring_bytes);
	drain_ring_reset(&queue->control->to_host, ring_bytes);
	ref = gnttab_grant_foreign_access(drainfront_xbdev(queue)->otherend_id,
					  xen_page_to_gfn(page), 0);
	if (ref < 0) {
		__free_page(page);
		return ref;
	}
	queue->control_ref = ref;
	return 0;
}

static void drainfront_destroy_control(struct drainfront_queue *queue)
{
	drainfront_revoke(queue, queue->control_ref, virt_to_page(queue->control));
}

static int drainfront_create_to_host(struct drainfront_queue *queue)
{
	unsigned int ring_pages = queue->connection->ring_pages;
	int err = 0;

	while (!err && queue->num_pages < ring_pages)
		err = drainfront_grant_page(queue);
	if (!err)
		err = drain_producer_create(&queue->to_host, &queue->control->to_host,
					    queue->pages, ring_pages);
	if (err) {
		drainfront_revoke_pages(queue);
		return err;
	}
	drain_directory_write(queue->control->to_host_refs, queue->refs, ring_pages);
	drainfront_to_host_init(queue);
	return 0;
}

/*
 * Queues are dealt out to the vCPUs, so that a flow is received and answered
 * on one of them and two queues meet on none, unless there are more queues
 * than vCPUs.
 */
static void drainfront_choose_cpus(struct drainfront_queue *queue, unsigned int queues)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (cpu % queues == queue->index % nr_cpu_ids)
			cpumask_set_cpu(cpu, &queue->cpus);
}

static int drainfront_bind(struct drainfront_queue *queue)
{
	struct xenbus_device *xbdev = drainfront_xbdev(queue);
	struct evtchn_alloc_unbound alloc = {
		.dom = DOMID_SELF,
		.remote_dom = xbdev->otherend_id,
	};
	int err;

	snprintf(queue->irq_name, sizeof(queue->irq_name), "%s-q%u",
		 queue->connection->front->netdev->name, queue->index);

	/* xenbus_alloc_evtchn() would close the device, which can do with less. */
	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
	if (err)
		return err;
	queue->channel.port = alloc.port;
	/* The event fires at once; the NAPI exists, and is disabled until start. */
	err = bind_evtchn_to_irqhandler_lateeoi(queue->channel.port, drainfront_upcall, 0,
						queue->irq_name, queue);
	if (err < 0) {
		xenbus_free_evtchn(xbdev, queue->channel.port);
		return err;
	}
	queue->channel.irq = err;
	/* If it cannot be, the event goes where Xen has bound it: no harm. */
	irq_set_affinity_and_hint(queue->channel.irq, &queue->cpus);
	return 0;
}

static void drainfront_unbind(struct drainfront_queue *queue)
{
	irq_update_affinity_hint(queue->channel.irq, NULL);
	unbind_from_irqhandler(queue->channel.irq, queue);
}

static struct drainfront_queue *drainfront_queue_create(struct drainfront_connection *connection,
							unsigned int index, unsigned int queues)
{
	struct drainfront_queue *queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	int err = -ENOMEM;

	if (!queue)
		return ERR_PTR(err);
	queue->connection = connection;
	queue->index = index;
	drain_tag_set(&queue->tag, dev_name(&drainfront_xbdev(queue)->dev), index);
	queue->to_guest.tag = &queue->tag;
	queue->to_host.tag = &queue->tag;
	queue->channel.tag = &queue->tag;
	drainfront_choose_cpus(queue, queues);
	err = drainfront_create_control(queue);
	if (err)
		goto free_queue;
	err = drainfront_create_to_host(queue);
	if (err)
		goto destroy_control;
	netif_napi_add(connection->front->netdev, &queue->napi, drainfront_poll);
	err = drainfront_bind(queue);
	if (err)
		goto del_napi;
	return queue;

del_napi:
	netif_napi_del(&queue->napi);
	drain_producer_destroy(&queue->to_host);
	drainfront_revoke_pages(queue);
destroy_control:
	drainfront_destroy_control(queue);
free_queue:
	kvfree(queue);
	return ERR_PTR(err);
}

static void drainfront_queue_close(struct drainfront_queue *queue)
{
	drainfront_unbind(queue);
	netif_napi_del(&queue->napi);
	drain_producer_destroy(&queue->to_host);
}

/* What is left of a queue that is closed: pages that the backend may be using. */
static void drainfront_queue_free(struct drainfront_queue *queue)
{
	drainfront_revoke_pages(queue);
	drainfront_destroy_control(queue);
	kvfree(queue);
}

/* The backend's part of a queue, once it has written its directory. */
static int drainfront_queue_complete(struct drainfront_queue *queue)
{
	unsigned int ring_pages = queue->connection->ring_pages;
	int err;

	queue->pool = drain_pool_create(&queue->napi, ring_pages);
	if (IS_ERR(queue->pool))
		return PTR_ERR(queue->pool);
	err = drain_consumer_create(&queue->to_guest, &queue->control->to_guest,
				    queue->control->to_guest_refs, ring_pages,
				    drainfront_xbdev(queue)->otherend_id, queue->pool,
				    &queue->connection->front->tuning, false);
	if (err)
		page_pool_destroy(queue->pool);
	return err;
}

static void drainfront_queue_incomplete(struct drainfront_queue *queue)
{
	drain_consumer_destroy(&queue->to_guest);
	page_pool_destroy(queue->pool);
}

static int drainfront_connection_complete(struct drainfront_connection *connection)
{
	unsigned int i;
	int err;

	for (i = 0; i < connection->num_queues; i++) {
		err = drainfront_queue_complete(connection->queues[i]);
		if (err)
			goto undo;
	}
	connection->complete = true;
	return 0;

undo:
	while (i--)
		drainfront_queue_incomplete(connection->queues[i]);
	return err;
}

/* Under rtnl, as queues have NAPIs. */
static void drainfront_connection_close(struct drainfront_connection *connection)
{
	unsigned int i;

	for (i = 0; i < connection->num_queues; i++) {
		if (connection->complete)
			drainfront_queue_incomplete(connection->queues[i]);
		drainfront_queue_close(connection->queues[i]);
	}
}

/* May wait for the backend: not under rtnl, once it has been told of the pages. */
static void drainfront_connection_free(struct drainfront_connection *connection)
{
	if (!connection)
		return;
	while (connection->num_queues)
		drainfront_queue_free(connection->queues[--connection->num_queues]);
	kfree(connection->backend);
	kfree(connection);
}

/* It has not been offered: nobody is waited for. */
static void drainfront_connection_abandon(struct drainfront_connection *connection)
{
	drainfront_connection_close(connection);
	drainfront_connection_free(connection);
}

static struct drainfront_connection *drainfront_connection_create(struct drainfront *front,
								  unsigned int queues,
								  unsigned int ring_pages)
{
	struct drainfront_connection *connection;
	struct drainfront_queue *queue;
	unsigned int i;

	connection = kzalloc(struct_size(connection, queues, queues), GFP_KERNEL);
	if (!connection)
		return ERR_PTR(-ENOMEM);
	connection->front = front;
	connection->backend = kstrdup(front->xbdev->otherend, GFP_KERNEL);
	if (!connection->backend) {
		kfree(connection);
		return ERR_PTR(-ENOMEM);
	}
	connection->ring_pages = ring_pages;
	connection->let_go_until = jiffies;
	connection->id = front->next_id++;
	for (i = 0; i < queues; i++) {
		queue = drainfront_queue_create(connection, i, queues);
		if (IS_ERR(queue)) {
			drainfront_connection_abandon(connection);
			return ERR_CAST(queue);
		}
		connection->queues[i] = queue;
		connection->num_queues++;
	}
	return connection;
}

static int drainfront_write_queue(struct xenbus_transaction transaction,
				  const struct drainfront_queue *queue)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "%s/queue-%u", drainfront_xbdev(queue)->nodename,
		 queue->index);
	err = xenbus_printf(transaction, path, "control-ref", "%u", queue->control_ref);
	if (err)
		return err;
	return xenbus_printf(transaction, path, "event-channel", "%u", queue->channel.port);
}

static int drainfront_write_keys(struct xenbus_transaction transaction,
				 const struct drainfront_connection *connection)
{
	const char *node = connection->front->xbdev->nodename;
	unsigned int i;
	int err;

	err = xenbus_printf(transaction, node, "protocol", "%u", DRAIN_PROTOCOL);
	if (err)
		return err;
	err = xenbus_printf(transaction, node, "queues", "%u", connection->num_queues);
	if (err)
		return err;
	err = xenbus_printf(transaction, node, "ring-pages", "%u", connection->ring_pages);
	if (err)
		return err;
	err = xenbus_printf(transaction, node, "connection", "%u", connection->id);
	for (i = 0; !err && i < connection->num_queues; i++)
		err = drainfront_write_queue(transaction, connection->queues[i]);
	return err;
}

static int drainfront_write_offer(const struct drainfront_connection *connection)
{
	struct xenbus_transaction transaction;
	int err;

	do {
		err = xenbus_transaction_start(&transaction);
		if (err)
			return err;
		err = drainfront_write_keys(transaction, connection);
		if (err) {
			xenbus_transaction_end(transaction, 1);
			return err;
		}
		err = xenbus_transaction_end(transaction, 0);
	} while (err == -EAGAIN);
	return err;
}

/*
 * For a backend with which there can be no connection. One that goes away takes
 * its keys with it, which is no fault; what is seen twice is said once.
 */
static int drainfront_refuse(struct drainfront *front, int err, const struct drain_fault *refusal)
{
	if (xenbus_read_driver_state(front->xbdev->otherend) != XenbusStateInitWait)
		return err;
	if (!strcmp(refusal->text, front->refusal.text)) {
		drain_switch_state(front->xbdev, XenbusStateClosing);
		return err;
	}
	front->refusal = *refusal;
	drainfront_fatal(front, err, "%s", refusal->text);
	return err;
}

static int drainfront_check_protocol(struct drainfront *front)
{
	struct xenbus_device *xbdev = front->xbdev;
	unsigned int least = xenbus_read_unsigned(xbdev->otherend, "protocol-min", 0);
	unsigned int most = xenbus_read_unsigned(xbdev->otherend, "protocol-max", 0);
	struct drain_fault refusal;

	if (least <= DRAIN_PROTOCOL && DRAIN_PROTOCOL <= most)
		return 0;
	drain_fault(&refusal, "backend speaks protocol %u to %u, this is %u", least, most,
		    DRAIN_PROTOCOL);
	return drainfront_refuse(front, -EPROTONOSUPPORT, &refusal);
}

static int drainfront_read_limits(struct drainfront *front)
{
	struct xenbus_device *xbdev = front->xbdev;
	unsigned int queues = xenbus_read_unsigned(xbdev->otherend, "max-queues", 1);
	struct drain_fault refusal;

	front->max_queues = clamp_t(unsigned int, queues, 1, DRAIN_QUEUES_MAX);
	front->max_ring_pages = xenbus_read_unsigned(xbdev->otherend, "max-ring-pages", 0);
	if (drain_ring_pages_valid(front->max_ring_pages))
		return 0;
	drain_fault(&refusal,
		    "backend's max-ring-pages is %u, allowed is a power of two from %u to %u",
		    front->max_ring_pages, DRAIN_RING_PAGES_MIN, DRAIN_RING_PAGES_MAX);
	return drainfront_refuse(front, -EINVAL, &refusal);
}

/* What is wanted, or, if there is no room for that, the least there can be. */
static struct drainfront_connection *drainfront_connection_build(struct drainfront *front)
{
	unsigned int ring_pages = front->ring_pages ? front->ring_pages : front->max_ring_pages;
	unsigned int queues = front->queues ? front->queues : num_online_cpus();
	struct drainfront_connection *connection;

	queues = min(queues, front->max_queues);
	ring_pages = min(ring_pages, front->max_ring_pages);
	connection = drainfront_connection_create(front, queues, ring_pages);
	if (!IS_ERR(connection))
		return connection;
	if (__ratelimit(&front->messages))
		netdev_warn(front->netdev,
			    "no memory, grants or event channels for %u queues of %u ring pages, taking 1 of %u\n",
			    queues, ring_pages, DRAIN_RING_PAGES_MIN);
	/* The next one is not to fail for what ethtool has asked for. */
	front->queues = 0;
	front->ring_pages = 0;
	return drainfront_connection_create(front, 1, DRAIN_RING_PAGES_MIN);
}

/* Under rtnl, as ethtool may change what is wanted at any time. */
static int drainfront_offer_locked(struct drainfront *front)
{
	struct xenbus_device *xbdev = front->xbdev;
	struct drainfront_connection *connection;
	int err;

	err = drainfront_read_limits(front);
	if (err)
		return err;
	connection = drainfront_connection_build(front);
	if (IS_ERR(connection)) {
		err = PTR_ERR(connection);
		xenbus_dev_fatal(xbdev, err,
				 "no memory, grants or event channels for 1 queue of %u ring pages",
				 DRAIN_RING_PAGES_MIN);
		return err;
	}
	err = drainfront_write_offer(connection);
	if (err) {
		drainfront_connection_abandon(connection);
		xenbus_dev_fatal(xbdev, err, "writing to %s", xbdev->nodename);
		return err;
	}
	front->connection = connection;
	front->refusal.text[0] = '\0';
	drainfront_netdev_size(front);
	drain_switch_state(xbdev, XenbusStateInitialised);
	/* After a resume the directory may be a new one. */
	drainfront_filter_write(front);
	return 0;
}

/* Is there an offer that has not been taken yet? */
static bool drainfront_offered(const struct drainfront *front)
{
	return front->connection && !front->connection->complete;
}

/**
 * drainfront_offer() - build a connection, put it into xenstore, say Initialised
 * @front: not connected
 *
 * Context: may sleep; one thread at a time. Takes rtnl.
 * Return: 0, or an error that has been reported on the device.
 */
int drainfront_offer(struct drainfront *front)
{
	int err;

	err = drainfront_check_protocol(front);
	if (err)
		return err;
	rtnl_lock();
	err = drainfront_offer_locked(front);
	rtnl_unlock();
	return err;
}

/**
 * drainfront_complete() - the backend has taken the offer: go live, say Connected
 * @front: has offered a connection
 *
 * Context: may sleep; takes rtnl.
 * Return: 0, -EAGAIN if it is not this offer that has been taken, or an
 * error that has been reported on the device.
 */
int drainfront_complete(struct drainfront *front)
{
	struct drainfront_connection *connection;
	int err = -EAGAIN;
	u32 taken;

	/* The interface may be opened, or a connection taken down, at any time. */
	rtnl_lock();
	connection = front->connection;
	if (!drainfront_offered(front))
		goto unlock;
	if (drain_read_connection(front->xbdev->otherend, &taken)) {
		err = -ENOMEM;
		xenbus_dev_fatal(front->xbdev, err, "reading %s/connection",
				 front->xbdev->otherend);
		goto unlock;
	}
	if (taken != connection->id)
		goto unlock;
	err = drainfront_connection_complete(connection);
	if (err) {
		xenbus_dev_fatal(front->xbdev, err, "memory for %u queues",
				 connection->num_queues);
		goto unlock;
	}
	if (netif_running(front->netdev))
		drainfront_start(front);
	drainfront_apply_fetch(front);
	rcu_assign_pointer(front->live, connection);
	drain_switch_state(front->xbdev, XenbusStateConnected);
	if (__ratelimit(&front->messages))
		netdev_info(front->netdev, "connected: %u queue%s, %u ring pages\n",
			    connection->num_queues, connection->num_queues == 1 ? "" : "s",
			    connection->ring_pages);
unlock:
	rtnl_unlock();
	return err;
}

/* What is returned is to be freed when rtnl is released. */
static struct drainfront_connection *drainfront_detach(struct drainfront *front)
{
	struct drainfront_connection *connection = front->connection;

	ASSERT_RTNL();
	netif_carrier_off(front->netdev);
	if (!connection)
		return NULL;
	RCU_INIT_POINTER(front->live, NULL);
	/* Senders and readers that found it are done with it after this. */
	synchronize_net();
	if (netif_running(front->netdev))
		drainfront_stop(front);
	drainfront_totals_retire(front);
	front->connection = NULL;
	drainfront_connection_close(connection);
	connection->let_go_until = jiffies + front->patience;
	front->patience = DRAINFRONT_PATIENCE;
	return connection;
}

/**
 * drainfront_withdraw() - say that the connection is over, and give it up
 * @front: connected or not
 * @state: how to say it
 *
 * Both under rtnl: what says that a connection is to be replaced
 * (drainfront_reconnect()) must not be the last word about one that is over.
 *
 * Context: may sleep; takes rtnl.
 */
void drainfront_withdraw(struct drainfront *front, enum xenbus_state state)
{
	struct drainfront_connection *over;

	rtnl_lock();
	drain_switch_state(front->xbdev, state);
	over = drainfront_detach(front);
	rtnl_unlock();
	drainfront_connection_free(over);
}

/**
 * drainfront_renew() - make way for a new offer
 * @front: connected or not
 *
 * Context: may sleep; takes rtnl.
 * Return: false if there is an offer that has not been taken: that one stands.
 */
bool drainfront_renew(struct drainfront *front)
{
	bool offered;

	rtnl_lock();
	offered = drainfront_offered(front);
	rtnl_unlock();
	if (!offered)
		drainfront_withdraw(front, XenbusStateInitialising);
	return !offered;
}

/**
 * drainfront_reconnect() - have the connection replaced by one as ethtool wants it
 * @front: connected or not; if not, the next connection will be that one
 * @extack: says why not
 *
 * The backend is told that the connection is over. It lets go and says
 * InitWait, and that is answered with a new offer, as always.
 *
 * Not drain_switch_state(), which closes a device whose state cannot be written:
 * this one works, and goes on as it is then.
 *
 * Context: may sleep; under rtnl.
 * Return: 0, -EBUSY while an offer waits for the backend, or an error of xenstore.
 */
int drainfront_reconnect(struct drainfront *front, struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	if (drainfront_offered(front)) {
		NL_SET_ERR_MSG_MOD(extack, "the device is connecting, try again later");
		return -EBUSY;
	}
	if (!front->connection || front->xbdev->state == XenbusStateInitialising)
		return 0;
	err = drain_store_number(front->xbdev, "state", XenbusStateInitialising);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "the backend cannot be told, the device is as before");
		return err;
	}
	front->xbdev->state = XenbusStateInitialising;
	return 0;
}

/**
 * drainfront_disconnect_failed() - give up the connection that has failed
 * @front: drainfront_fail() was called for one of its connections
 *
 * A backend that is leaving, or was left behind by a guest that wakes up
 * elsewhere, takes its grants with it: that is no fault of it.
 *
 * Context: may sleep; takes rtnl.
 */
void drainfront_disconnect_failed(struct drainfront *front)
{
	struct drainfront_connection *over = NULL;

	rtnl_lock();
	if (front->connection && READ_ONCE(front->connection->broken))
		over = drainfront_detach(front);
	/*
	 * No queue runs any more: what one was writing down is whole. The backend
	 * is told before its grants are revoked.
	 */
	if (over && xenbus_read_driver_state(over->backend) == XenbusStateConnected)
		drainfront_fatal(front, -EPROTO, "queue %u: %s", over->fault_queue,
				 over->fault.text);
	rtnl_unlock();
	drainfront_connection_free(over);
}

/* What lies in the ring is from before the interface was up: not to be seen. */
static void drainfront_queue_start(struct drainfront_queue *queue)
{
	u32 prod;

	if (!drain_consumer_look(&queue->to_guest.ix, &prod)) {
		queue->discard_until = prod;
		queue->discarding = true;
	}
	drainfront_to_host_start(queue);
	napi_enable(&queue->napi);
	/* An upcall that came before found no NAPI to run. */
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

/**
 * drainfront_start() - let a complete connection's queues run
 * @front: interface up, or coming up
 *
 * Context: may sleep; under rtnl.
 */
void drainfront_start(struct drainfront *front)
{
	struct drainfront_connection *connection = front->connection;
	unsigned int i;

	ASSERT_RTNL();
	if (!connection || !connection->complete)
		return;
	for (i = 0; i < connection->num_queues; i++)
		drainfront_queue_start(connection->queues[i]);
}

/**
 * drainfront_stop() - undo drainfront_start()
 * @front: interface going down, or connection going away
 *
 * Context: may sleep; under rtnl.
 */
void drainfront_stop(struct drainfront *front)
{
	struct drainfront_connection *connection = front->connection;
	unsigned int i;

	ASSERT_RTNL();
	if (!connection || !connection->complete)
		return;
	for (i = 0; i < connection->num_queues; i++)
		napi_disable(&connection->queues[i]->napi);
}

/* A queue whose pages cannot be mapped goes on copying. */
static void drainfront_set_fetch(struct drainfront *front, bool map)
{
	struct drainfront_connection *connection = front->connection;
	struct drain_fault fault = { };
	struct drainfront_queue *queue;
	unsigned int copying = 0, i;

	ASSERT_RTNL();
	if (!connection || !connection->complete)
		return;
	for (i = 0; i < connection->num_queues; i++) {
		queue = connection->queues[i];
		if (drain_consumer_set_fetch(&queue->to_guest, netif_running(front->netdev) ?
					     &queue->napi : NULL, map, &fault))
			copying++;
	}
	if (copying && __ratelimit(&front->messages))
		netdev_warn(front->netdev, "%u of %u queues go on copying: %s\n", copying,
			    connection->num_queues, fault.text);
}

/*
 * Of a guest that is auto-translated (PVH) the hypervisor must look up each
 * address, twice a copy operation: copying is slower than the in-tree pair then
 * (doc/performance.md), and mapping as fast as in a PV guest.
 */
static bool drainfront_wants_map(const struct drainfront *front)
{
	u64 fetch = drain_tuned(&front->tuning, DRAIN_TUNE_FETCH);

	if (fetch == DRAIN_FETCH_DEFAULT)
		return xen_feature(XENFEAT_auto_translated_physmap);
	return fetch == DRAIN_FETCH_MAP;
}

/**
 * drainfront_apply_fetch() - fetch as the tuning says, also what is connected
 * @front: connected or not
 *
 * Context: may sleep; under rtnl.
 */
void drainfront_apply_fetch(struct drainfront *front)
{
	drainfront_set_fetch(front, drainfront_wants_map(front));
}

/**
 * drainfront_unmap() - let go of the backend's pages for a while, but go on
 * @front: connected or not
 *
 * Context: may sleep; under rtnl.
 */
void drainfront_unmap(struct drainfront *front)
{
	drainfront_set_fetch(front, false);
}

/**
 * drainfront_fail() - the backend has broken the protocol
 * @queue: where; from now on idle
 * @fault: what was wrong
 *
 * Context: softirq.
 */
void drainfront_fail(struct drainfront_queue *queue, const struct drain_fault *fault)
{
	struct drainfront_connection *connection = queue->connection;

	if (xchg(&queue->broken, true))
		return;
	trace_drain_error(&queue->tag, fault->text);
	if (xchg(&connection->broken, true))
		return;
	connection->fault_queue = queue->index;
	connection->fault = *fault;
	schedule_work(&connection->front->fail_work);
}
