// SPDX-License-Identifier: GPL-2.0-only
/*
 * A rule of dom0's on what leaves through a NIC, as nft would have one: counts
 * the frames of one EtherType, drops them if told to, and notes those whose
 * first bytes are not where broken NIC drivers take them to be (XSA-423).
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>

#define HEAD_BYTES	128u

static char *dev = "eth0";
module_param(dev, charp, 0444);
static ushort proto = 0x88b5;
module_param(proto, ushort, 0444);
static bool drop;
module_param(drop, bool, 0644);
static uint frames;
module_param(frames, uint, 0444);
static uint shallow;
module_param(shallow, uint, 0444);

static unsigned int look(void *data, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (eth_hdr(skb)->h_proto != htons(proto))
		return NF_ACCEPT;
	frames++;
	if (skb_headlen(skb) < min(skb->len, HEAD_BYTES))
		shallow++;
	return drop ? NF_DROP : NF_ACCEPT;
}

static struct nf_hook_ops ops = {
	.hook = look,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_EGRESS,
};

static int __init egress_init(void)
{
	int err = -ENODEV;

	rtnl_lock();
	ops.dev = __dev_get_by_name(&init_net, dev);
	if (ops.dev)
		err = nf_register_net_hook(&init_net, &ops);
	rtnl_unlock();
	return err;
}
module_init(egress_init);

static void __exit egress_exit(void)
{
	nf_unregister_net_hook(&init_net, &ops);
}
module_exit(egress_exit);

MODULE_DESCRIPTION("A rule on what leaves through a NIC");
MODULE_LICENSE("GPL");
