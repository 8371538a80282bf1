/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a peer can do wrong in shared memory. A queue has a ring in which it
 * produces and one in which it consumes, whichever side it is on, so the
 * hostile frontend and the hostile backend share all of this.
 */
#ifndef LAB_ATTACKS_H
#define LAB_ATTACKS_H

#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <xen/events.h>

#include "frame.h"

#define PAGES		8u
#define RING_BYTES	(PAGES * DRAIN_PAGE_BYTES)

/* For so long does an attack go on that is not over at once. */
#define LASTS		(HZ + HZ / 2)

/**
 * struct prey - a connected queue, as its attacker sees it
 * @out: the ring that we produce into
 * @in: the ring that we consume
 * @data: data area of @out
 * @port: the event channel, ours
 * @mac: the guest's address
 * @stop: it is over
 */
struct prey {
	struct drain_ring *out;
	struct drain_ring *in;
	u8 *data;
	evtchn_port_t port;
	u8 mac[ETH_ALEN];
	bool stop;
};

static inline bool lasts(const struct prey *prey, unsigned long since)
{
	cond_resched();
	return time_before(jiffies, since + LASTS) && !READ_ONCE(prey->stop);
}

static inline void publish(struct prey *prey, u32 prod)
{
	wmb(); /* frames first */
	WRITE_ONCE(prey->out->producer.prod, cpu_to_le32(prod));
	mb(); /* then the event */
	notify_remote_via_evtchn(prey->port);
}

/* A broadcast in the guest's name: whoever gets it, both directions let it pass. */
static inline struct drain_frame *put_frame(struct prey *prey, u32 index, u32 frame_bytes)
{
	struct drain_frame *frame = (void *)(prey->data + index);
	struct ethhdr *eth = (void *)(frame + 1);

	memset(frame, 0, sizeof(*frame));
	frame->frame_bytes = cpu_to_le32(frame_bytes);
	eth_broadcast_addr(eth->h_dest);
	memcpy(eth->h_source, prey->mac, ETH_ALEN);
	eth->h_proto = htons(0x88b5);
	return frame;
}

/* The frame at 0, and a faultless one behind it. */
static inline void publish_frame(struct prey *prey)
{
	struct drain_frame *frame = (void *)prey->data;
	u32 room = drain_frame_room(le32_to_cpu(frame->frame_bytes));

	put_frame(prey, room, 60);
	publish(prey, room + drain_frame_room(60));
}

static inline struct iphdr *ip_of(struct drain_frame *frame)
{
	return (void *)((struct ethhdr *)(frame + 1) + 1);
}

/* Faultless TCP over IPv4, to be segmented, or whole if the size is 0. */
static inline struct drain_frame *put_tcp(struct prey *prey, u16 gso_size)
{
	struct drain_frame *frame = put_frame(prey, 0, 1054);
	struct ethhdr *eth = (void *)(frame + 1);
	struct iphdr *ip = ip_of(frame);
	struct tcphdr *tcp = (void *)(ip + 1);

	eth->h_proto = htons(ETH_P_IP);
	memset(ip, 0, sizeof(*ip) + sizeof(*tcp));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(1040);
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->daddr = htonl(INADDR_BROADCAST);
	ip->check = ip_fast_csum(ip, ip->ihl);
	tcp->doff = 5;
	frame->offload.flags = DRAIN_OFFLOAD_NEEDS_CSUM;
	frame->offload.gso_type = gso_size ? DRAIN_OFFLOAD_GSO_TCPV4 : DRAIN_OFFLOAD_GSO_NONE;
	frame->offload.gso_size = cpu_to_le16(gso_size);
	frame->offload.csum_start = cpu_to_le16(ETH_HLEN + sizeof(*ip));
	frame->offload.csum_offset = cpu_to_le16(offsetof(struct tcphdr, check));
	return frame;
}

