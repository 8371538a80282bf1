/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Frames: how they lie in a ring, and the check of a header that was copied
 * out of one. Works on private memory only; the caller has fetched it.
 */
#ifndef DRAIN_FRAME_H
#define DRAIN_FRAME_H

#include "wire.h"

/* Values of struct virtio_net_hdr, which not every system has a header for. */
#define DRAIN_OFFLOAD_NEEDS_CSUM	1
#define DRAIN_OFFLOAD_DATA_VALID	2
#define DRAIN_OFFLOAD_GSO_NONE		0
#define DRAIN_OFFLOAD_GSO_TCPV4		1
#define DRAIN_OFFLOAD_GSO_TCPV6		4
#define DRAIN_OFFLOAD_GSO_ECN		0x80

/*
 * Payload of one segment of what a guest sends, at least. What has to segment
 * in software pays for each; 64 KB are 256 segments at most.
 */
#define DRAIN_TO_HOST_GSO_SIZE_MIN	256u

/*
 * Where a sum that is to be made ends, and the headers that each segment
 * repeats, at most. NICs count both in a byte, with the tags, up to four, that
 * the stack puts before them if the NIC does not.
 */
#define DRAIN_TO_HOST_SUM_END_MAX	240u
#define DRAIN_TO_HOST_GSO_HEADERS_MAX	239u

/**
 * drain_frame_room() - bytes that a frame takes in a ring
 * @frame_bytes: length of the frame, DRAIN_FRAME_MAX_BYTES at most
 *
 * Return: header, frame and padding.
 */
static inline u32 drain_frame_room(u32 frame_bytes)
{
	u32 padded = (frame_bytes + DRAIN_ALIGN_BYTES - 1) & ~(DRAIN_ALIGN_BYTES - 1);

	return (u32)sizeof(struct drain_frame) + padded;
}

/**
 * drain_frame_max_bytes() - longest frame that a ring of this size takes
 * @ring_bytes: size of the data area
 *
 * Half the ring, so that one can be written while one is read.
 */
static inline u32 drain_frame_max_bytes(u32 ring_bytes)
{
	u32 half = ring_bytes / 2 - (u32)sizeof(struct drain_frame);

	return half < DRAIN_FRAME_MAX_BYTES ? half : DRAIN_FRAME_MAX_BYTES;
}

/**
 * drain_frame_check_length() - may a frame of this length start here?
 * @frame_bytes: the header's length
 * @available: bytes from the header on to the producer's index
 * @ring_bytes: size of the data area
 *
 * A wrong length leaves no way to find the next frame, so it is the end of
 * the connection, not of the frame.
 *
 * Return: 0 or -EPROTO.
 */
static inline int __must_check drain_frame_check_length(u32 frame_bytes, u32 available,
							u32 ring_bytes)
{
	if (frame_bytes < DRAIN_FRAME_MIN_BYTES)
		return -EPROTO;
	if (frame_bytes > drain_frame_max_bytes(ring_bytes))
		return -EPROTO;
	if (drain_frame_room(frame_bytes) > available)
		return -EPROTO;
	return 0;
}

static inline bool drain_offload_gso_known(u8 gso_type)
{
	switch (gso_type) {
	case DRAIN_OFFLOAD_GSO_NONE:
	case DRAIN_OFFLOAD_GSO_TCPV4:
	case DRAIN_OFFLOAD_GSO_TCPV4 | DRAIN_OFFLOAD_GSO_ECN:
	case DRAIN_OFFLOAD_GSO_TCPV6:
	case DRAIN_OFFLOAD_GSO_TCPV6 | DRAIN_OFFLOAD_GSO_ECN:
		return true;
	default:
		return false;
	}
}

/**
 * drain_frame_check_fields() - is what a header says of its frame possible?
 * @frame: header, in private memory, whose length has been checked
 *
 * Checks what can be checked without the frame; the protocol headers are for
 * the network stack's own helpers to check against these.
 *
 * Return: 0, or -EINVAL: this frame is to be dropped and counted.
 */
static inline int __must_check drain_frame_check_fields(const struct drain_frame *frame)
{
	const struct drain_offload *offload = &frame->offload;
	u32 sum_end = le16_to_cpu(offload->csum_start);

	if (frame->flags & ~DRAIN_FRAME_FLAGS || frame->hash_type > DRAIN_HASH_L4)
		return -EINVAL;
	if (offload->flags & ~(DRAIN_OFFLOAD_NEEDS_CSUM | DRAIN_OFFLOAD_DATA_VALID))
		return -EINVAL;
	if (!drain_offload_gso_known(offload->gso_type))
		return -EINVAL;
	if (!(offload->flags & DRAIN_OFFLOAD_NEEDS_CSUM))
		return offload->gso_type == DRAIN_OFFLOAD_GSO_NONE ? 0 : -EINVAL;
	if (offload->gso_type != DRAIN_OFFLOAD_GSO_NONE && !offload->gso_size)
		return -EINVAL;
	sum_end += le16_to_cpu(offload->csum_offset) + 2u;
	if (le16_to_cpu(offload->csum_start) < DRAIN_FRAME_MIN_BYTES ||
	    sum_end > le32_to_cpu(frame->frame_bytes))
		return -EINVAL;
	return 0;
}

/**
 * drain_frame_check_to_host() - may a frame be sent on as it says?
 * @frame: header out of to_host, whose fields have been checked
 *
 * Its segments are long enough, and its sum is near its beginning. Frames in
 * to_guest may have any: merged on their way, they say how the segments were
 * that came.
 *
 * Return: 0, or -EINVAL: this frame is to be dropped and counted.
 */
static inline int __must_check drain_frame_check_to_host(const struct drain_frame *frame)
{
	const struct drain_offload *offload = &frame->offload;
	u32 sum_end = le16_to_cpu(offload->csum_start) + le16_to_cpu(offload->csum_offset) + 2u;

	if (offload->flags & DRAIN_OFFLOAD_NEEDS_CSUM && sum_end > DRAIN_TO_HOST_SUM_END_MAX)
		return -EINVAL;
	if (offload->gso_type == DRAIN_OFFLOAD_GSO_NONE)
		return 0;
	return le16_to_cpu(offload->gso_size) < DRAIN_TO_HOST_GSO_SIZE_MIN ? -EINVAL : 0;
}

#endif /* DRAIN_FRAME_H */
