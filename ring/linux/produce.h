/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Producing from Linux: an sk_buff goes into the ring. Shared by both modules;
 * the caller serialises all calls on one producer.
 */
#ifndef DRAIN_LINUX_PRODUCE_H
#define DRAIN_LINUX_PRODUCE_H

#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/virtio_net.h>
#include <linux/vmalloc.h>

#include "../frame.h"
#include "../index.h"
#include "copy.h"
#include "fault.h"
#include "trace.h"

/* u64_stats_t needs no sequence counter there, and Xen's 32-bit dom0 is gone. */
static_assert(BITS_PER_LONG == 64, "xendrain is for 64-bit kernels");
static_assert(PAGE_SIZE == DRAIN_PAGE_BYTES, "xendrain is for 4 KB pages");
static_assert(sizeof(struct drain_offload) == sizeof(struct virtio_net_hdr));
static_assert(offsetof(struct drain_offload, csum_start) ==
	      offsetof(struct virtio_net_hdr, csum_start));

/**
 * struct drain_producer_stats - what a producer counts
 * @frames: put into the ring
 * @bytes: of those frames
 * @batches: publications
 * @flags: events sent
 * @drop_ring_full: dropped, the consumer had left no room
 * @drop_too_long: dropped, longer than half the ring or 64 KB
 * @drop_offload: dropped, an offload that the wire cannot say and software
 *	could not undo
 */
struct drain_producer_stats {
	u64_stats_t frames;
	u64_stats_t bytes;
	u64_stats_t batches;
	u64_stats_t flags;
	u64_stats_t drop_ring_full;
	u64_stats_t drop_too_long;
	u64_stats_t drop_offload;
};

/**
 * struct drain_producer - one ring that this side produces into
 * @ix: indices
 * @data: the data area, mapped twice in a row, so that no frame wraps
 * @max_frame_bytes: longest frame
 * @tag: for tracepoints
 * @stats: counters; one writer at a time, as for everything here
 */
struct drain_producer {
	struct drain_producer_index ix;
	u8 *data;
	u32 max_frame_bytes;
	const struct drain_tag *tag;
	struct drain_producer_stats stats;
};

/**
 * drain_producer_create() - set a producer up on pages that are already granted
 * @producer: to set up; counters and @producer->tag are kept
 * @shared: the ring's control lines, reset by the guest
 * @pages: data pages, owned by the caller, who keeps them until after
 *	drain_producer_destroy()
 * @ring_pages: how many, a power of two
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
static inline int __must_check drain_producer_create(struct drain_producer *producer,
						     struct drain_ring *shared,
						     struct page **pages,
						     unsigned int ring_pages)
{
	u32 ring_bytes = ring_pages * DRAIN_PAGE_BYTES;
	struct page **twice;

	twice = kvmalloc_array(2 * ring_pages, sizeof(*twice), GFP_KERNEL);
	if (!twice)
		return -ENOMEM;
	memcpy(twice, pages, ring_pages * sizeof(*twice));
	memcpy(twice + ring_pages, pages, ring_pages * sizeof(*twice));
	producer->data = vmap(twice, 2 * ring_pages, VM_MAP, PAGE_KERNEL);
	kvfree(twice);
	if (!producer->data)
		return -ENOMEM;

	drain_producer_init(&producer->ix, shared, ring_bytes);
	producer->max_frame_bytes = drain_frame_max_bytes(ring_bytes);
	return 0;
}

/**
 * drain_producer_destroy() - undo drain_producer_create()
 * @producer: nobody produces any more
 *
 * Context: may sleep.
 */
static inline void drain_producer_destroy(struct drain_producer *producer)
{
	vunmap(producer->data);
	producer->data = NULL;
}

/**
 * drain_can_express() - does the wire have words for this frame's offloads?
 * @skb: the frame
 *
 * Return: false if the frame must be segmented in software first: tunnels,
 * UDP segmentation and frame lists.
 */
static inline bool drain_can_express(const struct sk_buff *skb)
{
	const unsigned int known = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN |
				   SKB_GSO_TCP_FIXEDID | SKB_GSO_DODGY;

	if (!skb_is_gso(skb))
		return true;
	return !(skb_shinfo(skb)->gso_type & ~known) && skb->ip_summed == CHECKSUM_PARTIAL;
}