/* The same over IPv6, behind options of so many bytes, of which the sum knows. */
static inline struct drain_frame *put_tcp6(struct prey *prey, u16 gso_size, u8 options)
{
	struct drain_frame *frame = put_tcp(prey, gso_size);
	struct ethhdr *eth = (void *)(frame + 1);
	struct ipv6hdr *ip = (void *)ip_of(frame);
	u8 *option = (void *)(ip + 1);
	struct tcphdr *tcp = (void *)(option + options);

	eth->h_proto = htons(ETH_P_IPV6);
	memset(ip, 0, sizeof(*ip) + options + sizeof(*tcp));
	ip->version = 6;
	ip->payload_len = htons(1000);
	ip->nexthdr = IPPROTO_DSTOPTS;
	ip->hop_limit = 64;
	ip->daddr.s6_addr[0] = 0xff;
	ip->daddr.s6_addr[1] = 0x02;
	ip->daddr.s6_addr[15] = 1;
	/* All of it padding, of a byte each. */
	option[0] = IPPROTO_TCP;
	option[1] = options / 8 - 1;
	tcp->doff = 5;
	if (gso_size)
		frame->offload.gso_type = DRAIN_OFFLOAD_GSO_TCPV6;
	frame->offload.csum_start = cpu_to_le16(ETH_HLEN + sizeof(*ip) + options);
	return frame;
}

/* --- indices ---------------------------------------------------------------- */

static inline void prod_ahead(struct prey *prey) { publish(prey, RING_BYTES + 32); }
static inline void prod_far(struct prey *prey) { publish(prey, 0x80000000); }
static inline void prod_behind(struct prey *prey) { publish(prey, -32); }

static inline void prod_odd(struct prey *prey)
{
	put_frame(prey, 0, 60);
	publish(prey, 97);
}

/* Back, after the peer has fetched what was there. */
static inline void prod_back(struct prey *prey)
{
	unsigned long since = jiffies;

	put_frame(prey, 0, 60);
	publish(prey, 96);
	while (lasts(prey, since) &&
	       READ_ONCE(prey->out->consumer.limit) == cpu_to_le32(RING_BYTES))
		;
	publish(prey, 32);
}

/* Indices that change while the peer looks at them. */
static inline void prod_race(struct prey *prey)
{
	unsigned long since = jiffies;
	u32 i;

	for (i = 0; lasts(prey, since); i++)
		publish(prey, i * 32 % (4 * RING_BYTES));
}

static inline void set_limit(struct prey *prey, u32 limit)
{
	WRITE_ONCE(prey->in->consumer.limit, cpu_to_le32(limit));
	notify_remote_via_evtchn(prey->port);
}

static inline void limit_ahead(struct prey *prey) { set_limit(prey, 4 * RING_BYTES); }
static inline void limit_far(struct prey *prey) { set_limit(prey, 0x80000000); }
static inline void limit_odd(struct prey *prey) { set_limit(prey, RING_BYTES + 1); }
static inline void limit_falls(struct prey *prey) { set_limit(prey, RING_BYTES - 32); }

static inline void limit_race(struct prey *prey)
{
	unsigned long since = jiffies;

	while (lasts(prey, since))
		WRITE_ONCE(prey->in->consumer.limit, cpu_to_le32(get_random_u32()));
	set_limit(prey, 4 * RING_BYTES);
}

/* Marks and the gap may be anything at any time. */
static inline void marks_race(struct prey *prey)
{
	unsigned long since = jiffies;

	while (lasts(prey, since)) {
		WRITE_ONCE(prey->in->consumer.event_at, cpu_to_le32(get_random_u32()));
		WRITE_ONCE(prey->in->consumer.gap_usecs, cpu_to_le32(get_random_u32()));
		WRITE_ONCE(prey->out->producer.wake_at, cpu_to_le32(get_random_u32()));
	}
}

static inline void gap_huge(struct prey *prey)
{
	WRITE_ONCE(prey->in->consumer.gap_usecs, cpu_to_le32(U32_MAX));
}

/* Room without end, for a peer that would fetch it: it reads nothing. */
static inline void limit_blind(struct prey *prey)
{
	unsigned long since = jiffies;

	while (lasts(prey, since))
		WRITE_ONCE(prey->in->consumer.limit,
			   cpu_to_le32(le32_to_cpu(READ_ONCE(prey->in->producer.prod)) +
				       RING_BYTES));
}

static inline void counts_race(struct prey *prey)
{
	unsigned long since = jiffies;

	while (lasts(prey, since)) {
		get_random_bytes(&prey->in->consumer_counts, sizeof(prey->in->consumer_counts));
		get_random_bytes(&prey->out->producer_counts, sizeof(prey->out->producer_counts));
	}
}

/* --- lengths ---------------------------------------------------------------- */

static inline void put_length(struct prey *prey, u32 frame_bytes, u32 prod)
{
	put_frame(prey, 0, frame_bytes);
	publish(prey, prod);
}

