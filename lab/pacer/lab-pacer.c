// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/pacer: frames at an even rate, from a timer's softirq. A sender in
 * user space that sleeps between frames costs a PV dom0 some 10,000
 * instructions a frame, more than what a measurement is after.
 *
 * Writing "DEV DSTMAC COUNT SIZE RATE [SPREAD]" sends COUNT frames of SIZE
 * bytes (without FCS), RATE a second, on DEV of the writer's network namespace,
 * and returns when the last one is out or a signal comes. With a SPREAD they go
 * in turn to so many addresses that follow each other. RATE 0 is as fast as the
 * device takes them: clones of one frame, past the queueing discipline, as
 * pktgen sends, but a device that is busy is waited for asleep.
 * A frame's first four bytes of payload are its number, the next eight, if it
 * has them and was paced, the time (CLOCK_REALTIME, ns) at which it was made.
 * Reading gives "sent N ns N" of the last run.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

#define ETHERTYPE_LAB	0x88b5	/* IEEE's local experimental EtherType 1 */
#define SIZE_MIN	(ETH_HLEN + sizeof(__be32))
#define SIZE_STAMPED	(SIZE_MIN + sizeof(__be64))
#define RATE_MAX	1000000

#define BUSY_USECS	50

struct pacer {
	struct net_device *dev;
	u8 *frame;
	u32 count, size, rate, spread;
	u32 next;		/* number of the next frame */
	u32 sent;
	u64 expiries;
	ktime_t start, end;
	struct hrtimer timer;
	struct completion done;
};

static DEFINE_MUTEX(pacer_lock);
static struct pacer pacer;

static struct sk_buff *pacer_frame(struct pacer *p)
{
	unsigned int head = LL_RESERVED_SPACE(p->dev);
	struct sk_buff *skb;
	__be32 number = cpu_to_be32(p->next);
	__be64 now;

	skb = alloc_skb(head + p->size + p->dev->needed_tailroom, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, head);
	skb_put_data(skb, p->frame, p->size);
	skb->data[ETH_ALEN - 1] += p->next % p->spread;
	memcpy(skb->data + ETH_HLEN, &number, sizeof(number));
	/* A look at the clock may cost more than the rest of the frame. */
	if (p->rate && p->size >= SIZE_STAMPED) {
		now = cpu_to_be64(ktime_get_real_ns());
		memcpy(skb->data + SIZE_MIN, &now, sizeof(now));
	}
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = htons(ETHERTYPE_LAB);
	skb->dev = p->dev;
	return skb;
}

/* A busy device or a lack of memory is tried again at the next expiry. */
static void pacer_send(struct pacer *p)
{
	struct sk_buff *skb = pacer_frame(p);
	int ret;

	if (!skb)
		return;
	ret = dev_direct_xmit(skb, 0);
	if (ret == NETDEV_TX_BUSY)
		return;
	p->next++;
	if (ret == NETDEV_TX_OK)
		p->sent++;
}

/* An expiry time that has passed expires at once: a late run catches up. */
static enum hrtimer_restart pacer_expired(struct hrtimer *timer)
{
	struct pacer *p = container_of(timer, struct pacer, timer);

	pacer_send(p);
	if (p->next == p->count) {
		p->end = ktime_get();
		complete(&p->done);
		return HRTIMER_NORESTART;
	}
	p->expiries++;
	hrtimer_set_expires(timer, ktime_add_ns(p->start, mul_u64_u32_div(p->expiries,
									  NSEC_PER_SEC, p->rate)));
	return HRTIMER_RESTART;
}

static int pacer_flood(struct pacer *p)
{
	struct sk_buff *frame = pacer_frame(p), *skb;
	int ret;

	if (!frame)
		return -ENOMEM;
	while (p->next < p->count && !signal_pending(current)) {
		skb = skb_clone(frame, GFP_KERNEL);
		if (!skb)
			break;
		ret = dev_direct_xmit(skb, 0);
		if (ret == NETDEV_TX_BUSY) {
			usleep_range(BUSY_USECS, BUSY_USECS + 1);
			continue;
		}
		p->next++;
		p->sent += ret == NETDEV_TX_OK;
		cond_resched();
	}
	consume_skb(frame);
	p->end = ktime_get();
	return p->next < p->count ? -EINTR : 0;
}

