// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the interface wants to receive beyond its own address, told to the
 * backend: the key rx-filter in the frontend's directory (PROTOCOL.md,
 * section 4). From a work item, because the stack asks for it in atomic
 * context and xenstore sleeps.
 */
#include "drainfront.h"

/* The stack's lists do not change meanwhile. Returns false if there are too many. */
static bool drainfront_filter_list(struct net_device *netdev, char *text)
{
	struct netdev_hw_addr *address;
	char *to = text;

	if (netdev_mc_count(netdev) > DRAIN_FILTER_GROUPS_MAX)
		return false;
	netdev_for_each_mc_addr(address, netdev)
		to += sprintf(to, "%s%pM", to == text ? "" : " ", address->addr);
	return true;
}

static void drainfront_filter_text(struct net_device *netdev, char *text)
{
	text[0] = '\0';
	netif_addr_lock_bh(netdev);
	if (netdev->flags & IFF_PROMISC)
		strscpy(text, "promisc", DRAIN_FILTER_TEXT_BYTES);
	else if (netdev->flags & IFF_ALLMULTI || !drainfront_filter_list(netdev, text))
		strscpy(text, "allmulti", DRAIN_FILTER_TEXT_BYTES);
	netif_addr_unlock_bh(netdev);
}

static int drainfront_filter_tell(struct drainfront *front)
{
	char *text = kmalloc(DRAIN_FILTER_TEXT_BYTES, GFP_KERNEL);
	int err;

	if (!text)
		return -ENOMEM;
	drainfront_filter_text(front->netdev, text);
	err = drain_store_text(front->xbdev, "rx-filter", text);
	kfree(text);
	return err;
}

static void drainfront_filter_work(struct work_struct *work)
{
	struct drainfront *front = container_of(work, struct drainfront, filter.work.work);

	drain_report_written(&front->filter, front->xbdev, "rx-filter",
			     drainfront_filter_tell(front));
}

/**
 * drainfront_filter_init() - before the interface is registered
 * @front: whose
 */
void drainfront_filter_init(struct drainfront *front)
{
	INIT_DELAYED_WORK(&front->filter.work, drainfront_filter_work);
}

/**
 * drainfront_filter_write() - tell the backend what is wanted now, soon
 * @front: whose
 *
 * Context: any.
 */
void drainfront_filter_write(struct drainfront *front)
{
	drain_report_soon(&front->filter);
}

/**
 * drainfront_filter_exit() - the next driver may know nothing of filters
 * @front: whose interface is not registered any more
 *
 * Context: may sleep.
 */
void drainfront_filter_exit(struct drainfront *front)
{
	cancel_delayed_work_sync(&front->filter.work);
	xenbus_rm(XBT_NIL, front->xbdev->nodename, "rx-filter");
}