static inline void length_zero(struct prey *prey) { put_length(prey, 0, 64); }
static inline void length_short(struct prey *prey) { put_length(prey, 13, 64); }
static inline void length_huge(struct prey *prey) { put_length(prey, U32_MAX, 128); }
static inline void length_beyond(struct prey *prey) { put_length(prey, 1514, 96); }

static inline void length_over(struct prey *prey)
{
	put_length(prey, drain_frame_max_bytes(RING_BYTES) + 1, RING_BYTES);
}

/* A header alone: its frame never comes. */
static inline void length_half(struct prey *prey) { put_length(prey, 60, 32); }

/* Published, and changed while it may be fetched. */
static inline void length_race(struct prey *prey)
{
	struct drain_frame *frame = put_frame(prey, 0, 60);
	unsigned long since = jiffies;

	publish(prey, 96);
	while (lasts(prey, since)) {
		WRITE_ONCE(frame->frame_bytes, cpu_to_le32(U32_MAX));
		WRITE_ONCE(frame->frame_bytes, cpu_to_le32(60));
	}
	frame->frame_bytes = 0;
	put_frame(prey, 96, 0);
	publish(prey, 160);
}

/* Whole rings of frames whose every byte changes while they are fetched. */
static inline void bytes_race(struct prey *prey)
{
	unsigned long since = jiffies;
	u32 i;

	for (i = 0; i < RING_BYTES; i += 256)
		put_frame(prey, i, 224);
	for (i = 0; lasts(prey, since); i++) {
		u32 limit = le32_to_cpu(READ_ONCE(prey->out->consumer.limit));

		publish(prey, limit);
		memset(prey->data + i * 256 % RING_BYTES + sizeof(struct drain_frame), i, 64);
	}
}

/*
 * Rings full of TCP, a kilobyte a frame, in whose headers what is said of the sum
 * and of segments turns true and false all the time: who looks twice sees both.
 */
#define RACE_ROOM	1024u

static inline void put_race(struct prey *prey)
{
	struct drain_frame *frame = put_tcp(prey, 0);
	u32 bytes = RACE_ROOM - sizeof(*frame), i;
	struct iphdr *ip = ip_of(frame);

	frame->frame_bytes = cpu_to_le32(bytes);
	ip->tot_len = htons(bytes - ETH_HLEN);
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ip->ihl);
	for (i = RACE_ROOM; i < RING_BYTES; i += RACE_ROOM)
		memcpy(prey->data + i, frame, RACE_ROOM);
}

static inline void offload_race(struct prey *prey)
{
	unsigned long since = jiffies;
	u32 i = 0, lie;

	put_race(prey);
	while (lasts(prey, since)) {
		publish(prey, le32_to_cpu(READ_ONCE(prey->out->consumer.limit)));
		for (lie = 0; lie < 8 * RING_BYTES / RACE_ROOM; lie++, i += RACE_ROOM) {
			struct drain_frame *frame = (void *)(prey->data + i % RING_BYTES);

			WRITE_ONCE(frame->offload.csum_start, cpu_to_le16(lie & 1 ? 34 : 65000));
			WRITE_ONCE(frame->offload.gso_type, lie & 2 ? DRAIN_OFFLOAD_GSO_TCPV4 : 0);
			WRITE_ONCE(frame->offload.gso_size, cpu_to_le16(lie & 4 ? 500 : 0));
		}
	}
}

/* --- frames ----------------------------------------------------------------- */

static inline void lie(struct prey *prey, u8 flags, u8 type, u16 size, u16 start, u16 offset)
{
	struct drain_frame *frame = put_frame(prey, 0, 60);

	frame->offload.flags = flags;
	frame->offload.gso_type = type;
	frame->offload.gso_size = cpu_to_le16(size);
	frame->offload.csum_start = cpu_to_le16(start);
	frame->offload.csum_offset = cpu_to_le16(offset);
	publish_frame(prey);
}

