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
 *   another one    ---> resume: disconnect (resume.c)         -> Initialising
 *                       ethtool wants another connection      -> Initialising
 *                       remove (rmmod, unbind, toolstack)     -> Closed
 *
 * A backend whose module is reloaded goes through Closed to InitWait, and is
 * simply connected to again; so is one that reappears without a good-bye.
 *
 * Watch events carry no state: what is read is the state of the moment, and
 * one state may be seen twice or not at all. So an offer that has not been
 * taken stands, whatever backend takes it, and Connected counts only if the
 * backend has written back the number of this offer. An offer that is
 * withdrawn is first taken back in xenstore and then revoked. The state is
 * written under rtnl, because ethtool does so as well. A backend that asks for
 * offers in a loop is made to wait.
 */
#include "drainfront.h"

/**
 * drainfront_fatal() - give the device up, for something its backend did
 * @front: whose
 * @err: negative errno
 * @format: as for printf()
 *
 * Context: may sleep.
 */
void drainfront_fatal(struct drainfront *front, int err, const char *format, ...)
{
	char text[192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	atomic64_inc(&front->protocol_errors);
	drain_fault_report(front->xbdev, &front->messages, err, text);
}

static void drainfront_fail_work(struct work_struct *work)
{
	drainfront_disconnect_failed(container_of(work, struct drainfront, fail_work));
}

/* The backend is InitWait. */
static void drainfront_answer(struct drainfront *front)
{
	unsigned long delay;

	if (!drainfront_renew(front))
		return;
	delay = drain_offer_delay(&front->offers_paid);
	if (delay)
		queue_delayed_work(system_freezable_wq, &front->offer_work, delay);
	else
		drainfront_offer(front);
}

/*
 * xenbus frees the name of the backend when it resumes the device. It does not
 * meanwhile: after a suspend this is frozen, and resume.c cancels it.
 */
static void drainfront_offer_work(struct work_struct *work)
{
	struct drainfront *front = container_of(to_delayed_work(work), struct drainfront,
						offer_work);
	const char *backend = front->xbdev->otherend;

	/* A resume that failed leaves none. */
	if (backend && xenbus_read_driver_state(backend) == XenbusStateInitWait)
		drainfront_answer(front);
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
	INIT_DELAYED_WORK(&front->offer_work, drainfront_offer_work);
	front->offers_paid = drain_offers_unused();
	front->patience = DRAINFRONT_PATIENCE;
	drainfront_filter_init(front);
	dev_set_drvdata(&xbdev->dev, front);
	err = register_netdev(netdev);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "registering the network interface");
		goto free_netdev;
	}
	err = drainfront_follow_start(front);
	if (err)
		goto unregister_netdev;
	drain_switch_state(xbdev, XenbusStateInitialising);
	return 0;

unregister_netdev:
	unregister_netdev(netdev);
	drainfront_filter_exit(front);
free_netdev:
	free_netdev(netdev);
	return err;
}

static void drainfront_remove(struct xenbus_device *xbdev)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);
	enum xenbus_state farewell = XenbusStateClosing;

	/*
	 * The backend lets go when it sees this, and the pages can be freed. If
	 * we are Closed it has; and the toolstack may have made a new device in
	 * our place by now, which would be taken for an old one.
	 */
	if (xbdev->state == XenbusStateClosed)
		farewell = XenbusStateClosed;
	drainfront_follow_stop(front);
	cancel_delayed_work_sync(&front->offer_work);
	drainfront_withdraw(front, farewell);
	cancel_work_sync(&front->fail_work);
	unregister_netdev(front->netdev);
	drainfront_filter_exit(front);
	free_netdev(front->netdev);
}

/*
 * Not back yet, and we have said that we wait for it. It may still be Closing
 * for the driver that was bound before us; so it is, too, for a toolstack that
 * takes the device away, and then not online.
 */
static bool drainfront_is_awaited(struct drainfront *front, enum xenbus_state state)
{
	struct xenbus_device *xbdev = front->xbdev;

	if (xbdev->state != XenbusStateInitialising || front->connection)
		return false;
	return state == XenbusStateClosed ||
	       xenbus_read_unsigned(xbdev->otherend, "online", 0);
}

static void drainfront_backend_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);

	/* xenbus believes backends, and sets it to NULL again after a resume. */
	WRITE_ONCE(xbdev->otherend_watch.will_handle, drain_watch_is_news);
	/* What it would do depends on this state. */
	cancel_delayed_work_sync(&front->offer_work);
	switch (state) {
	case XenbusStateInitWait:
		drainfront_answer(front);
		break;
	case XenbusStateConnected:
		if (!drainfront_complete(front))
			drainfront_keys_watch(front);
		break;
	case XenbusStateClosed:
	case XenbusStateClosing:
		if (drainfront_is_awaited(front, state))
			break;
		drainfront_keys_unwatch(front);
		drainfront_withdraw(front, XenbusStateClosed);
		/* Who shuts the guest down may wait for this. */
		xenbus_frontend_closed(xbdev);
		break;
	default:
		break;
	}
}

static const struct xenbus_device_id drainfront_ids[] = {
	{ "vdrain" },
	{ "" }
};

/*
 * Without allow_rebind xenbus says Closed after remove. Not essential: loading
 * this module, or booting with it built in, waits for devices whose backend is
 * not there, or has refused them, for 30 seconds and not for 300.
 */
struct xenbus_driver drainfront_driver = {
	.ids = drainfront_ids,
	.not_essential = true,
	.probe = drainfront_probe,
	.remove = drainfront_remove,
	.suspend = drainfront_suspend,
	.resume = drainfront_resume,
	.otherend_changed = drainfront_backend_changed,
};
