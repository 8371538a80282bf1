// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever a guest sends on, the walk along IPv6's headers reads nothing that
 * the caller has not made sure of, and finds the sum exactly where they lead;
 * what is cut into segments has short headers and 256 segments at most. The
 * steps are those of drain_apply_header() in ring/linux/consume.h.
 *
 * An input is a struct drain_frame and the frame, of which zeroes may be left
 * out at the end.
 */
#include "fuzz.h"

#include "../../ring/headers.h"

struct sent {
	struct drain_frame header;
	uint64_t frame_bytes, start, gso_size;
	const u8 *frame;	/* a block that ends where the sum may, see below */
};

#ifdef MUTATE
/* As if nobody had made sure that the sum is there. */
#define SUM_BYTES	0
#else
#define SUM_BYTES	2
#endif

/* RFC 8200, section 4, and RFC 4302: as a recursion, and by the standards' words. */
static bool leads_to(const u8 *ip, uint64_t at, u8 type, uint64_t sum)
{
	uint64_t octets;

	if (!strchr("\x2b\x2c\x33\x3b\x3c", type))	/* the terminating 0 is one, too */
		return at == sum;
	if (at >= sum)
		return false;
	if (type == 44)
		octets = 8;
	else if (type == 51)
		octets = 4 * (uint64_t)ip[at + 1] + 8;
	else
		octets = 8 * (uint64_t)ip[at + 1] + 8;
	return leads_to(ip, at + octets, ip[at], sum);
}

/* PROTOCOL.md: in IPv4 or IPv6, behind tags or not. */
static uint64_t skip_tags(const struct sent *sent, uint64_t *type)
{
	uint64_t at = 12;

	for (;;) {
		*type = sent->frame[at] << 8 | sent->frame[at + 1];
		if ((*type != 0x8100 && *type != 0x88a8) || at + 6 > sent->start)
			return at + 2;
		at += 4;
	}
}

static void claim_walk(const struct sent *sent)
{
	uint64_t type, ip = skip_tags(sent, &type);
	bool good;

	if (type != 0x86dd)
		return;
	good = drain_sum_follows(sent->frame + ip, (int)sent->start - (int)ip);
	if (sent->start < ip + 40)
		claim(!good);
	else
		claim(good == leads_to(sent->frame + ip, 40, sent->frame[ip + 6],
				       sent->start - ip));
}

/* PROTOCOL.md: all headers are at most 239 bytes, and 256 segments at most. */
static void claim_segments(const struct sent *sent, u8 tcp_words)
{
	uint64_t headers = sent->start + 4 * tcp_words;
	uint64_t tcp_bytes = sent->frame_bytes - sent->start, segments;

	claim(drain_gso_headers_fit(sent->start, 4 * tcp_words) == (headers <= 239));
	/* virtio_net_hdr_to_skb() has a whole header in one piece. */
	if (tcp_bytes < 20)
		return;
	segments = drain_gso_segments(tcp_bytes, sent->gso_size);
	claim(segments <= 256);
	claim(segments * sent->gso_size >= tcp_bytes - 20);
	claim(!segments || (segments - 1) * sent->gso_size < tcp_bytes - 20);
	/* Four tags before them, and a byte counts them still. */
	claim(headers > 239 || headers + 4 * 4 <= 255);
}

static bool take_header(struct input *input, struct sent *sent)
{
	const struct drain_offload *offload = &sent->header.offload;

	if (input->left < sizeof(sent->header))
		return false;
	memcpy(&sent->header, input->data, sizeof(sent->header));
	input->data += sizeof(sent->header);
	input->left -= sizeof(sent->header);
	sent->frame_bytes = le32_to_cpu(sent->header.frame_bytes);
	sent->start = le16_to_cpu(offload->csum_start);
	sent->gso_size = le16_to_cpu(offload->gso_size);
	return !drain_frame_check_length(sent->frame_bytes, UINT32_MAX,
					 DRAIN_RING_PAGES_MAX * DRAIN_PAGE_BYTES) &&
	       !drain_frame_check_fields(&sent->header) &&
	       !drain_frame_check_to_host(&sent->header) &&
	       offload->flags & DRAIN_OFFLOAD_NEEDS_CSUM;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	struct sent sent;
	u8 *frame;
	size_t i;

	if (!take_header(&input, &sent))
		return 0;
	claim(sent.start >= 14 && sent.start + 2 <= 240);
	/* A block of its own: nothing behind the two bytes of the sum may be read. */
	frame = malloc(sent.start + SUM_BYTES);
	claim(frame);
	for (i = 0; i < sent.start + SUM_BYTES; i++)
		frame[i] = input_u8(&input);
	sent.frame = frame;
	claim_walk(&sent);
	if (sent.header.offload.gso_type)
		claim_segments(&sent, input_u8(&input) >> 4);
	free(frame);
	return 0;
}
