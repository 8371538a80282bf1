/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The wire: everything that two peers see of each other in memory. PROTOCOL.md
 * is the text that goes with it. All numbers are little-endian.
 */
#ifndef DRAIN_WIRE_H
#define DRAIN_WIRE_H

#include "os.h"

/* The version that this header describes; agreed on in xenstore. */
#define DRAIN_PROTOCOL			1

/* The unit of grants, and so of the ring, whatever the page size of the OS. */
#define DRAIN_PAGE_SHIFT		12
#define DRAIN_PAGE_BYTES		(1u << DRAIN_PAGE_SHIFT)

/* Pages of one ring's data area: a power of two within these. */
#define DRAIN_RING_PAGES_MIN		8
#define DRAIN_RING_PAGES_MAX		256
#define DRAIN_RING_PAGES_DEFAULT	128

#define DRAIN_QUEUES_MAX		16

/*
 * Multicast groups in the key rx-filter, and the longest value: an address and
 * a blank each. Xenstore's own limit for a value is 2 KB by default.
 */
#define DRAIN_FILTER_GROUPS_MAX		64
#define DRAIN_FILTER_TEXT_BYTES		(DRAIN_FILTER_GROUPS_MAX * 18)

/*
 * Frames start at multiples of this and are padded to it. It is the size of
 * struct drain_frame, so a header never straddles two pages; a frame may.
 */
#define DRAIN_ALIGN_BYTES		32u

/* An Ethernet header at least; 64 KB of IP with one VLAN tag in line at most. */
#define DRAIN_FRAME_MIN_BYTES		14u
#define DRAIN_FRAME_MAX_BYTES		(65535u + 18u)

/* A producer may be told to hold its flag back for this long at most. */
#define DRAIN_GAP_MAX_USECS		10000u

/**
 * struct drain_offload - checksum and segmentation of one frame
 * @flags: VIRTIO_NET_HDR_F_*
 * @gso_type: VIRTIO_NET_HDR_GSO_*
 * @hdr_len: a hint, not trusted
 * @gso_size: payload bytes of one segment
 * @csum_start: where checksumming starts, from the frame's first byte
 * @csum_offset: where the sum goes, from @csum_start
 *
 * Byte for byte struct virtio_net_hdr (virtio 1.2, section 5.1.6), so that
 * the helpers that kernels have for that one serve here too.
 */
struct drain_offload {
	__u8 flags;
	__u8 gso_type;
	__le16 hdr_len;
	__le16 gso_size;
	__le16 csum_start;
	__le16 csum_offset;
};

static_assert(sizeof(struct drain_offload) == 10, "virtio_net_hdr has 10 bytes");

#define DRAIN_FRAME_VLAN		0x01	/* vlan_tci and vlan_proto hold a tag */
#define DRAIN_FRAME_FLAGS		DRAIN_FRAME_VLAN

#define DRAIN_HASH_NONE			0
#define DRAIN_HASH_L3			1	/* over addresses */
#define DRAIN_HASH_L4			2	/* over addresses and ports */

/**
 * struct drain_frame - what stands before each frame in a ring
 * @frame_bytes: the Ethernet frame, from destination address to last payload
 *	byte: no frame check sequence, no padding
 * @hash: flow hash that the producer had at hand
 * @vlan_tci: 802.1Q tag control information of a tag that is not in the frame
 * @vlan_proto: its EtherType, network byte order: 0x8100 or 0x88a8
 * @flags: DRAIN_FRAME_*
 * @hash_type: DRAIN_HASH_*
 * @offload: checksum and segmentation
 * @reserved: written as 0, not read
 *
 * 32 bytes and not 16: the flow hash lets the consumer steer and merge without
 * dissecting the frame again (hundreds of instructions), and costs 16 bytes of
 * a copy that moves a whole page for 2,900 instructions: some 11 a frame.
 */
struct drain_frame {
	__le32 frame_bytes;
	__le32 hash;
	__le16 vlan_tci;
	__be16 vlan_proto;
	__u8 flags;
	__u8 hash_type;
	struct drain_offload offload;
	__u8 reserved[8];
};

static_assert(sizeof(struct drain_frame) == DRAIN_ALIGN_BYTES, "one frame header");
static_assert(offsetof(struct drain_frame, offload) == 14, "no hole before offload");
static_assert(offsetof(struct drain_frame, reserved) == 24, "no hole after offload");

/**
 * struct drain_producer_line - written by a ring's producer alone
 * @prod: bytes ever produced; published after the bytes themselves
 * @wake_at: raise my flag when @limit passes this
 * @reserved: written as 0, not read
 */
struct drain_producer_line {
	__le32 prod;
	__le32 wake_at;
	__u8 reserved[56];
};

/**
 * struct drain_consumer_line - written by a ring's consumer alone
 * @limit: the producer may write up to here, not beyond
 * @event_at: raise my flag when @prod passes this
 * @gap_usecs: never sooner than this after the last time you did
 * @reserved: written as 0, not read
 */
struct drain_consumer_line {
	__le32 limit;
	__le32 event_at;
	__le32 gap_usecs;
	__u8 reserved[52];
};

/*
 * What each side has counted, for tools on the other side to show. Advice:
 * nothing is decided by it. In both, drops are frames that the side dropped.
 */
struct drain_producer_counts {
	__le64 frames;
	__le64 bytes;
	__le64 batches;		/* publications */
	__le64 flags;		/* events sent */
	__le64 drops;
	__le64 reserved[3];
};

struct drain_consumer_counts {
	__le64 upcalls;		/* event-channel interrupts */
	__le64 drains;		/* polls that fetched something */
	__le64 hypercalls;	/* GNTTABOP_copy calls */
	__le64 copies;		/* copy operations in them */
	__le64 frames;		/* taken out */
	__le64 bytes;
	__le64 drops;		/* of these frames, those that were dropped then */
	__le64 masked_upcalls;	/* upcalls while the channel was masked: 0 */
};

/* One direction. Each line has one writer and a cache line of its own. */
struct drain_ring {
	struct drain_producer_line producer __aligned(64);
	struct drain_producer_counts producer_counts __aligned(64);
	struct drain_consumer_line consumer __aligned(64);
	struct drain_consumer_counts consumer_counts __aligned(64);
};

static_assert(sizeof(struct drain_producer_line) == 64, "one cache line");
static_assert(sizeof(struct drain_consumer_line) == 64, "one cache line");
static_assert(sizeof(struct drain_ring) == 256, "four cache lines");

/**
 * struct drain_control - a queue's control block, one page of the guest's
 * @to_guest: backend produces, frontend consumes
 * @to_host: frontend produces, backend consumes
 * @to_guest_refs: grant references of the to_guest data pages, in order;
 *	written by the backend before it says Connected, read once
 * @to_host_refs: of the to_host data pages; written by the frontend before it
 *	says Initialised, read once
 *
 * Granted read-write to the backend.
 */
struct drain_control {
	struct drain_ring to_guest;
	struct drain_ring to_host;
	__le32 to_guest_refs[DRAIN_RING_PAGES_MAX];
	__le32 to_host_refs[DRAIN_RING_PAGES_MAX];
};

static_assert(sizeof(struct drain_control) <= DRAIN_PAGE_BYTES, "one page");

#endif /* DRAIN_WIRE_H */
