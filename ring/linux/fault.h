/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a peer did wrong, as a sentence for the log and the error node: put
 * together where it is found, said where it may sleep.
 */
#ifndef DRAIN_LINUX_FAULT_H
#define DRAIN_LINUX_FAULT_H

#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <xen/xenbus.h>

#include "store.h"

/* So many lines of the log may a peer cause at once, and in a minute. */
#define DRAIN_MESSAGES_BURST	20

/**
 * struct drain_fault - a peer's sin
 * @text: what, with the value seen and the value allowed
 */
struct drain_fault {
	char text[96];
};

/**
 * drain_fault() - write down a fault
 * @fault: where to
 * @format: as for printf()
 *
 * Context: any.
 * Return: -EPROTO, for the caller to return.
 */
static inline __printf(2, 3) int drain_fault(struct drain_fault *fault, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return -EPROTO;
}

/**
 * drain_fault_report() - give a device up for something its peer did
 * @xbdev: the device
 * @messages: limit for what the peer can make us write to the log
 * @err: negative errno
 * @text: what was wrong; for the error node, and the log while that is not
 *	flooded
 *
 * Context: may sleep.
 */
static inline void drain_fault_report(struct xenbus_device *xbdev,
				      struct ratelimit_state *messages, int err, const char *text)
{
	char *path;

	if (__ratelimit(messages)) {
		xenbus_dev_fatal(xbdev, err, "%s", text);
		return;
	}
	path = kasprintf(GFP_KERNEL, "error/%s", xbdev->nodename);
	if (path)
		xenbus_printf(XBT_NIL, path, "error", "%i %s", -err, text);
	kfree(path);
	drain_switch_state(xbdev, XenbusStateClosing);
}

#endif /* DRAIN_LINUX_FAULT_H */
