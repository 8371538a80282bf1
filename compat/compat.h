/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included before every file of both modules: the one place that knows
 * about kernel versions. The code is written for 6.12; this makes 6.1 look
 * like it.
 */
#ifndef DRAIN_COMPAT_H
#define DRAIN_COMPAT_H

#include <linux/netdevice.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/gso.h>
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)

#include <net/page_pool/helpers.h>

/* References to parts of a page are always counted. */
#define DRAIN_PAGE_POOL_FLAGS	0
#define drain_page_pool_refs(page)	atomic_long_read(&(page)->pp_ref_count)

#else

#include <net/page_pool.h>

#define DRAIN_PAGE_POOL_FLAGS	PP_FLAG_PAGE_FRAG
#define drain_page_pool_refs(page)	atomic_long_read(&(page)->pp_frag_count)
#define page_pool_unref_page	page_pool_defrag_page
#define page_pool_put_unrefed_page	page_pool_put_defragged_page

#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)

/* One limit for both IPs. */
#define gso_ipv4_max_size	gso_max_size

#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)

/* Frames in device memory came with 6.12. */
static inline bool skb_frags_readable(const struct sk_buff *skb)
{
	return true;
}

#endif

/**
 * drain_page_pool_bind() - let a pool recycle without locks in its NAPI
 * @params: of a pool that is about to be created
 * @napi: the only NAPI that takes pages from it
 */
static inline void drain_page_pool_bind(struct page_pool_params *params,
					struct napi_struct *napi)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	params->napi = napi;
#endif
}

#endif /* DRAIN_COMPAT_H */
