/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A number in a device's own directory of xenstore.
 */
#ifndef DRAIN_LINUX_STORE_H
#define DRAIN_LINUX_STORE_H

#include <xen/xenbus.h>

/**
 * drain_store_number() - write a number into a device's directory, if it is there
 * @xbdev: whose
 * @key: node
 * @value: its value
 *
 * Just to write would bring back a directory that the toolstack has removed.
 *
 * Context: may sleep.
 * Return: 0, -ENOENT if there is no such device any more, or another error.
 */
static inline int drain_store_number(const struct xenbus_device *xbdev, const char *key,
				     unsigned int value)
{
	struct xenbus_transaction xbt;
	int err, end;

	do {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;
		err = -ENOENT;
		if (xenbus_exists(xbt, xbdev->nodename, "state"))
			err = xenbus_printf(xbt, xbdev->nodename, key, "%u", value);
		end = xenbus_transaction_end(xbt, err);
	} while (end == -EAGAIN);
	return err ?: end;
}

#endif /* DRAIN_LINUX_STORE_H */
