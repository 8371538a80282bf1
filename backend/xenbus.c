// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's life in xenstore, dom0's side.
 *
 *   frontend            backend
 *   ------------------  ---------------------------------------------------
 *                       probe: attach to its port, write features -> InitWait
 *   Initialised    ---> connect (a new `connection` number)      -> Connected
 *   Closing        ---> disconnect                               -> Closing
 *   Closed         ---> disconnect; online=0: go away            -> Closed
 *   Initialising   ---> disconnect                               -> InitWait
 *   Unknown (gone) ---> disconnect, go away
 *                       remove (rmmod, unbind, toolstack)        -> Closing, Closed
 *
 * Watch events carry no state: what is read is the state of the moment, and
 * one state may be seen twice or not at all. So an offer has a number, the one
 * that was taken is written back, and an offer that cannot be taken is looked
 * at once more before it is called wrong: it may have been withdrawn.
 *
 * A frontend may jump between states at will; whatever it does, the rules
 * above are followed from the state that is read. Closed while InitWait is a
 * frontend that has not seen yet that this backend is new: it is waited for.
 * A device that could not be set up ignores everything but its end.
 */
#include "drainback.h"

/* An interface has no speed of its own, as the in-tree pair's has none. */
static bool drainback_link(struct drainback_device *device, unsigned int *speed_mbps)
{
	*speed_mbps = 0;
	if (device->netdev)
		return drainback_netdev_link(device);
	return drainback_nic_link(device, speed_mbps);
}

/**
 * drainback_error_clear() - take a complaint back whose cause is mended
 * @device: whose error node holds it
 * @text: part of it; anything else stays, there may be a worse one by now
 *
 * Context: may sleep.
 */
void drainback_error_clear(struct drainback_device *device, const char *text)
{
	char *node = kasprintf(GFP_KERNEL, "error/%s", device->xbdev->nodename);
	char *error;

	if (!node)
		return;
	error = xenbus_read(XBT_NIL, node, "error", NULL);
	if (!IS_ERR(error) && strstr(error, text))
		xenbus_rm(XBT_NIL, node, "error");
	if (!IS_ERR(error))
		kfree(error);
	kfree(node);
}

static void drainback_report_link(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	unsigned int speed_mbps;
	bool up = drainback_link(device, &speed_mbps);
	int err = drain_store_number(xbdev, "speed", speed_mbps) ?:
		  drain_store_number(xbdev, "link", up);

	drain_report_written(&device->link, xbdev, "the link's state", err);
	if (!err && READ_ONCE(device->nic_gone))
		xenbus_dev_error(xbdev, -ENODEV,
				 "the NIC is gone: detach this device and attach it to another");
}

static void drainback_link_work(struct work_struct *work)
{
	drainback_report_link(container_of(work, struct drainback_device, link.work.work));
}

/**
 * drainback_frontend_fatal() - give a device up for something its frontend did
 * @device: whose
 * @err: negative errno
 * @text: what was wrong; for the error node, and the log while that is not
 *	flooded
 *
 * Context: may sleep; under device->lock.
 */
void drainback_frontend_fatal(struct drainback_device *device, int err, const char *text)
{
	lockdep_assert_held(&device->lock);
	atomic64_inc(&device->protocol_errors);
	strscpy(device->last_error, text, sizeof(device->last_error));
	drain_fault_report(device->xbdev, &device->messages, err, text);
}

static void drainback_fail_work(struct work_struct *work)
{
	struct drainback_device *device =
		container_of(work, struct drainback_device, fail_work);

	mutex_lock(&device->lock);
	drainback_disconnect_failed(device);
	mutex_unlock(&device->lock);
}

/* The frontend is Initialised. */
static void drainback_take_up(struct drainback_device *device)
{
	int err = drainback_connect(device);

	if (!err)
		drain_switch_state(device->xbdev, XenbusStateConnected);
	else if (err == -EAGAIN)
		drain_switch_state(device->xbdev, XenbusStateInitWait);
}

static void drainback_offer_work(struct work_struct *work)
{
	struct drainback_device *device =
		container_of(to_delayed_work(work), struct drainback_device, offer_work);

	mutex_lock(&device->lock);
	if (xenbus_read_driver_state(device->xbdev->otherend) == XenbusStateInitialised)
		drainback_take_up(device);
	mutex_unlock(&device->lock);
}

