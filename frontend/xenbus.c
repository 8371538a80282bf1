// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's life in xenstore, the guest's side.
 *
 *   backend             frontend
 *   ------------------  ---------------------------------------------------
 *                       probe: netdev without carrier         -> Initialising
 *   InitWait       ---> drop what was; offer rings and event
 *                       channels under a new `connection`     -> Initialised
 *   Connected      ---> read the backend's rings, carrier     -> Connected
 *   Closing, Closed --> disconnect, keep the netdev           -> Closed
 *                       remove (rmmod, unbind, toolstack)     -> Closed
 *
 * A backend whose module is reloaded goes through Closed to InitWait, and is
 * simply connected to again; so is one that reappears without a good-bye.
 *
 * Watch events carry no state: what is read is the state of the moment, and
 * one state may be seen twice or not at all. So an offer that has not been
 * taken stands, whatever backend takes it, and Connected counts only if the
 * backend has written back the number of this offer. An offer that is
 * withdrawn is first taken back in xenstore and then revoked.
 */
#include "drainfront.h"

static void drainfront_link_changed(struct xenbus_watch *watch, const char *path,
				    const char *token)
{
	struct drainfront *front = container_of(watch, struct drainfront, link_watch);
	const char *backend = front->xbdev->otherend;

	front->speed_mbps = xenbus_read_unsigned(backend, "speed", 0);
	if (rcu_access_pointer(front->live) && xenbus_read_unsigned(backend, "link", 1))
		netif_carrier_on(front->netdev);
	else
		netif_carrier_off(front->netdev);
}

static void drainfront_unwatch_link(struct drainfront *front)
{
	if (!front->link_watched)
		return;
	front->link_watched = false;
	unregister_xenbus_watch(&front->link_watch);
	kfree(front->link_watch.node);
	front->link_watch.node = NULL;
}

/* Registering a watch fires it once, which reads the first state. */
static void drainfront_watch_link(struct drainfront *front)
{
	int err;

	drainfront_unwatch_link(front);
	err = xenbus_watch_pathfmt(front->xbdev, &front->link_watch, NULL,
				   drainfront_link_changed, "%s/link", front->xbdev->otherend);
	front->link_watched = !err;
}

static void drainfront_fail_work(struct work_struct *work)
{
	struct drainfront *front = container_of(work, struct drainfront, fail_work);

	/* A backend that is leaving takes its grants with it: no sin. */
	if (drainfront_disconnect_failed(front) &&
	    xenbus_read_driver_state(front->xbdev->otherend) == XenbusStateConnected)
		xenbus_dev_fatal(front->xbdev, -EPROTO, "queue %u: %s", front->fault_queue,
				 front->fault.text);
}

static int drainfront_probe(struct xenbus_device *xbdev, const struct xenbus_device_id *id)
{
	struct net_device *netdev = drainfront_netdev_create(xbdev);
	struct drainfront *front;
	int err;

	if (IS_ERR(netdev)) {
		xenbus_dev_fatal(xbdev, PTR_ERR(netdev), "creating the network interface");
		return PTR_ERR(netdev);
	}
	front = netdev_priv(netdev);
	INIT_WORK(&front->fail_work, drainfront_fail_work);
	dev_set_drvdata(&xbdev->dev, front);
	err = register_netdev(netdev);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "registering the network interface");
		free_netdev(netdev);
		return err;
	}
	xenbus_switch_state(xbdev, XenbusStateInitialising);
	return 0;
}

static void drainfront_remove(struct xenbus_device *xbdev)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);

	/* The backend lets go when it sees this, and the pages can be freed. */
	xenbus_switch_state(xbdev, XenbusStateClosing);
	drainfront_unwatch_link(front);
	drainfront_disconnect(front);
	cancel_work_sync(&front->fail_work);
	unregister_netdev(front->netdev);
	free_netdev(front->netdev);
}

/* Grants, event channels and perhaps the backend are others now. */
static int drainfront_resume(struct xenbus_device *xbdev)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);

	drainfront_unwatch_link(front);
	drainfront_disconnect(front);
	return 0;
}

static void drainfront_backend_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);

	switch (state) {
	case XenbusStateInitWait:
		if (drainfront_offered(front))
			break;
		/* Say that it is over before it is. */
		xenbus_switch_state(xbdev, XenbusStateInitialising);
		drainfront_disconnect(front);
		if (!drainfront_offer(front))
			xenbus_switch_state(xbdev, XenbusStateInitialised);
		break;
	case XenbusStateConnected:
		if (drainfront_complete(front))
			break;
		xenbus_switch_state(xbdev, XenbusStateConnected);
		drainfront_watch_link(front);
		break;
	case XenbusStateClosed:
		/* Not back yet, and we have said that we wait for it. */
		if (xbdev->state == XenbusStateInitialising)
			break;
		fallthrough;
	case XenbusStateClosing:
		xenbus_frontend_closed(xbdev);
		drainfront_unwatch_link(front);
		drainfront_disconnect(front);
		break;
	default:
		break;
	}
}

static const struct xenbus_device_id drainfront_ids[] = {
	{ "vdrain" },
	{ "" }
};

/* Without allow_rebind xenbus says Closed after remove. */
struct xenbus_driver drainfront_driver = {
	.ids = drainfront_ids,
	.probe = drainfront_probe,
	.remove = drainfront_remove,
	.resume = drainfront_resume,
	.otherend_changed = drainfront_backend_changed,
};
