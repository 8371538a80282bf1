/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_DETACH_H
#define XENDRAIN_DETACH_H

#include "device.h"

/**
 * detach_device() - close a device and remove it from xenstore
 * @store: the connection
 * @device: one that exists
 * @force: do not wait for the drivers
 * @seconds: how long to wait for them at most
 * @failure: why not
 *
 * The wait is a courtesy to the guest, which gets the time to close its
 * interface; a guest that never opened the device is not waited for. Then the
 * script, if the device has one, is told that it is offline.
 *
 * Return: 0, FAILURE_SYSTEM, or FAILURE_TIMEOUT with the device still there.
 */
int detach_device(struct store *store, const struct device *device, bool force,
		  unsigned int seconds, struct failure *failure);

#endif