static int drainback_read_mac(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	char *mac = xenbus_read(XBT_NIL, xbdev->nodename, "mac", NULL);
	bool valid;

	if (IS_ERR(mac)) {
		xenbus_dev_fatal(xbdev, PTR_ERR(mac), "reading %s/mac", xbdev->nodename);
		return PTR_ERR(mac);
	}
	valid = mac_pton(mac, device->mac) && is_valid_ether_addr(device->mac);
	if (!valid)
		xenbus_dev_fatal(xbdev, -EINVAL,
				 "mac is \"%s\", allowed is a unicast address like 00:16:3e:00:00:01",
				 mac);
	kfree(mac);
	return valid ? 0 : -EINVAL;
}

static int drainback_read_limits(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;

	device->max_queues = xenbus_read_unsigned(xbdev->nodename, "queues", 1);
	device->max_ring_pages = xenbus_read_unsigned(xbdev->nodename, "ring-pages",
						      DRAIN_RING_PAGES_DEFAULT);
	if (device->max_queues < 1 || device->max_queues > DRAIN_QUEUES_MAX) {
		xenbus_dev_fatal(xbdev, -EINVAL, "queues is %u, allowed is 1 to %u",
				 device->max_queues, DRAIN_QUEUES_MAX);
		return -EINVAL;
	}
	if (!drain_ring_pages_valid(device->max_ring_pages)) {
		xenbus_dev_fatal(xbdev, -EINVAL,
				 "ring-pages is %u, allowed is a power of two from %u to %u",
				 device->max_ring_pages, DRAIN_RING_PAGES_MIN,
				 DRAIN_RING_PAGES_MAX);
		return -EINVAL;
	}
	return 0;
}

/* With a key "nic", to that NIC; without, to an interface made for it. */
static int drainback_attach(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	char *nic = xenbus_read(XBT_NIL, xbdev->nodename, "nic", NULL);
	int err;

	if (PTR_ERR_OR_ZERO(nic) == -ENOENT)
		return drainback_netdev_attach(device);
	if (IS_ERR(nic)) {
		xenbus_dev_fatal(xbdev, PTR_ERR(nic), "reading %s/nic", xbdev->nodename);
		return PTR_ERR(nic);
	}
	err = drainback_nic_attach(device, nic);
	kfree(nic);
	return err;
}

static int drainback_write_features(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	struct xenbus_transaction transaction;
	int err;

again:
	err = xenbus_transaction_start(&transaction);
	if (err)
		return err;
	err = xenbus_printf(transaction, xbdev->nodename, "protocol-min", "%u", DRAIN_PROTOCOL);
	if (err)
		goto abort;
	err = xenbus_printf(transaction, xbdev->nodename, "protocol-max", "%u", DRAIN_PROTOCOL);
	if (err)
		goto abort;
	err = xenbus_printf(transaction, xbdev->nodename, "max-queues", "%u", device->max_queues);
	if (err)
		goto abort;
	err = xenbus_printf(transaction, xbdev->nodename, "max-ring-pages", "%u",
			    device->max_ring_pages);
	if (err)
		goto abort;
	err = xenbus_transaction_end(transaction, 0);
	if (err == -EAGAIN)
		goto again;
	return err;

abort:
	xenbus_transaction_end(transaction, 1);
	return err;
}

static struct drainback_device *drainback_device_create(struct xenbus_device *xbdev)
{
	struct drainback_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return NULL;
	device->xbdev = xbdev;
	mutex_init(&device->lock);
	spin_lock_init(&device->rate.lock);
	device->offers_paid = drain_offers_unused();
	ratelimit_state_init(&device->messages, 60 * HZ, DRAIN_MESSAGES_BURST);
	INIT_DELAYED_WORK(&device->offer_work, drainback_offer_work);
	INIT_WORK(&device->fail_work, drainback_fail_work);
	INIT_DELAYED_WORK(&device->link.work, drainback_link_work);
	dev_set_drvdata(&xbdev->dev, device);
	return device;
}

static void drainback_device_destroy(struct drainback_device *device)
{
	cancel_work_sync(&device->fail_work);
	cancel_delayed_work_sync(&device->link.work);
	dev_set_drvdata(&device->xbdev->dev, NULL);
	drainback_memory_free(device);
	kfree(device);
}

/* What the toolstack asked for; an error has been reported on the device. */
static int drainback_setup(struct drainback_device *device)
{
	struct xenbus_device *xbdev = device->xbdev;
	int err;

	err = drainback_read_mac(device);
	if (err)
		return err;
	err = drainback_read_limits(device);
	if (err)
		return err;
	err = drainback_attach(device);
	if (err)
		return err;
	err = drainback_tuning_start(device);
	if (err)
		return err;
	err = drainback_write_features(device);
	if (err)
		xenbus_dev_fatal(xbdev, err, "writing to %s", xbdev->nodename);
	return err;
}

/*
 * A device that cannot be set up stays, in state Closing and without a port,
 * until the toolstack removes it: if the probe failed, xenbus would write its
 * own sentence over ours in the error node.
 */