static inline void csum_in_header(struct prey *prey) { lie(prey, 1, 0, 0, 13, 0); }
static inline void csum_past_end(struct prey *prey) { lie(prey, 1, 0, 0, 59, 100); }
static inline void csum_last_byte(struct prey *prey) { lie(prey, 1, 0, 0, 59, 0); }
static inline void csum_wraps(struct prey *prey) { lie(prey, 1, 0, 0, 65535, 65535); }
static inline void csum_nothing(struct prey *prey) { lie(prey, 1, 0, 0, 14, 0); }
static inline void csum_not_ip(struct prey *prey) { lie(prey, 1, 0, 0, 34, 16); }
static inline void gso_zero(struct prey *prey) { lie(prey, 1, 1, 0, 34, 16); }
static inline void gso_no_csum(struct prey *prey) { lie(prey, 0, 1, 1000, 0, 0); }
static inline void gso_udp(struct prey *prey) { lie(prey, 1, 3, 1000, 34, 6); }
static inline void gso_unknown(struct prey *prey) { lie(prey, 1, 0x7f, 1000, 34, 16); }
static inline void gso_ecn_alone(struct prey *prey) { lie(prey, 1, 0x80, 1000, 34, 16); }
static inline void gso_not_ip(struct prey *prey) { lie(prey, 1, 1, 1000, 34, 16); }
static inline void offload_flags(struct prey *prey) { lie(prey, 0xfc, 0, 0, 0, 0); }

/* Farther than a NIC counts: and it is not looked for there either. */
static inline void csum_far(struct prey *prey)
{
	struct drain_frame *frame = put_frame(prey, 0, 8000);

	frame->offload.flags = DRAIN_OFFLOAD_NEEDS_CSUM;
	frame->offload.csum_start = cpu_to_le16(7000);
	publish_frame(prey);
}

/* What a NIC takes for TCP's sum is another's, or a fragment's. */
static inline void csum_other(struct prey *prey)
{
	ip_of(put_tcp(prey, 0))->protocol = IPPROTO_ICMP;
	publish_frame(prey);
}

static inline void csum_fragment(struct prey *prey)
{
	ip_of(put_tcp(prey, 0))->frag_off = htons(IP_MF);
	publish_frame(prey);
}

/* IP says that it has no header. */
static inline void csum_ihl(struct prey *prey)
{
	struct drain_frame *frame = put_tcp(prey, 0);

	frame->offload.csum_start = cpu_to_le16(ETH_HLEN);
	ip_of(frame)->ihl = 0;
	publish_frame(prey);
}

/* Said to be near; in truth where a NIC that counts in bytes writes into an address. */
static inline void csum_options(struct prey *prey)
{
	put_tcp6(prey, 0, 192)->offload.csum_start = cpu_to_le16(ETH_HLEN + 40);
	publish_frame(prey);
}

/* Near enough by itself, but not behind the tag that dom0 puts before it. */
static inline void csum_tagged(struct prey *prey)
{
	struct drain_frame *frame = put_tcp6(prey, 0, 184);

	frame->flags = DRAIN_FRAME_VLAN;
	frame->vlan_proto = htons(ETH_P_8021AD);
	frame->vlan_tci = cpu_to_le16(5);
	publish_frame(prey);
}

/* Options without end, none of which is where the sum is said to be. */
static inline void csum_endless(struct prey *prey)
{
	struct drain_frame *frame = put_tcp6(prey, 0, 8);
	struct ipv6hdr *ip = (void *)ip_of(frame);

	memset(ip + 1, 0, 10000);
	ip->payload_len = htons(10000);
	/* Hop-by-hop options of 8 bytes, by being zero, again and again. */
	ip->nexthdr = IPPROTO_HOPOPTS;
	frame->frame_bytes = cpu_to_le32(ETH_HLEN + sizeof(*ip) + 10000);
	publish_frame(prey);
}

/* A version that is not the EtherType's. */
static inline void csum_version(struct prey *prey)
{
	ip_of(put_tcp(prey, 0))->version = 6;
	publish_frame(prey);
}

/* TCP that is said to be near, and is segmented. */
static inline void gso_options(struct prey *prey)
{
	put_tcp6(prey, 500, 192)->offload.csum_start = cpu_to_le16(ETH_HLEN + 40);
	publish_frame(prey);
}

/* The sum is near enough; what follows in the same header is not. */
static inline void gso_headers(struct prey *prey)
{
	struct drain_frame *frame = put_tcp6(prey, 500, 168);

	((struct tcphdr *)((u8 *)(frame + 1) + le16_to_cpu(frame->offload.csum_start)))->doff = 15;
	publish_frame(prey);
}

/* Nothing is wrong with it. */
static inline void options_fine(struct prey *prey)
{
	put_tcp6(prey, 0, 16);
	publish_frame(prey);
}

static inline void gso_fine(struct prey *prey)
{
	put_tcp(prey, 255);
	publish_frame(prey);
}

static inline void gso_by_frags(struct prey *prey)
{
	put_tcp(prey, 65535);
	publish_frame(prey);
}

