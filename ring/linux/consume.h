/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Consuming in Linux: the peer's ring is fetched into pages of our own, by
 * batched GNTTABOP_copy or out of a mapping, and sk_buffs are made of those.
 * Shared by both modules; runs in the queue's NAPI alone.
 *
 * The peer's memory is read once, by the fetch, so whatever is parsed here can
 * no longer change.
 */
#ifndef DRAIN_LINUX_CONSUME_H
#define DRAIN_LINUX_CONSUME_H

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/u64_stats_sync.h>
#include <linux/virtio_net.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>

#include "../directory.h"
#include "../frame.h"
#include "../headers.h"
#include "../index.h"
#include "../tuning.h"
#include "copy.h"
#include "fault.h"
#include "map.h"
#include "reuse.h"
#include "trace.h"

/* Copy operations of one hypercall, one a page: the most that drain-pages may be. */
#define DRAIN_FETCH_PAGES_MAX	64

/* Protocol headers are looked for in so much of a frame. */
#define DRAIN_HEAD_BYTES	256

/*
 * What is sent on begins with so many bytes in one piece: drivers of NICs take
 * protocol headers to be there (XSA-423), also those that nobody can find.
 */
#define DRAIN_FORWARD_HEAD_BYTES	128

/* GNTST_eagain in a row after which the peer's page is taken for lost. */
#define DRAIN_EAGAIN_MAX	1000

/**
 * struct drain_consumer_stats - what a consumer counts
 * @upcalls: event-channel interrupts
 * @masked_upcalls: of those, while the channel was masked: must stay 0
 * @drains: polls that fetched something
 * @fetches: times that the ring was fetched from, by whatever means
 * @hypercalls: GNTTABOP_copy calls
 * @copies: copy operations in them
 * @frames: taken out of the ring, whether dropped afterwards or not
 * @bytes: of those frames
 * @copybreak: of those frames, copied whole because they are short
 * @drop_malformed: dropped, header fields that cannot be
 * @drop_no_memory: dropped, no memory for the sk_buff
 */
struct drain_consumer_stats {
	u64_stats_t upcalls;
	u64_stats_t masked_upcalls;
	u64_stats_t drains;
	u64_stats_t fetches;
	u64_stats_t hypercalls;
	u64_stats_t copies;
	u64_stats_t frames;
	u64_stats_t bytes;
	u64_stats_t copybreak;
	u64_stats_t drop_malformed;
	u64_stats_t drop_no_memory;
};

/**
 * struct drain_consumer - one ring that this side consumes
 * @ix: indices
 * @parsed: frames before this index have been handed on
 * @fetched: frames before this index can be: they are in @private, or in the
 *	mapping if @direct
 * @published: how far the producer had come when it was last looked at
 * @frame_bytes: of the frame that was taken out last
 * @peer: domain that owns the data pages
 * @eagain: fetches in a row that the hypervisor put off
 * @refs: its grant references, checked by nobody: the hypervisor does
 * @map: the data pages, mapped; NULL if they are fetched by hypercall
 * @direct: frames are copied out of @map one by one; false while something
 *	that was fetched by hypercall is left
 * @tuning: of the device: drain-pages and copybreak
 * @reuse: where our pages come from, and go when their frames are handed on
 * @private: our pages, one a ring page: what was fetched by hypercall, and
 *	the long frame that is being parsed
 * @heads: the page that heads of sk_buffs are carved from
 * @heads_offset: where the next one begins
 * @forwards: frames out of to_host, for NICs and others' stacks
 * @wake: the producer is to be told that there is room
 * @fault: set with -EPROTO
 * @tag: for tracepoints
 * @ops: the hypercall's arguments
 * @stats: counters, written by the NAPI and the upcall handler alone
 */
struct drain_consumer {
	struct drain_consumer_index ix;
	u32 parsed;
	u32 fetched;
	u32 published;
	u32 frame_bytes;
	domid_t peer;
	unsigned int eagain;
	grant_ref_t *refs;
	struct drain_map *map;
	bool direct;
	const struct drain_tuning *tuning;
	struct drain_reuse *reuse;
	struct drain_page *private;
	struct drain_page heads;
	unsigned int heads_offset;
	bool forwards;
	bool wake;
	struct drain_fault fault;
	const struct drain_tag *tag;
	struct gnttab_copy ops[DRAIN_FETCH_PAGES_MAX];
	struct drain_consumer_stats stats;
};

