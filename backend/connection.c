// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection: everything between the frontend's Initialised and the next
 * disconnect. A new object for each, published when it is complete, retired
 * when it is over; nothing in it is patched.
 */
#include "drainback.h"

/**
 * drainback_complain() - note what is wrong with an offer
 * @device: whose frontend made it
 * @format: as for printf()
 *
 * It is reported only if the offer still stands: one that the frontend has
 * withdrawn meanwhile is bound to look wrong, and is nobody's fault.
 *
 * Context: under device->lock.
 */
void drainback_complain(struct drainback_device *device, const char *format, ...)
{
	va_list args;

	lockdep_assert_held(&device->lock);
	va_start(args, format);
	vsnprintf(device->complaint, sizeof(device->complaint), format, args);
	va_end(args);
}

static int drainback_read_within(struct drainback_device *device, const char *key,
				 unsigned int least, unsigned int most, unsigned int *value)
{
	struct xenbus_device *xbdev = device->xbdev;
	int err;

	err = drain_read_number(xbdev->otherend, key, value);
	if (err) {
		drainback_complain(device, "reading %s/%s", xbdev->otherend, key);
		return err;
	}
	if (*value < least || *value > most) {
		drainback_complain(device, "frontend's %s is %u, allowed is %u to %u", key,
				   *value, least, most);
		return -EINVAL;
	}
	return 0;
}

static int drainback_read_frontend(struct drainback_device *device, unsigned int *queues,
				   unsigned int *ring_pages)
{
	unsigned int protocol;
	int err;

	err = drainback_read_within(device, "protocol", DRAIN_PROTOCOL, DRAIN_PROTOCOL, &protocol);
	if (err)
		return err;
	err = drainback_read_within(device, "queues", 1, device->max_queues, queues);
	if (err)
		return err;
	err = drainback_read_within(device, "ring-pages", DRAIN_RING_PAGES_MIN,
				    device->max_ring_pages, ring_pages);
	if (err)
		return err;
	if (!drain_ring_pages_valid(*ring_pages)) {
		drainback_complain(device, "frontend's ring-pages is %u, allowed is a power of two",
				   *ring_pages);
		return -EINVAL;
	}
	return 0;
}

static void drainback_connection_stop(struct drainback_connection *connection)
{
	unsigned int i;

	for (i = 0; i < connection->num_queues; i++)
		drainback_queue_stop(connection->queues[i]);
}

/* Stopped. */
static void drainback_connection_destroy(struct drainback_connection *connection)
{
	while (connection->num_queues)
		drainback_queue_destroy(connection->queues[--connection->num_queues]);
	kfree(connection);
}

static struct drainback_connection *drainback_connection_create(struct drainback_device *device,
								unsigned int id)
{
	struct drainback_connection *connection;
	unsigned int queues, ring_pages, i;
	int err;

	err = drainback_read_frontend(device, &queues, &ring_pages);
	if (err)
		return ERR_PTR(err);
	connection = kzalloc(struct_size(connection, queues, queues), GFP_KERNEL);
	if (!connection)
		return ERR_PTR(-ENOMEM);
	connection->device = device;
	connection->id = id;
	connection->ring_pages = ring_pages;
	for (i = 0; i < queues; i++) {
		err = drainback_queue_create(connection, i);
		if (err) {
			drainback_connection_stop(connection);
			drainback_connection_destroy(connection);
			return ERR_PTR(err);
		}
		connection->num_queues++;
	}
	return connection;
}

static struct drainback_connection *drainback_current(struct drainback_device *device)
{
	return rcu_dereference_protected(device->connection, lockdep_is_held(&device->lock));
}

/**
 * drainback_disconnect() - undo drainback_connect()
 * @device: connected or not
 *
 * Context: may sleep; under device->lock.
 */
void drainback_disconnect(struct drainback_device *device)
{
	struct drainback_connection *connection = drainback_current(device);

	if (!connection)
		return;
	RCU_INIT_POINTER(device->connection, NULL);
	/* Whoever found it before is done with it after this. */
	synchronize_net();
	drainback_connection_stop(connection);
	if (device->netdev)
		drainback_netdev_disconnected(device);
	drainback_statistics_retire(device, connection);
	drainback_connection_destroy(connection);
	if (__ratelimit(&device->messages))
		dev_info(&device->xbdev->dev, "disconnected\n");
}