static inline void gso_family(struct prey *prey)
{
	put_tcp(prey, 500)->offload.gso_type = DRAIN_OFFLOAD_GSO_TCPV6;
	publish_frame(prey);
}

/* The TCP header is said to be where no such header is. */
static inline void gso_start(struct prey *prey)
{
	put_tcp(prey, 500)->offload.csum_start = cpu_to_le16(1000);
	publish_frame(prey);
}

static inline void gso_doff(struct prey *prey)
{
	struct drain_frame *frame = put_tcp(prey, 500);

	((struct tcphdr *)((u8 *)(frame + 1) + 34))->doff = 0;
	publish_frame(prey);
}

static inline void gso_ihl(struct prey *prey)
{
	ip_of(put_tcp(prey, 500))->ihl = 15;
	publish_frame(prey);
}

/* Nothing but headers: a segment without payload. */
static inline void gso_empty(struct prey *prey)
{
	put_tcp(prey, 500)->frame_bytes = cpu_to_le32(54);
	publish_frame(prey);
}

static inline void gso_hdr_len(struct prey *prey)
{
	put_tcp(prey, 500)->offload.hdr_len = cpu_to_le16(65535);
	publish_frame(prey);
}

static inline void vlan_proto(struct prey *prey)
{
	struct drain_frame *frame = put_frame(prey, 0, 60);

	frame->flags = DRAIN_FRAME_VLAN;
	frame->vlan_proto = htons(ETH_P_IP);
	publish_frame(prey);
}

static inline void frame_flags(struct prey *prey)
{
	put_frame(prey, 0, 60)->flags = 0xfe;
	publish_frame(prey);
}

static inline void hash_type(struct prey *prey)
{
	put_frame(prey, 0, 60)->hash_type = 9;
	publish_frame(prey);
}

/* All reserved bits set, and a hash that is none. */
static inline void reserved_set(struct prey *prey)
{
	struct drain_frame *frame = put_frame(prey, 0, 60);

	memset(frame->reserved, 0xff, sizeof(frame->reserved));
	memset(prey->out->producer.reserved, 0xff, sizeof(prey->out->producer.reserved));
	memset(prey->in->consumer.reserved, 0xff, sizeof(prey->in->consumer.reserved));
	frame->hash = cpu_to_le32(U32_MAX);
	frame->hash_type = DRAIN_HASH_L4;
	publish_frame(prey);
}

/* Frames of 14 to 45 bytes: next to nothing behind the Ethernet header, or nothing. */
static inline void frame_bare(struct prey *prey)
{
	u32 index = 0, bytes;

	for (bytes = 14; bytes < 46; bytes++) {
		put_frame(prey, index, bytes);
		index += drain_frame_room(bytes);
	}
	publish(prey, index);
}

static inline void frame_largest(struct prey *prey)
{
	put_frame(prey, 0, drain_frame_max_bytes(RING_BYTES));
	publish_frame(prey);
}

/* Says that a tag follows, and ends; or tags and nothing else. */
static inline void vlan_short(struct prey *prey)
{
	struct drain_frame *frame = put_frame(prey, 0, 14);

	((struct ethhdr *)(frame + 1))->h_proto = htons(ETH_P_8021Q);
	publish_frame(prey);
}

static inline void vlan_stack(struct prey *prey)
{
	__be16 *word = (__be16 *)(put_frame(prey, 0, 1500) + 1) + 6;
	u32 i;

	for (i = 0; i < (1500 - 12) / 4; i++) {
		*word++ = htons(ETH_P_8021Q);
		*word++ = htons(1);
	}
	publish_frame(prey);
}