/**
 * drain_pool_create() - a page_pool for one consumer
 * @napi: the only NAPI that takes pages from it
 * @ring_pages: size of the ring; so many pages are kept here, and as many by
 *	struct drain_reuse
 *
 * Fresh pages cost 1,300 instructions each where the kernel zeroes them on
 * allocation, recycled ones 200.
 *
 * Context: may sleep. Destroy the pool after napi_disable().
 * Return: the pool or an ERR_PTR.
 */
static inline struct page_pool *drain_pool_create(struct napi_struct *napi, unsigned int ring_pages)
{
	struct page_pool_params params = {
		.flags = DRAIN_PAGE_POOL_FLAGS,
		.pool_size = ring_pages,
		.nid = NUMA_NO_NODE,
	};

	drain_page_pool_bind(&params, napi);
	return page_pool_create(&params);
}

/* What is the same in all operations is written once. */
static inline void drain_fetch_prepare(struct drain_consumer *consumer)
{
	unsigned int n;

	for (n = 0; n < DRAIN_FETCH_PAGES_MAX; n++)
		consumer->ops[n] = (struct gnttab_copy){
			.source.domid = consumer->peer,
			.dest.domid = DOMID_SELF,
			.flags = GNTCOPY_source_gref,
		};
}

/**
 * drain_consumer_create() - set a consumer up on the peer's ring
 * @consumer: to set up; counters, @consumer->tag and @consumer->forwards are kept
 * @shared: the ring's control lines
 * @shared_refs: directory of the data pages' grant references, read here once
 * @ring_pages: how many, a power of two
 * @peer: domain that granted them
 * @pool: for our pages; the caller's, and stays so; NULL if the consumer
 *	forwards
 * @tuning: of the device; outlives the consumer
 * @map: fetch out of a mapping instead of by hypercall
 *
 * Context: may sleep.
 * Return: 0, or an error with @consumer->fault set.
 */
static inline int __must_check drain_consumer_create(struct drain_consumer *consumer,
						     struct drain_ring *shared,
						     const __le32 *shared_refs,
						     unsigned int ring_pages, domid_t peer,
						     struct page_pool *pool,
						     const struct drain_tuning *tuning,
						     bool map)
{
	int err = -ENOMEM;

	drain_fault(&consumer->fault, "out of memory");
	consumer->refs = kvmalloc_array(ring_pages, sizeof(*consumer->refs), GFP_KERNEL);
	if (!consumer->refs)
		return err;
	consumer->private = kvcalloc(ring_pages, sizeof(*consumer->private), GFP_KERNEL);
	if (!consumer->private)
		goto free_refs;
	consumer->reuse = drain_reuse_create(pool, ring_pages);
	if (!consumer->reuse)
		goto free_private;
	drain_directory_read(consumer->refs, shared_refs, ring_pages);
	consumer->map = NULL;
	if (map) {
		consumer->map = drain_map_create(consumer->refs, ring_pages, peer,
						 GNTMAP_readonly, &consumer->fault);
		if (IS_ERR(consumer->map)) {
			err = PTR_ERR(consumer->map);
			goto destroy_reuse;
		}
	}
	drain_consumer_init(&consumer->ix, shared, ring_pages * DRAIN_PAGE_BYTES);
	consumer->parsed = 0;
	consumer->fetched = 0;
	consumer->published = 0;
	consumer->direct = false;
	consumer->peer = peer;
	drain_fetch_prepare(consumer);
	consumer->heads.page = NULL;
	consumer->tuning = tuning;
	consumer->eagain = 0;
	consumer->wake = false;
	return 0;

destroy_reuse:
	drain_reuse_destroy(consumer->reuse);
free_private:
	kvfree(consumer->private);
free_refs:
	kvfree(consumer->refs);
	return err;
}

