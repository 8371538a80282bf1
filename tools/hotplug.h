/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_HOTPLUG_H
#define XENDRAIN_HOTPLUG_H

#include "device.h"
#include "options.h"

#define HOTPLUG_SCRIPT_DEFAULT "vif-bridge"
#define SCRIPT_PATH_BYTES (sizeof("/etc/xen/scripts/") + SCRIPT_BYTES)

/*
 * Xen's hotplug scripts for a device's interface in dom0, run as libxl runs
 * them for vifs. A device on a NIC has no script, and all of this does nothing.
 */

/**
 * hotplug_find() - the file of a script
 * @script: its name in /etc/xen/scripts, its path, or "" for the default
 * @path: set to its path
 * @failure: says that it cannot be run
 *
 * Return: 0 or FAILURE_INPUT.
 */
int hotplug_find(const char *script, char path[SCRIPT_PATH_BYTES], struct failure *failure);

bool hotplug_has_script(const struct store *store, const struct device *device);

/* The interface is there, and its script has not said yet that it is done. */
bool hotplug_is_due(const struct store *store, const struct device *device);

/* Its script had said so, of an interface that has gone: the backend was loaded anew. */
bool hotplug_is_lost(const struct store *store, const struct device *device);

/**
 * hotplug_online() - the interface has appeared: put it where it belongs
 * @store: the connection
 * @device: whose backend is at least InitWait
 * @failure: why not, in the script's words if it has any
 *
 * Return: 0 or FAILURE_SYSTEM.
 */
int hotplug_online(const struct store *store, const struct device *device,
		   struct failure *failure);

/**
 * hotplug_offline() - the interface goes, or has gone: undo that
 * @store: the connection
 * @device: whose backend directory is still there
 * @failure: why not; nothing can be done about it
 *
 * Return: 0 or FAILURE_SYSTEM.
 */
int hotplug_offline(const struct store *store, const struct device *device,
		    struct failure *failure);

#endif
