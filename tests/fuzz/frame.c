// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever the bytes of a ring are, the walk over its frames stays inside what
 * was fetched, ends, and hands on only what the text allows. The steps are
 * those of drain_fetch_frame() and drain_next() in ring/linux/consume.h.
 */
#include "fuzz.h"

#include "../../ring/directory.h"
#include "../../ring/frame.h"

struct walk {
	const u8 *fetched;	/* a block of exactly this size */
	u32 bytes;
	u32 ring_bytes;
};

/* A byte that must be there: the compiler may not leave this out. */
static void touch(const u8 *byte)
{
	(void)*(const volatile u8 *)byte;
}

/* Independent of the header: from the text of PROTOCOL.md, in 64 bits. */
static void claim_possible(const struct drain_frame *frame, const u8 *payload)
{
	const struct drain_offload *offload = &frame->offload;
	uint64_t start = le16_to_cpu(offload->csum_start);
	uint64_t end = start + le16_to_cpu(offload->csum_offset) + 2;
	u8 type = offload->gso_type & 0x7f;

	claim(frame->flags <= 1 && frame->hash_type <= 2 && offload->flags <= 3);
	claim(!offload->gso_type || type == 1 || type == 4);
	claim(!offload->gso_type || (offload->flags & 1 && offload->gso_size));
	if (!(offload->flags & 1))
		return;
	claim(start >= 14 && end <= le32_to_cpu(frame->frame_bytes));
	/* As the stack does when it fills the sum in. */
	touch(payload + end - 2);
	touch(payload + end - 1);
}

/* As drain_fetch_frame(): the length alone, then against what is there. */
static bool frame_is_whole(const struct walk *walk, u32 frame_bytes, u32 available)
{
	if (drain_frame_check_length(frame_bytes, UINT32_MAX, walk->ring_bytes))
		return false;
	claim(frame_bytes >= 14 && frame_bytes <= 65553);
	claim(32 + (uint64_t)frame_bytes <= walk->ring_bytes / 2);
	if (drain_frame_check_length(frame_bytes, available, walk->ring_bytes)) {
		claim(drain_frame_room(frame_bytes) > available);
#ifndef MUTATE
		return false;
#endif
	}
	return true;
}

static u32 walk_frame(const struct walk *walk, u32 parsed)
{
	const u8 *payload = walk->fetched + parsed + sizeof(struct drain_frame);
	struct drain_frame frame;
	u32 frame_bytes;

	memcpy(&frame, walk->fetched + parsed, sizeof(frame));
	frame_bytes = le32_to_cpu(frame.frame_bytes);
	if (!frame_is_whole(walk, frame_bytes, walk->bytes - parsed))
		return 0;
	touch(payload);
	touch(payload + frame_bytes - 1);
	if (!drain_frame_check_fields(&frame))
		claim_possible(&frame, payload);
	return drain_frame_room(frame_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	struct walk walk = { .ring_bytes = (DRAIN_RING_PAGES_MIN * DRAIN_PAGE_BYTES) };
	u32 parsed = 0, room;
	u8 *fetched;

	walk.ring_bytes <<= input_u8(&input) % 6;
	walk.bytes = input.left & ~(DRAIN_ALIGN_BYTES - 1);
	if (walk.bytes > walk.ring_bytes)
		walk.bytes = walk.ring_bytes;
	fetched = malloc(walk.bytes);
	claim(fetched || !walk.bytes);
	memcpy(fetched, input.data, walk.bytes);
	walk.fetched = fetched;
	while (parsed < walk.bytes) {
		room = walk_frame(&walk, parsed);
		if (!room)
			break;
		claim(room % 32 == 0 && room <= walk.bytes - parsed);
		parsed += room;
	}
	free(fetched);
	return 0;
}