static inline struct drain_page *drain_private(const struct drain_consumer *consumer, u32 index)
{
	u32 offset = index & (consumer->ix.ring_bytes - 1);

	return &consumer->private[offset >> DRAIN_PAGE_SHIFT];
}

/**
 * drain_consumer_destroy() - undo drain_consumer_create()
 * @consumer: nobody polls any more
 *
 * Context: may sleep.
 */
static inline void drain_consumer_destroy(struct drain_consumer *consumer)
{
	unsigned int ring_pages = consumer->ix.ring_bytes >> DRAIN_PAGE_SHIFT;
	unsigned int i;

	for (i = 0; i < ring_pages; i++)
		if (consumer->private[i].page)
			drain_reuse_release(consumer->reuse, consumer->private[i], false);
	if (consumer->heads.page)
		drain_reuse_release(consumer->reuse, consumer->heads, false);
	drain_reuse_destroy(consumer->reuse);
	if (consumer->map)
		drain_map_destroy(consumer->map);
	kvfree(consumer->private);
	kvfree(consumer->refs);
}

/**
 * drain_consumer_set_fetch() - fetch by another method from now on
 * @consumer: whatever it has fetched stays, and nothing is lost
 * @napi: that polls, enabled; NULL if it is not
 * @map: out of a mapping instead of by hypercall
 * @fault: set on error
 *
 * The NAPI rests only while the pointer is changed, not while pages are mapped.
 *
 * Context: may sleep; nobody else enables or disables the NAPI meanwhile.
 * Return: 0, or an error: the method is the old one. To change to copying
 * always works.
 */
static inline int drain_consumer_set_fetch(struct drain_consumer *consumer,
					   struct napi_struct *napi, bool map,
					   struct drain_fault *fault)
{
	unsigned int ring_pages = consumer->ix.ring_bytes >> DRAIN_PAGE_SHIFT;
	struct drain_map *old = consumer->map;
	struct drain_map *new = NULL;

	if (map == !!old)
		return 0;
	if (map)
		new = drain_map_create(consumer->refs, ring_pages, consumer->peer,
				       GNTMAP_readonly, fault);
	if (IS_ERR(new))
		return PTR_ERR(new);
	if (napi)
		napi_disable(napi);
	consumer->map = new;
	if (!new) {
		/* What was looked at and not taken out is looked at again. */
		consumer->direct = false;
		consumer->fetched = consumer->ix.seen;
	}
	if (napi) {
		napi_enable(napi);
		/* What was to schedule it meanwhile could not. */
		local_bh_disable();
		napi_schedule(napi);
		local_bh_enable();
	}
	if (old)
		drain_map_destroy(old);
	return 0;
}

/* The page that [index, ...) is to be fetched into, kept across batches. */
static inline struct page *drain_private_get(struct drain_consumer *consumer, u32 index)
{
	struct drain_page *private = drain_private(consumer, index);

	if (!private->page && unlikely(!drain_reuse_get(consumer->reuse, private)))
		return NULL;
	return private->page;
}

static inline unsigned int drain_ring_page(const struct drain_consumer *consumer, u32 index)
{
	return (index & (consumer->ix.ring_bytes - 1)) >> DRAIN_PAGE_SHIFT;
}

/* Bytes of [index, upto) that lie in one page. */
static inline u32 drain_page_chunk(u32 index, u32 upto)
{
	return min_t(u32, DRAIN_PAGE_BYTES - offset_in_page(index), upto - index);
}

static inline unsigned int drain_fetch_pages(const struct drain_consumer *consumer)
{
	return min_t(unsigned int, drain_tuned(consumer->tuning, DRAIN_TUNE_DRAIN_PAGES),
		     DRAIN_FETCH_PAGES_MAX);
}

