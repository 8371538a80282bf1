// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen-drainfront: loading and unloading.
 */
#include <linux/module.h>
#include <xen/xen.h>

#include "drainfront.h"

#define CREATE_TRACE_POINTS
#include "../ring/linux/trace.h"

static int __init drainfront_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	/*
	 * No owner: xenbus would take a reference to the module for each
	 * device, and rmmod would be refused while one exists. It needs none:
	 * unregistering removes every device before it returns.
	 */
	return __xenbus_register_frontend(&drainfront_driver, NULL, KBUILD_MODNAME);
}
module_init(drainfront_init);

static void __exit drainfront_exit(void)
{
	xenbus_unregister_driver(&drainfront_driver);
}
module_exit(drainfront_exit);

MODULE_DESCRIPTION("xendrain network frontend for Xen");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vdrain");
