// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/delays: the frames of lab-pacer that have come to this kernel's stack
 * since the module was loaded, and how long they took since they were made.
 *
 * Looking at the clock is a trap where Xen emulates the guest's TSC, so it is
 * done for every Nth frame only, N being the parameter "every": 1 to learn the
 * delays, many to learn the rate without changing it.
 *
 * Both domains' CLOCK_REALTIME is Xen's system time and an offset, the same for
 * all, which each kernel rounds once when it boots: between two drivers in one
 * guest delays compare exactly, each alone may be off by some microseconds.
 *
 * Reading gives "frames N timed N ns N min_ns N p50_ns N p99_ns N max_ns N": the
 * first "timed" frames came within "ns" nanoseconds.
 */
#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#define ETHERTYPE_LAB	0x88b5	/* IEEE's local experimental EtherType 1 */
#define STAMP_OFFSET	sizeof(__be32)
#define SAMPLES_MAX	100000

static unsigned int every = 1;
module_param(every, uint, 0444);

static DEFINE_SPINLOCK(delays_lock);
static s64 *samples;
static u32 num_samples;
static u64 frames, timed;
static s64 first_ns, last_ns;

static void delays_sample(const struct sk_buff *skb)
{
	s64 now = ktime_get_real_ns();
	__be64 stamp;

	memcpy(&stamp, skb->data + STAMP_OFFSET, sizeof(stamp));
	if (num_samples < SAMPLES_MAX)
		samples[num_samples++] = now - (s64)be64_to_cpu(stamp);
	if (frames == 1)
		first_ns = now;
	last_ns = now;
	timed = frames;
}

static int delays_receive(struct sk_buff *skb, struct net_device *dev, struct packet_type *type,
			  struct net_device *orig)
{
	spin_lock(&delays_lock);
	if (frames++ % every == 0 && pskb_may_pull(skb, STAMP_OFFSET + sizeof(__be64)))
		delays_sample(skb);
	spin_unlock(&delays_lock);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

static struct packet_type delays_type = {
	.type = cpu_to_be16(ETHERTYPE_LAB),
	.func = delays_receive,
};

static int delays_compare(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return (x > y) - (x < y);
}

/* Read when the traffic is over. */
static int delays_show(struct seq_file *file, void *unused)
{
	u32 n = num_samples;

	seq_printf(file, "frames %llu timed %llu ns %lld", frames, timed, last_ns - first_ns);
	if (n) {
		sort(samples, n, sizeof(*samples), delays_compare, NULL);
		seq_printf(file, " min_ns %lld p50_ns %lld p99_ns %lld max_ns %lld", samples[0],
			   samples[n / 2], samples[(u64)n * 99 / 100], samples[n - 1]);
	}
	seq_putc(file, '\n');
	return 0;
}

static int __init delays_init(void)
{
	if (!every)
		return -EINVAL;
	samples = vzalloc(array_size(SAMPLES_MAX, sizeof(*samples)));
	if (!samples)
		return -ENOMEM;
	if (!proc_create_single("delays", 0444, NULL, delays_show)) {
		vfree(samples);
		return -ENOMEM;
	}
	dev_add_pack(&delays_type);
	return 0;
}

static void __exit delays_exit(void)
{
	dev_remove_pack(&delays_type);
	remove_proc_entry("delays", NULL);
	vfree(samples);
}

module_init(delays_init);
module_exit(delays_exit);
MODULE_DESCRIPTION("How many frames got here, and how long they took, for the lab");
MODULE_LICENSE("GPL");