/* Fill operations for [seen, upto): one a page. Returns how many. */
static inline unsigned int drain_fetch_fill(struct drain_consumer *consumer, u32 upto)
{
	unsigned int most = drain_fetch_pages(consumer);
	struct gnttab_copy *op = consumer->ops;
	u32 index = consumer->ix.seen;
	unsigned int n;

	for (n = 0; n < most && index != upto; n++, op++) {
		u32 bytes = drain_page_chunk(index, upto);
		struct page *page = drain_private_get(consumer, index);

		if (unlikely(!page))
			break;
		op->source.u.ref = consumer->refs[drain_ring_page(consumer, index)];
		op->source.offset = offset_in_page(index);
		op->dest.u.gmfn = xen_page_to_gfn(page);
		op->dest.offset = offset_in_page(index);
		op->len = bytes;
		/* XSA-318: a status may be left as it was; never as success. */
		op->status = GNTST_general_error;
		index += bytes;
	}
	return n;
}

/* How many bytes the first operations that all succeeded have brought. */
static inline int drain_fetch_check(struct drain_consumer *consumer, unsigned int n, u32 *bytes)
{
	const struct gnttab_copy *op = consumer->ops;
	unsigned int i;

	for (i = 0; i < n; i++, op++) {
		if (unlikely(op->status == GNTST_eagain))
			break;
		if (unlikely(op->status != GNTST_okay))
			return drain_fault(&consumer->fault,
					   "copying from grant reference %u: status %d",
					   op->source.u.ref, op->status);
		*bytes += op->len;
	}
	if (likely(*bytes)) {
		consumer->eagain = 0;
		return 0;
	}
	if (++consumer->eagain > DRAIN_EAGAIN_MAX)
		return drain_fault(&consumer->fault,
				   "grant reference %u stays unavailable, tried %u times",
				   consumer->ops[0].source.u.ref, consumer->eagain);
	return -EAGAIN;
}

/*
 * GNTTABOP_copy is called directly because gnttab_batch_copy() may sleep, and
 * stops the machine if the hypercall fails (drivers/xen/grant-table.c).
 */
static inline int drain_fetch_copy(struct drain_consumer *consumer, u32 upto, u32 *bytes)
{
	unsigned int n = drain_fetch_fill(consumer, upto);
	int err;

	if (unlikely(!n))
		return -ENOMEM;
	err = HYPERVISOR_grant_table_op(GNTTABOP_copy, consumer->ops, n);
	u64_stats_inc(&consumer->stats.hypercalls);
	u64_stats_add(&consumer->stats.copies, n);
	if (unlikely(err))
		return drain_fault(&consumer->fault, "copy hypercall failed: %d", err);
	return drain_fetch_check(consumer, n, bytes);
}

/* Everything before an index is ours by now: the producer may write there. */
static inline void drain_give_back(struct drain_consumer *consumer, u32 upto)
{
	bool wake = drain_consumer_release(&consumer->ix, upto);

	trace_drain_credit(consumer->tag, consumer->ix.limit, wake);
	if (wake)
		consumer->wake = true;
}

/**
 * drain_settle() - give back the room of what was taken out
 * @consumer: whose ring
 *
 * With fetch=copy that was done when it was fetched. @consumer->wake is for the
 * end of the drain, see drain_channel_settle().
 *
 * Context: NAPI.
 */
static inline void drain_settle(struct drain_consumer *consumer)
{
	if (consumer->direct && consumer->parsed != consumer->ix.seen)
		drain_give_back(consumer, consumer->parsed);
}

/* By hypercall, into our own pages; their room is given back before they are parsed. */
static inline int drain_fetch_private(struct drain_consumer *consumer, u32 prod)
{
	u32 window = (consumer->parsed & PAGE_MASK) + consumer->ix.ring_bytes;
	u32 bytes = 0;
	int err;

	/* Our pages hold one ring's worth: a page is free again when parsed. */
	if (prod - consumer->parsed > window - consumer->parsed)
		prod = window;
	err = drain_fetch_copy(consumer, prod, &bytes);
	if (unlikely(err))
		return err;
	trace_drain_fetch(consumer->tag, consumer->ix.seen, bytes, false);
	drain_give_back(consumer, consumer->ix.seen + bytes);
	consumer->fetched = consumer->ix.seen;
	return 0;
}