static int pacer_run(struct pacer *p)
{
	int err;

	p->next = 0;
	p->sent = 0;
	p->expiries = 0;
	reinit_completion(&p->done);
	p->start = ktime_get();
	if (!p->rate)
		return pacer_flood(p);
	hrtimer_start(&p->timer, p->start, HRTIMER_MODE_ABS_SOFT);
	err = wait_for_completion_interruptible(&p->done);
	hrtimer_cancel(&p->timer);
	if (err)
		p->end = ktime_get();
	return err;
}

static int pacer_prepare(struct pacer *p, const char *dev, const u8 *mac)
{
	__be16 type = htons(ETHERTYPE_LAB);
	u32 i;

	p->dev = dev_get_by_name(current->nsproxy->net_ns, dev);
	if (!p->dev)
		return -ENODEV;
	p->frame = NULL;
	if (p->size < SIZE_MIN || p->size > p->dev->mtu + ETH_HLEN)
		return -EMSGSIZE;
	p->frame = kmalloc(p->size, GFP_KERNEL);
	if (!p->frame)
		return -ENOMEM;
	for (i = ETH_HLEN; i < p->size; i++)
		p->frame[i] = i;
	memcpy(p->frame, mac, ETH_ALEN);
	memcpy(p->frame + ETH_ALEN, p->dev->dev_addr, ETH_ALEN);
	memcpy(p->frame + 2 * ETH_ALEN, &type, sizeof(type));
	return 0;
}

static ssize_t pacer_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	struct pacer *p = &pacer;
	char text[80] = "", dev[IFNAMSIZ], mac_text[20];
	u8 mac[ETH_ALEN];
	int err;

	if (length >= sizeof(text) || copy_from_user(text, from, length))
		return -EINVAL;
	err = mutex_lock_interruptible(&pacer_lock);
	if (err)
		return err;
	err = -EINVAL;
	p->spread = 1;
	if (sscanf(text, "%15s %19s %u %u %u %u", dev, mac_text, &p->count, &p->size, &p->rate,
		   &p->spread) < 5 ||
	    !mac_pton(mac_text, mac) || !p->count || !p->spread || p->rate > RATE_MAX)
		goto out;
	err = pacer_prepare(p, dev, mac);
	if (!err)
		err = pacer_run(p);
	if (p->dev) {
		kfree(p->frame);
		dev_put(p->dev);
		p->dev = NULL;
	}
out:
	mutex_unlock(&pacer_lock);
	return err ? err : length;
}

static int pacer_show(struct seq_file *file, void *unused)
{
	int err = mutex_lock_interruptible(&pacer_lock);

	if (err)
		return err;
	seq_printf(file, "sent %u ns %lld\n", pacer.sent, ktime_sub(pacer.end, pacer.start));
	mutex_unlock(&pacer_lock);
	return 0;
}

static int pacer_open(struct inode *inode, struct file *file)
{
	return single_open(file, pacer_show, NULL);
}

static const struct proc_ops pacer_ops = {
	.proc_open = pacer_open,
	.proc_read = seq_read,
	.proc_write = pacer_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init pacer_init(void)
{
	init_completion(&pacer.done);
	hrtimer_init(&pacer.timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	pacer.timer.function = pacer_expired;
	return proc_create("pacer", 0600, NULL, &pacer_ops) ? 0 : -ENOMEM;
}

static void __exit pacer_exit(void)
{
	remove_proc_entry("pacer", NULL);
}

module_init(pacer_init);
module_exit(pacer_exit);
MODULE_DESCRIPTION("Frames at an even rate, for the lab");
MODULE_LICENSE("GPL");