static bool drainback_offer_stands(struct drainback_device *device, u32 id)
{
	u32 now;

	if (drain_read_connection(device->xbdev->otherend, &now))
		return true;
	return now == id &&
	       xenbus_read_driver_state(device->xbdev->otherend) == XenbusStateInitialised;
}

static int drainback_take_offer(struct drainback_device *device, u32 id)
{
	struct xenbus_device *xbdev = device->xbdev;
	struct drainback_connection *connection;
	int err;

	strscpy(device->complaint, "out of memory", sizeof(device->complaint));
	connection = drainback_connection_create(device, id);
	if (IS_ERR(connection))
		return PTR_ERR(connection);
	err = drain_store_number(device->xbdev, "connection", id);
	if (err) {
		drainback_complain(device, "writing %s/connection", xbdev->nodename);
		drainback_connection_stop(connection);
		drainback_connection_destroy(connection);
		return err;
	}
	rcu_assign_pointer(device->connection, connection);
	if (device->netdev)
		drainback_netdev_connected(connection);
	if (__ratelimit(&device->messages))
		dev_info(&xbdev->dev, "connected: %u queue%s, %u ring pages\n",
			 connection->num_queues, connection->num_queues == 1 ? "" : "s",
			 connection->ring_pages);
	return 0;
}

/**
 * drainback_connect() - take up what the frontend offers
 * @device: whose frontend is Initialised
 *
 * A connection that the frontend has numbered differently is over and is
 * replaced; the same number again is the same connection and left alone.
 *
 * Context: may sleep; under device->lock.
 * Return: 0; -EAGAIN if the offer was withdrawn meanwhile, -EBUSY if there have
 * been too many and device->offer_work will look again, or an error that has
 * been reported on the device.
 */
int drainback_connect(struct drainback_device *device)
{
	struct drainback_connection *connection = drainback_current(device);
	const char *frontend = device->xbdev->otherend;
	unsigned long delay;
	u32 id;
	int err;

	err = drain_read_connection(frontend, &id);
	if (err) {
		drainback_complain(device, "reading %s/connection", frontend);
		drainback_frontend_fatal(device, err, device->complaint);
		return err;
	}
	if (connection && connection->id == id)
		return 0;
	drainback_disconnect(device);
	/* Or each connection could leave its share in a NIC that is stuck. */
	if (drainback_lingering_bytes(device) >= DRAINBACK_INFLIGHT_BYTES)
		delay = HZ / 10;
	else
		delay = drain_offer_delay(&device->offers_paid);
	if (delay) {
		schedule_delayed_work(&device->offer_work, delay);
		return -EBUSY;
	}
	err = drainback_take_offer(device, id);
	if (err && !drainback_offer_stands(device, id))
		return -EAGAIN;
	if (err)
		drainback_frontend_fatal(device, err, device->complaint);
	return err;
}

static bool drainback_frontend_is_leaving(struct drainback_device *device)
{
	switch (xenbus_read_driver_state(device->xbdev->otherend)) {
	case XenbusStateInitialised:
	case XenbusStateConnected:
		return false;
	default:
		return true;
	}
}

/**
 * drainback_disconnect_failed() - give up a connection that has failed
 * @device: drainback_connection_fail() was called for one of its connections
 *
 * A frontend that is leaving takes its grants with it: that is no sin.
 *
 * Context: may sleep; under device->lock.
 */
void drainback_disconnect_failed(struct drainback_device *device)
{
	struct drainback_connection *connection = drainback_current(device);

	if (!connection || !connection->broken)
		return;
	if (!drainback_frontend_is_leaving(device)) {
		drainback_complain(device, "queue %u: %s", connection->fault_queue,
				   connection->fault.text);
		drainback_frontend_fatal(device, -EPROTO, device->complaint);
	}
	drainback_disconnect(device);
}

/**
 * drainback_connection_fail() - the guest has broken the protocol
 * @connection: from now on idle
 * @queue: number of the queue where it happened
 * @fault: what was wrong
 *
 * Context: softirq; the device is taken down by a work item (XSA-90: not from
 * here).
 */
void drainback_connection_fail(struct drainback_connection *connection, unsigned int queue,
			       const struct drain_fault *fault)
{
	if (xchg(&connection->broken, true))
		return;
	trace_drain_error(&connection->queues[queue]->tag, fault->text);
	connection->fault_queue = queue;
	connection->fault = *fault;
	schedule_work(&connection->device->fail_work);
}