static inline void drain_put_header(struct drain_frame *header, const struct sk_buff *skb,
				    u32 frame_bytes, unsigned int pulled)
{
	struct drain_frame frame = {
		.frame_bytes = cpu_to_le32(frame_bytes),
		.hash = cpu_to_le32(skb->hash),
	};

	if (skb->hash)
		frame.hash_type = skb->l4_hash ? DRAIN_HASH_L4 : DRAIN_HASH_L3;
	if (skb_vlan_tag_present(skb)) {
		frame.flags = DRAIN_FRAME_VLAN;
		frame.vlan_tci = cpu_to_le16(skb_vlan_tag_get(skb));
		frame.vlan_proto = skb->vlan_proto;
	}
	/* Cannot fail: drain_can_express() has been asked. */
	virtio_net_hdr_from_skb(skb, (struct virtio_net_hdr *)&frame.offload, true, true, pulled);
	*header = frame;
}

/**
 * drain_produce() - copy a frame into the ring, without publishing it
 * @producer: where to
 * @skb: the frame; not changed, stays the caller's
 * @pulled: bytes of the Ethernet header that lie before skb->data
 *
 * Context: any that the caller serialises; does not sleep.
 * Return: 0, or -ENOSPC (no room), -EMSGSIZE (longer than max_frame_bytes),
 * -EOPNOTSUPP (shorter than an Ethernet header, or in memory of a device),
 * -EPROTO (the consumer's limit is impossible: the connection is dead).
 */
static inline int __must_check drain_produce(struct drain_producer *producer,
					     const struct sk_buff *skb, unsigned int pulled)
{
	u32 frame_bytes = skb->len + pulled;
	u32 room = drain_frame_room(frame_bytes);
	u8 *to;
	int err;

	if (unlikely(frame_bytes > producer->max_frame_bytes))
		return -EMSGSIZE;
	if (unlikely(frame_bytes < DRAIN_FRAME_MIN_BYTES || !skb_frags_readable(skb)))
		return -EOPNOTSUPP;
	if (drain_producer_room(&producer->ix) < room) {
		err = drain_producer_refresh(&producer->ix);
		if (unlikely(err))
			return err;
		if (drain_producer_room(&producer->ix) < room)
			return -ENOSPC;
	}

	to = producer->data + (producer->ix.prod & (producer->ix.ring_bytes - 1));
	drain_put_header((struct drain_frame *)to, skb, frame_bytes, pulled);
	drain_copy_skb(to + sizeof(struct drain_frame), skb, pulled);

	trace_drain_put(producer->tag, producer->ix.prod, frame_bytes);
	producer->ix.prod += room;
	u64_stats_inc(&producer->stats.frames);
	u64_stats_add(&producer->stats.bytes, frame_bytes);
	return 0;
}

/**
 * drain_publish() - let the consumer see all that was put, and count that
 * @producer: whose frames
 *
 * Return: true if there was anything to publish.
 */
static inline bool drain_publish(struct drain_producer *producer)
{
	u32 bytes = producer->ix.prod - producer->ix.published;

	if (!drain_producer_publish(&producer->ix))
		return false;
	u64_stats_inc(&producer->stats.batches);
	trace_drain_publish(producer->tag, producer->ix.prod, bytes);
	return true;
}

/**
 * drain_must_flag() - drain_producer_must_flag(), with a tracepoint
 * @producer: that has published
 *
 * Return: true if the consumer wants to be told.
 */
static inline bool drain_must_flag(struct drain_producer *producer)
{
	bool judged = producer->ix.judged == producer->ix.published;
	bool due = drain_producer_must_flag(&producer->ix);

	if (!judged && !due)
		trace_drain_flag(producer->tag, producer->ix.published, DRAIN_FLAG_SUPPRESSED);
	return due;
}

/**
 * drain_producer_fault() - write down that the consumer's limit is impossible
 * @ix: whose refresh has failed
 * @fault: where to
 */
static inline void drain_producer_fault(const struct drain_producer_index *ix,
					struct drain_fault *fault)
{
	drain_fault(fault, "consumer's limit is %u bytes ahead, ring holds %u",
		    ix->refused - ix->prod, ix->ring_bytes);
}

/**
 * drain_producer_publish_counts() - tell the peer's tools what was counted
 * @producer: whose counters
 */
static inline void drain_producer_publish_counts(const struct drain_producer *producer)
{
	struct drain_producer_counts *shared = &producer->ix.shared->producer_counts;
	const struct drain_producer_stats *stats = &producer->stats;

	drain_store(&shared->frames, cpu_to_le64(u64_stats_read(&stats->frames)));
	drain_store(&shared->bytes, cpu_to_le64(u64_stats_read(&stats->bytes)));
	drain_store(&shared->batches, cpu_to_le64(u64_stats_read(&stats->batches)));
	drain_store(&shared->flags, cpu_to_le64(u64_stats_read(&stats->flags)));
	drain_store(&shared->drops, cpu_to_le64(u64_stats_read(&stats->drop_ring_full) +
						u64_stats_read(&stats->drop_too_long) +
						u64_stats_read(&stats->drop_offload)));
}

#endif /* DRAIN_LINUX_PRODUCE_H */
