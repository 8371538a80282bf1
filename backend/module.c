// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen-drainback: loading and unloading.
 */
#include <linux/module.h>
#include <xen/xen.h>

#include "drainback.h"

#define CREATE_TRACE_POINTS
#include "../ring/linux/trace.h"

static int __init drainback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;

	drainback_napi_netdev = kzalloc(sizeof(*drainback_napi_netdev), GFP_KERNEL);
	if (!drainback_napi_netdev)
		return -ENOMEM;
	init_dummy_netdev(drainback_napi_netdev);
	err = drainback_nic_init();
	if (err)
		goto free_netdev;
	/*
	 * No owner: xenbus would take a reference to the module for each
	 * device, and rmmod would be refused while one exists. It needs none:
	 * unregistering removes every device before it returns.
	 */
	err = __xenbus_register_backend(&drainback_driver, NULL, KBUILD_MODNAME);
	if (err)
		goto exit_port;
	return 0;

exit_port:
	drainback_nic_exit();
free_netdev:
	kfree(drainback_napi_netdev);
	return err;
}
module_init(drainback_init);

static void __exit drainback_exit(void)
{
	drainback_unregister();
	drainback_queue_exit();
	drainback_memory_exit();
	drainback_nic_exit();
	kfree(drainback_napi_netdev);
}
module_exit(drainback_exit);

MODULE_DESCRIPTION("xendrain network backend for Xen");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vdrain");
