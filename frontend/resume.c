// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that wakes up elsewhere: after a restore, or a migration.
 *
 * xenbus resumes each frontend once, and finds that the node which names its
 * backend is not there if the toolstack writes it a moment later. It then does
 * not call the driver, and a node that appears where a device is registered is
 * no news to it. So the driver watches the node itself, and has its bus resume
 * the device again when it names another backend than the one xenbus knows.
 * The network interface, and with it addresses, routes and open connections,
 * stays all the while.
 */
#include <linux/pm.h>

#include "drainfront.h"

static void drainfront_fetch_work(struct work_struct *work)
{
	struct drainfront *front = container_of(work, struct drainfront, fetch_work);

	rtnl_lock();
	drainfront_apply_fetch(front);
	rtnl_unlock();
}

/**
 * drainfront_suspend() - prepare for being saved
 * @xbdev: the device
 *
 * A domain that maps pages of another cannot be saved. If it goes on after all,
 * nobody calls resume: the work item is freezable and runs in either case.
 *
 * Context: may sleep; takes rtnl.
 * Return: 0.
 */
int drainfront_suspend(struct xenbus_device *xbdev)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);

	rtnl_lock();
	drainfront_unmap(front);
	rtnl_unlock();
	queue_work(system_freezable_wq, &front->fetch_work);
	return 0;
}

/**
 * drainfront_resume() - let go of what was connected before the guest slept
 * @xbdev: grants, event channels and perhaps the backend are others now
 *
 * Context: may sleep; takes rtnl.
 * Return: 0.
 */
int drainfront_resume(struct xenbus_device *xbdev)
{
	struct drainfront *front = dev_get_drvdata(&xbdev->dev);

	drainfront_keys_unwatch(front);
	/*
	 * xenbus takes us for Initialising now, and so would not write it. The
	 * backend may be the same as before: it must let go, and be InitWait.
	 */
	xbdev->state = XenbusStateUnknown;
	drainfront_withdraw(front, XenbusStateInitialising);
	return 0;
}

/* Longer than xenbus is busy with a device that it has just probed. */
#define DRAINFRONT_LOCK_JIFFIES	HZ

/*
 * The lock keeps out a probe, which begins to follow before it has ended. It is
 * only tried, because who removes the driver holds it and waits for this thread.
 */
static bool drainfront_lock(struct device *dev)
{
	unsigned long deadline = jiffies + DRAINFRONT_LOCK_JIFFIES;

	while (!device_trylock(dev)) {
		if (time_after(jiffies, deadline))
			return false;
		msleep(20);
	}
	return true;
}

static void drainfront_follow(struct drainfront *front, bool named)
{
	struct xenbus_device *xbdev = front->xbdev;

	cancel_delayed_work_sync(&front->offer_work);
	if (!drainfront_lock(&xbdev->dev))
		return;
	if (named)
		xbdev->dev.bus->pm->restore(&xbdev->dev);
	else
		drainfront_resume(xbdev);
	device_unlock(&xbdev->dev);
}

/*
 * In xenbus's own thread: to resume a device unregisters watches, for which any
 * other thread must wait for this one. It may not do so with the device's lock,
 * which this one takes to remove or to suspend a device.
 */
static void drainfront_backend_named(struct xenbus_watch *watch, const char *path,
				     const char *token)
{
	struct drainfront *front = container_of(watch, struct drainfront, backend_watch);
	struct xenbus_device *xbdev = front->xbdev;
	char *backend = xenbus_read(XBT_NIL, xbdev->nodename, "backend", NULL);

	if (IS_ERR(backend)) {
		/* After a resume that failed; else the device is about to go. */
		if (!xbdev->otherend)
			drainfront_follow(front, false);
		return;
	}
	if (!xbdev->otherend || strcmp(backend, xbdev->otherend))
		drainfront_follow(front, true);
	kfree(backend);
}

/*
 * A switch must learn where the guest is now. The kernel gives the interface
 * its queues only after this thread has said that there is a carrier.
 */
#define DRAINFRONT_ANNOUNCE_JIFFIES	(HZ / 10)

static void drainfront_announce_work(struct work_struct *work)
{
	struct drainfront *front = container_of(to_delayed_work(work), struct drainfront,
						announce_work);

	netdev_notify_peers(front->netdev);
}

/**
 * drainfront_announce() - tell the neighbours of the interface's addresses
 * @front: whose carrier has come
 *
 * Context: any.
 */
void drainfront_announce(struct drainfront *front)
{
	schedule_delayed_work(&front->announce_work, DRAINFRONT_ANNOUNCE_JIFFIES);
}

/**
 * drainfront_follow_start() - follow the device to its backend, wherever that is
 * @front: whose netdev is registered
 *
 * The watch fires once now, and once after each resume of the guest.
 *
 * Context: may sleep; probe.
 * Return: 0, or an error that has been reported on the device.
 */
int drainfront_follow_start(struct drainfront *front)
{
	INIT_DELAYED_WORK(&front->announce_work, drainfront_announce_work);
	INIT_WORK(&front->fetch_work, drainfront_fetch_work);
	return xenbus_watch_pathfmt(front->xbdev, &front->backend_watch, NULL,
				    drainfront_backend_named, "%s/backend",
				    front->xbdev->nodename);
}

/**
 * drainfront_follow_stop() - undo drainfront_follow_start()
 * @front: whose driver is being removed
 *
 * Context: may sleep; holds the device's lock.
 */
void drainfront_follow_stop(struct drainfront *front)
{
	unregister_xenbus_watch(&front->backend_watch);
	kfree(front->backend_watch.node);
	/* Which announces; and nothing suspends a device that is being removed. */
	drainfront_keys_unwatch(front);
	cancel_delayed_work_sync(&front->announce_work);
	cancel_work_sync(&front->fetch_work);
}