/**
 * drain_fetch() - make more of what the producer has published ready to parse
 * @consumer: whose ring
 *
 * By copy, up to drain-pages pages in one hypercall; out of a mapping, frames
 * are copied one by one when their turn comes.
 *
 * Context: NAPI.
 * Return: 1 if there is more than before, 0 if there is nothing, -EAGAIN or
 * -ENOMEM if it should be tried again, -EPROTO with @consumer->fault set.
 */
static inline int __must_check drain_fetch(struct drain_consumer *consumer)
{
	u32 prod;
	int err;

	drain_settle(consumer);
	if (consumer->map && consumer->parsed == consumer->ix.seen)
		consumer->direct = true;
	err = drain_consumer_look(&consumer->ix, &prod);
	/* Nor may it go back to where it has been seen already. */
	if (unlikely(err || prod - consumer->parsed < consumer->published - consumer->parsed))
		return drain_fault(&consumer->fault,
				   "producer is %u bytes ahead of consumer, allowed is a multiple of %u up to %u",
				   prod - consumer->fetched, DRAIN_ALIGN_BYTES,
				   consumer->ix.ring_bytes);
	consumer->published = prod;
	if (prod == consumer->fetched)
		return 0;
	if (consumer->direct) {
		trace_drain_fetch(consumer->tag, consumer->fetched, prod - consumer->fetched,
				  true);
		consumer->fetched = prod;
	} else {
		err = drain_fetch_private(consumer, prod);
		if (unlikely(err))
			return err;
	}
	u64_stats_inc(&consumer->stats.fetches);
	return 1;
}

/* Where the byte at an index is, up to the end of its page. */
static inline const void *drain_at(const struct drain_consumer *consumer, u32 index, bool direct)
{
	const void *page = direct ?
		drain_map_page(consumer->map, drain_ring_page(consumer, index)) :
		page_address(drain_private(consumer, index)->page);

	return page + offset_in_page(index);
}

/* Copy [index, index + bytes), all of it fetched: from our pages or the peer's. */
static inline void drain_copy_out(const struct drain_consumer *consumer, u32 index,
				  void *to, u32 bytes, bool direct)
{
	u32 chunk = drain_page_chunk(index, index + bytes);

	drain_memcpy(to, drain_at(consumer, index, direct), chunk);
	/* Short enough not to touch a third page. */
	if (unlikely(chunk != bytes))
		drain_memcpy(to + chunk, drain_at(consumer, index + chunk, direct),
			     bytes - chunk);
	/* The peer may change its pages: what was read is not read again. */
	barrier();
}

/* Copy a long frame into our own pages, at the same offsets as in the ring. */
static inline bool drain_copy_private(struct drain_consumer *consumer, u32 index, u32 bytes)
{
	while (bytes) {
		u32 chunk = drain_page_chunk(index, index + bytes);
		struct page *page = drain_private_get(consumer, index);

		if (unlikely(!page))
			return false;
		drain_memcpy(page_address(page) + offset_in_page(index),
			     drain_at(consumer, index, true), chunk);
		index += chunk;
		bytes -= chunk;
	}
	barrier();
	return true;
}

static inline void drain_add_frags(struct drain_consumer *consumer, struct sk_buff *skb,
				   u32 index, u32 bytes)
{
	unsigned int i;
	u32 chunk;

	skb->len += bytes;
	skb->data_len += bytes;
	for (i = 0; bytes; i++, index += chunk, bytes -= chunk) {
		struct drain_page *private = drain_private(consumer, index);

		chunk = drain_page_chunk(index, index + bytes);
		/* Ours is never the tail of a compound page, which the other helper asks. */
		skb_fill_page_desc_noacc(skb, i, private->page, offset_in_page(index), chunk);
		if (unlikely(page_is_pfmemalloc(private->page)))
			skb->pfmemalloc = true;
		skb->truesize += SKB_DATA_ALIGN(chunk);
		drain_reuse_part(consumer->reuse, private);
	}
}

/*
 * An sk_buff with room for @head bytes, out of pages that come back: of those
 * that napi_alloc_skb() takes every fourth frame needs a fresh one, zeroed on
 * kernels that do so (320 instructions a frame in all, against 90).
 */
