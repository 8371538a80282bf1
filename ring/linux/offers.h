/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a peer may have of the thread that serves every device's xenstore events:
 * a new connection now and then, which costs memory and grants besides, and one
 * event of each watch that waits.
 */
#ifndef DRAIN_LINUX_OFFERS_H
#define DRAIN_LINUX_OFFERS_H

#include <linux/jiffies.h>
#include <xen/xenbus.h>

/* So many at once, and one a second after those. */
#define DRAIN_OFFERS_BURST	10

/**
 * drain_offers_unused() - what a peer that has had no connection has used up
 *
 * Return: jiffies, for drain_offer_delay().
 */
static inline unsigned long drain_offers_unused(void)
{
	return jiffies - DRAIN_OFFERS_BURST * HZ;
}

/**
 * drain_offer_delay() - how long must a peer wait for its next connection?
 * @paid: jiffies up to which it has used up what it may have
 *
 * Context: any; serialised by the caller.
 * Return: in jiffies; 0: not at all, and @paid counts this one.
 */
static inline unsigned long drain_offer_delay(unsigned long *paid)
{
	unsigned long unused = drain_offers_unused();

	if (time_before(*paid, unused))
		*paid = unused;
	if (time_after(*paid + HZ, jiffies))
		return *paid + HZ - jiffies;
	*paid += HZ;
	return 0;
}

/**
 * drain_watch_is_news() - is an event of a watch on a peer's nodes to be queued?
 * @watch: whose handler reads what is there when it runs
 * @path: that was written
 * @token: of the watch
 *
 * One that waits will read what this one is about: who writes without end fills
 * nobody's memory with events (XSA-349).
 *
 * Context: under xenbus's lock of all watches.
 */
static inline bool drain_watch_is_news(struct xenbus_watch *watch, const char *path,
				       const char *token)
{
	return !watch->nr_pending;
}

#endif /* DRAIN_LINUX_OFFERS_H */
