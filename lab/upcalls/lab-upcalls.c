// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/upcalls: how often Xen has interrupted this guest, for whatever
 * reason. The kernel counts it, but a PV guest's /proc/interrupts leaves out
 * the line, and one upcall may bring several events, so that the sum of the
 * lines is something else.
 */
#include <linux/hardirq.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static int upcalls_show(struct seq_file *file, void *unused)
{
	unsigned long sum = 0;
	int cpu;

	for_each_online_cpu(cpu)
		sum += per_cpu(irq_stat, cpu).irq_hv_callback_count;
	seq_printf(file, "%lu\n", sum);
	return 0;
}

static int __init upcalls_init(void)
{
	return proc_create_single("upcalls", 0444, NULL, upcalls_show) ?
		       0 : -ENOMEM;
}

static void __exit upcalls_exit(void)
{
	remove_proc_entry("upcalls", NULL);
}

module_init(upcalls_init);
module_exit(upcalls_exit);
MODULE_DESCRIPTION("Count of the interrupts that Xen delivered to this guest");
MODULE_LICENSE("GPL");