static inline struct sk_buff *drain_alloc_skb(struct drain_consumer *consumer,
					      const struct napi_struct *napi, u32 head)
{
	unsigned int pad = NET_SKB_PAD + NET_IP_ALIGN;
	unsigned int size = SKB_DATA_ALIGN(pad + head) +
			    SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct drain_reuse *reuse = consumer->reuse;
	struct sk_buff *skb;
	void *part;

	part = drain_reuse_carve(reuse, &consumer->heads, &consumer->heads_offset, size);
	if (unlikely(!part))
		return NULL;
	skb = napi_build_skb(part, size);
	if (unlikely(!skb)) {
		drain_reuse_uncarve(reuse, &consumer->heads);
		return NULL;
	}
	if (reuse->pool)
		skb_mark_for_recycle(skb);
	skb_reserve(skb, pad);
	skb->dev = napi->dev;
	return skb;
}

/*
 * Of long frames exactly the protocol headers are pulled, unless they are to be
 * sent on: GRO can then merge their fragments. And 64 KB, wherever it begins in
 * a page, fits MAX_SKB_FRAGS (17): 65,553 - 14 bytes span at most 17 pages.
 */
static inline struct sk_buff *drain_build_long(struct drain_consumer *consumer,
					       struct napi_struct *napi,
					       const struct net_device *dev,
					       u32 index, u32 frame_bytes)
{
	u32 head = min_t(u32, frame_bytes, DRAIN_HEAD_BYTES);
	struct sk_buff *skb;

	if (consumer->direct && unlikely(!drain_copy_private(consumer, index, frame_bytes)))
		return NULL;
	skb = drain_alloc_skb(consumer, napi, head);
	if (unlikely(!skb))
		return NULL;
	drain_copy_out(consumer, index, skb->data, head, false);
	head = eth_get_headlen(dev, skb->data, head);
	if (consumer->forwards)
		head = max_t(u32, head, min_t(u32, frame_bytes, DRAIN_FORWARD_HEAD_BYTES));
	skb_put(skb, head);
	drain_add_frags(consumer, skb, index + head, frame_bytes - head);
	return skb;
}

/* Frames of up to copybreak bytes are copied whole. */
static inline struct sk_buff *drain_build_skb(struct drain_consumer *consumer,
					      struct napi_struct *napi,
					      const struct net_device *dev,
					      u32 index, u32 frame_bytes)
{
	struct sk_buff *skb;

	if (frame_bytes > drain_tuned(consumer->tuning, DRAIN_TUNE_COPYBREAK))
		return drain_build_long(consumer, napi, dev, index, frame_bytes);
	skb = drain_alloc_skb(consumer, napi, frame_bytes);
	if (unlikely(!skb))
		return NULL;
	drain_copy_out(consumer, index, __skb_put(skb, frame_bytes), frame_bytes,
		       consumer->direct);
	u64_stats_inc(&consumer->stats.copybreak);
	return skb;
}

static inline int drain_check_gso(struct sk_buff *skb)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	u32 tcp_start = skb_transport_header(skb) - skb_mac_header(skb);
	unsigned int type = skb->protocol == htons(ETH_P_IP) ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;

	if (skb->csum_offset != offsetof(struct tcphdr, check) || !(shinfo->gso_type & type))
		return -EINVAL;
	if (!drain_gso_headers_fit(tcp_start, tcp_hdrlen(skb)))
		return -EINVAL;
	shinfo->gso_segs = drain_gso_segments(skb->len - skb_transport_offset(skb),
					      shinfo->gso_size);
	return 0;
}

/*
 * Drivers of NICs take the sum to be TCP's or UDP's, the headers to be where IP
 * says, and IP to be of the version that it says; some write to the log if not,
 * and NICs that count in bytes would put the sum of far headers into the
 * addresses. So the kernel walks the headers, and refuses fragments; and what
 * was said of the sum, whose bounds have been checked, must be what it finds.
 *
 * The kernel's walk has no bound along IPv6's extension headers, and makes
 * linear what it passes; so first there is one that has, up to the sum's end:
 * what is before that is linear, virtio_net_hdr_to_skb() saw to it.
 */