static int drainback_probe(struct xenbus_device *xbdev, const struct xenbus_device_id *id)
{
	struct drainback_device *device = drainback_device_create(xbdev);
	int err;

	/* The state Closing, or the toolstack would go on waiting for an answer. */
	if (!device) {
		xenbus_dev_fatal(xbdev, -ENOMEM, "creating the device");
		return -ENOMEM;
	}
	err = drainback_statistics_create(device);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "creating the device's counters");
		drainback_device_destroy(device);
		return err;
	}
	device->refused = drainback_setup(device) || drainback_filter_start(device);
	if (device->refused) {
		drainback_nic_detach(device);
		drainback_netdev_detach(device);
		return 0;
	}
	drainback_report_link(device);
	drain_switch_state(xbdev, XenbusStateInitWait);
	return 0;
}

static void drainback_remove(struct xenbus_device *xbdev)
{
	struct drainback_device *device = dev_get_drvdata(&xbdev->dev);

	/* First the one that applies what the other has read. */
	drainback_tuning_stop(device);
	drainback_filter_stop(device);
	cancel_delayed_work_sync(&device->offer_work);
	/* Before its grants go: a frontend that cannot fetch looks for the reason. */
	if (xbdev->state == XenbusStateConnected)
		drain_switch_state(xbdev, XenbusStateClosing);
	/* An interface stays until its queues are gone. */
	mutex_lock(&device->lock);
	drainback_disconnect(device);
	mutex_unlock(&device->lock);
	drainback_nic_detach(device);
	drainback_netdev_detach(device);
	drainback_statistics_destroy(device);
	drainback_device_destroy(device);
}

/* Returns true if the device is to go. */
static bool drainback_follow(struct drainback_device *device, enum xenbus_state state)
{
	struct xenbus_device *xbdev = device->xbdev;

	lockdep_assert_held(&device->lock);
	switch (state) {
	case XenbusStateInitialising:
		drainback_disconnect(device);
		drain_switch_state(xbdev, XenbusStateInitWait);
		return false;
	case XenbusStateInitialised:
		/* Refused, and seen again: a new offer begins with Initialising. */
		if (xbdev->state != XenbusStateClosing)
			drainback_take_up(device);
		return false;
	case XenbusStateClosing:
		drainback_disconnect(device);
		drain_switch_state(xbdev, XenbusStateClosing);
		return false;
	case XenbusStateClosed:
		drainback_disconnect(device);
		if (!xenbus_dev_is_online(xbdev)) {
			drain_switch_state(xbdev, XenbusStateClosed);
			return true;
		}
		if (xbdev->state != XenbusStateInitWait)
			drain_switch_state(xbdev, XenbusStateClosed);
		return false;
	case XenbusStateUnknown:
		drainback_disconnect(device);
		return true;
	default:
		return false;
	}
}

/*
 * Who removes the driver holds a device's lock while it waits for the thread
 * that handles xenstore's events; so that thread must not wait for the lock then.
 */
static DECLARE_RWSEM(drainback_leaving_lock);
static bool drainback_leaving;

static void drainback_unregister_device(struct xenbus_device *xbdev)
{
	down_read(&drainback_leaving_lock);
	/* Else it is left to the toolstack, and to the next time that we are loaded. */
	if (!drainback_leaving)
		device_unregister(&xbdev->dev);
	up_read(&drainback_leaving_lock);
}

static void drainback_frontend_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	struct drainback_device *device = dev_get_drvdata(&xbdev->dev);
	bool gone;

	if (device->refused && state < XenbusStateClosing && state != XenbusStateUnknown)
		return;
	/* Work items change our state too. */
	mutex_lock(&device->lock);
	gone = drainback_follow(device, state);
	mutex_unlock(&device->lock);
	if (gone)
		drainback_unregister_device(xbdev);
}

static const struct xenbus_device_id drainback_ids[] = {
	{ "vdrain" },
	{ "" }
};

/*
 * Without allow_rebind xenbus says Closed after remove, which is how frontends
 * learn that this module has gone; they wait for its return.
 */
struct xenbus_driver drainback_driver = {
	.ids = drainback_ids,
	.probe = drainback_probe,
	.remove = drainback_remove,
	.otherend_changed = drainback_frontend_changed,
};

/**
 * drainback_unregister() - take the driver from xenbus, and every device with it
 *
 * Context: may sleep; module exit.
 */
void drainback_unregister(void)
{
	down_write(&drainback_leaving_lock);
	drainback_leaving = true;
	up_write(&drainback_leaving_lock);
	xenbus_unregister_driver(&drainback_driver);
}