/* IP options, extension headers and lengths that point past the end. */
static inline void ip_lies(struct prey *prey)
{
	struct drain_frame *frame = put_frame(prey, 0, 34);
	struct ethhdr *eth = (void *)(frame + 1);
	struct iphdr *ip = (void *)(eth + 1);

	eth->h_proto = htons(ETH_P_IP);
	memset(ip, 0xff, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 15;
	publish_frame(prey);
}

/* --- events ----------------------------------------------------------------- */

static inline void storm(struct prey *prey)
{
	unsigned long since = jiffies;

	while (lasts(prey, since))
		notify_remote_via_evtchn(prey->port);
}

/* An event for each frame, and frames without end. */
static inline void storm_frames(struct prey *prey)
{
	unsigned long since = jiffies;
	u32 i, prod = 0;

	for (i = 0; i < RING_BYTES; i += 64)
		put_frame(prey, i, 14)->hash_type = 9;
	while (lasts(prey, since)) {
		if (le32_to_cpu(READ_ONCE(prey->out->consumer.limit)) - prod >= 64)
			prod += 64;
		publish(prey, prod);
	}
}

/* A frame in each VLAN that there is, a ring full at a time, as storms of events are delayed. */
static inline void vlan_all(struct prey *prey)
{
	unsigned long since = jiffies;
	u32 vid = 1, prod = 0;

	while (vid < VLAN_N_VID - 1 && lasts(prey, since)) {
		struct drain_frame *frame;

		for (; vid < VLAN_N_VID - 1 &&
		     le32_to_cpu(READ_ONCE(prey->out->consumer.limit)) - prod >= 64; vid++) {
			frame = put_frame(prey, prod % RING_BYTES, 14);
			frame->flags = DRAIN_FRAME_VLAN;
			frame->vlan_proto = htons(ETH_P_8021Q);
			frame->vlan_tci = cpu_to_le16(vid);
			prod += 64;
		}
		publish(prey, prod);
		usleep_range(5000, 10000);
	}
}

static inline void nothing(struct prey *prey) { }

struct ring_attack {
	const char *name;
	void (*strike)(struct prey *prey);
};

#define RING_ATTACK(function) { #function, function }

static const struct ring_attack ring_attacks[] = {
	RING_ATTACK(prod_ahead), RING_ATTACK(prod_far), RING_ATTACK(prod_behind),
	RING_ATTACK(prod_odd), RING_ATTACK(prod_back), RING_ATTACK(prod_race),
	RING_ATTACK(limit_ahead), RING_ATTACK(limit_far), RING_ATTACK(limit_odd),
	RING_ATTACK(limit_falls), RING_ATTACK(limit_race), RING_ATTACK(limit_blind),
	RING_ATTACK(marks_race), RING_ATTACK(gap_huge), RING_ATTACK(counts_race),
	RING_ATTACK(length_zero), RING_ATTACK(length_short), RING_ATTACK(length_huge),
	RING_ATTACK(length_beyond), RING_ATTACK(length_over), RING_ATTACK(length_half),
	RING_ATTACK(length_race), RING_ATTACK(bytes_race), RING_ATTACK(offload_race),
	RING_ATTACK(csum_in_header), RING_ATTACK(csum_past_end), RING_ATTACK(csum_last_byte),
	RING_ATTACK(csum_wraps), RING_ATTACK(csum_nothing), RING_ATTACK(csum_not_ip),
	RING_ATTACK(csum_far), RING_ATTACK(csum_other), RING_ATTACK(csum_fragment),
	RING_ATTACK(csum_ihl), RING_ATTACK(csum_options), RING_ATTACK(options_fine),
	RING_ATTACK(csum_tagged), RING_ATTACK(csum_endless), RING_ATTACK(csum_version),
	RING_ATTACK(gso_options), RING_ATTACK(gso_headers),
	RING_ATTACK(gso_zero),
	RING_ATTACK(gso_no_csum), RING_ATTACK(gso_udp), RING_ATTACK(gso_unknown),
	RING_ATTACK(gso_ecn_alone), RING_ATTACK(gso_not_ip), RING_ATTACK(offload_flags),
	RING_ATTACK(gso_fine), RING_ATTACK(gso_by_frags), RING_ATTACK(gso_family),
	RING_ATTACK(gso_start), RING_ATTACK(gso_doff), RING_ATTACK(gso_ihl),
	RING_ATTACK(gso_empty), RING_ATTACK(gso_hdr_len), RING_ATTACK(vlan_proto),
	RING_ATTACK(frame_flags), RING_ATTACK(hash_type), RING_ATTACK(reserved_set),
	RING_ATTACK(frame_bare), RING_ATTACK(frame_largest), RING_ATTACK(vlan_short),
	RING_ATTACK(vlan_stack), RING_ATTACK(ip_lies), RING_ATTACK(storm),
	RING_ATTACK(storm_frames), RING_ATTACK(vlan_all), RING_ATTACK(nothing),
};

static inline const struct ring_attack *ring_attack_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ring_attacks); i++)
		if (!strcmp(ring_attacks[i].name, name))
			return &ring_attacks[i];
	return NULL;
}

#endif /* LAB_ATTACKS_H */