static inline int drain_check_sum(struct sk_buff *skb)
{
	__be16 protocol = eth_hdr(skb)->h_proto;
	u16 offset = skb->csum_offset;
	int depth = ETH_HLEN;
	int err = -EINVAL;
	int start;

	/* Behind tags that are in the frame, if there are any. */
	if (eth_type_vlan(protocol))
		protocol = __vlan_get_protocol(skb, protocol, &depth);
	skb->protocol = protocol;
	__skb_pull(skb, depth);
	skb_reset_network_header(skb);
	start = skb_checksum_start_offset(skb);
	if (protocol != htons(ETH_P_IPV6) || drain_sum_follows(skb_network_header(skb), start))
		err = skb_checksum_setup(skb, false);
	if (!err && (skb_checksum_start_offset(skb) != start || skb->csum_offset != offset ||
		     skb_network_header_len(skb) < sizeof(struct iphdr) ||
		     ip_hdr(skb)->version != (protocol == htons(ETH_P_IP) ? 4 : 6)))
		err = -EINVAL;
	if (!err && skb_is_gso(skb))
		err = drain_check_gso(skb);
	__skb_push(skb, depth);
	return err;
}

/* What the frame's header says, onto the skb. The stack's helper validates. */
static inline int drain_apply_header(const struct drain_consumer *consumer, struct sk_buff *skb,
				     const struct drain_frame *frame)
{
	if (drain_frame_check_fields(frame))
		return -EINVAL;
	if (consumer->forwards && drain_frame_check_to_host(frame))
		return -EINVAL;
	/* Without it there is nothing to say: GSO needs it. */
	if (frame->offload.flags & DRAIN_OFFLOAD_NEEDS_CSUM &&
	    virtio_net_hdr_to_skb(skb, (const struct virtio_net_hdr *)&frame->offload, true))
		return -EINVAL;
	if (consumer->forwards && skb->ip_summed == CHECKSUM_PARTIAL && drain_check_sum(skb))
		return -EINVAL;
	if (frame->offload.flags & DRAIN_OFFLOAD_DATA_VALID &&
	    skb->ip_summed != CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (frame->flags & DRAIN_FRAME_VLAN) {
		if (!eth_type_vlan(frame->vlan_proto))
			return -EINVAL;
		__vlan_hwaccel_put_tag(skb, frame->vlan_proto, le16_to_cpu(frame->vlan_tci));
	}
	if (frame->hash_type != DRAIN_HASH_NONE)
		skb_set_hash(skb, le32_to_cpu(frame->hash), frame->hash_type == DRAIN_HASH_L4 ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	return 0;
}

/* Hand our pages back that hold nothing but parsed frames. */
static inline void drain_advance(struct drain_consumer *consumer, u32 bytes)
{
	u32 from = consumer->parsed & PAGE_MASK;
	u32 upto = (consumer->parsed + bytes) & PAGE_MASK;

	consumer->parsed += bytes;
	for (; from != upto; from += DRAIN_PAGE_BYTES)
		drain_reuse_put(consumer->reuse, drain_private(consumer, from));
}

/* The header at the parse index, checked; everything up to it is fetched. */
static inline int drain_read_header(struct drain_consumer *consumer, struct drain_frame *frame)
{
	u32 ring_bytes = consumer->ix.ring_bytes;
	u32 frame_bytes;

	/* Never across two pages. */
	memcpy(frame, drain_at(consumer, consumer->parsed, consumer->direct), sizeof(*frame));
	barrier();
	frame_bytes = le32_to_cpu(frame->frame_bytes);
	if (drain_frame_check_length(frame_bytes, U32_MAX, ring_bytes))
		return drain_fault(&consumer->fault, "frame of %u bytes, allowed is %u to %u",
				   frame_bytes, DRAIN_FRAME_MIN_BYTES,
				   drain_frame_max_bytes(ring_bytes));
	return 0;
}

/*
 * The frame at the parse index is fetched whole. What is published is whole
 * frames: a producer that is ahead by less would have us fetch one in pieces of
 * 32 bytes. Return as drain_fetch().
 */
static inline int drain_fetch_frame(struct drain_consumer *consumer, struct drain_frame *frame)
{
	u32 fetched, published, room;
	int got;

	for (;;) {
		fetched = consumer->fetched - consumer->parsed;
		if (fetched) {
			got = drain_read_header(consumer, frame);
			if (got)
				return got;
			room = drain_frame_room(le32_to_cpu(frame->frame_bytes));
			if (room <= fetched)
				return 1;
			published = consumer->published - consumer->parsed;
			if (unlikely(room > published))
				return drain_fault(&consumer->fault,
						   "frame takes %u bytes, the producer has published %u",
						   room, published);
		}
		got = drain_fetch(consumer);
		if (got <= 0)
			return got;
	}
}

/**
 * drain_next() - the next frame of a ring, as an sk_buff
 * @consumer: whose ring; fetches when what was fetched is used up
 * @napi: NAPI that this runs in
 * @dev: device that stands for the frame's origin, for header dissection
 * @skb: set to the frame, which is the caller's from now on, at its Ethernet
 *	header; or to NULL if it was dropped and counted
 *
 * Context: NAPI.
 * Return: 1 if a frame was taken out, 0 if there is none, otherwise as
 * drain_fetch().
 */
static inline int __must_check drain_next(struct drain_consumer *consumer,
					  struct napi_struct *napi,
					  const struct net_device *dev, struct sk_buff **skb)
{
	struct drain_frame frame;
	u32 frame_bytes;
	int got;

	*skb = NULL;
	got = drain_fetch_frame(consumer, &frame);
	if (got <= 0)
		return got;

	frame_bytes = le32_to_cpu(frame.frame_bytes);
	consumer->frame_bytes = frame_bytes;
	trace_drain_take(consumer->tag, consumer->parsed, frame_bytes);
	u64_stats_inc(&consumer->stats.frames);
	u64_stats_add(&consumer->stats.bytes, frame_bytes);
	*skb = drain_build_skb(consumer, napi, dev, consumer->parsed + sizeof(frame), frame_bytes);
	drain_advance(consumer, drain_frame_room(frame_bytes));
	if (consumer->direct &&
	    consumer->parsed - consumer->ix.seen >= consumer->ix.ring_bytes / 8)
		drain_settle(consumer);
	if (unlikely(!*skb)) {
		u64_stats_inc(&consumer->stats.drop_no_memory);
		return 1;
	}
	if (unlikely(drain_apply_header(consumer, *skb, &frame))) {
		u64_stats_inc(&consumer->stats.drop_malformed);
		dev_kfree_skb_any(*skb);
		*skb = NULL;
	}
	return 1;
}

/**
 * drain_nothing_left() - has all been taken out, as far as is known?
 * @consumer: whose ring; drain_next() may find more
 */
static inline bool drain_nothing_left(const struct drain_consumer *consumer)
{
	return consumer->parsed == consumer->fetched;
}

/**
 * drain_consumer_publish_counts() - tell the peer's tools what was counted
 * @consumer: whose counters
 * @drops: all frames that this side dropped after taking them out
 */
static inline void drain_consumer_publish_counts(const struct drain_consumer *consumer, u64 drops)
{
	struct drain_consumer_counts *shared = &consumer->ix.shared->consumer_counts;
	const struct drain_consumer_stats *stats = &consumer->stats;

	drain_store(&shared->upcalls, cpu_to_le64(u64_stats_read(&stats->upcalls)));
	drain_store(&shared->drains, cpu_to_le64(u64_stats_read(&stats->drains)));
	drain_store(&shared->hypercalls, cpu_to_le64(u64_stats_read(&stats->hypercalls)));
	drain_store(&shared->copies, cpu_to_le64(u64_stats_read(&stats->copies)));
	drain_store(&shared->frames, cpu_to_le64(u64_stats_read(&stats->frames)));
	drain_store(&shared->bytes, cpu_to_le64(u64_stats_read(&stats->bytes)));
	drain_store(&shared->drops, cpu_to_le64(drops));
	drain_store(&shared->masked_upcalls, cpu_to_le64(u64_stats_read(&stats->masked_upcalls)));
}

#endif /* DRAIN_LINUX_CONSUME_H */
