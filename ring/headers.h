/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Protocol headers of a frame that is to be sent on, against what its sender
 * says of them: what of that is arithmetic over private bytes. The rest is the
 * kernel's own walk along the headers (drain_check_sum() in linux/consume.h).
 */
#ifndef DRAIN_HEADERS_H
#define DRAIN_HEADERS_H

#include "frame.h"

/* The fixed part of IPv6's and TCP's headers, and the byte where IPv6 says what follows. */
#define DRAIN_IPV6_BYTES	40
#define DRAIN_IPV6_NEXT		6
#define DRAIN_TCP_BYTES		20u

/*
 * IPv6's extension headers, those that Linux walks along (RFC 8200, section 4;
 * RFC 4302 for the fourth). Each begins with what follows it and its length.
 */
#define DRAIN_IPV6_HOP		0
#define DRAIN_IPV6_ROUTING	43
#define DRAIN_IPV6_FRAGMENT	44
#define DRAIN_IPV6_AUTH		51
#define DRAIN_IPV6_NONE		59
#define DRAIN_IPV6_DEST		60

static inline bool drain_ipv6_is_extension(u8 type)
{
	switch (type) {
	case DRAIN_IPV6_HOP:
	case DRAIN_IPV6_ROUTING:
	case DRAIN_IPV6_FRAGMENT:
	case DRAIN_IPV6_AUTH:
	case DRAIN_IPV6_NONE:
	case DRAIN_IPV6_DEST:
		return true;
	default:
		return false;
	}
}

/* The unit of the length, and what it leaves out, differ. */
static inline int drain_ipv6_extension_bytes(u8 type, const u8 *header)
{
	switch (type) {
	case DRAIN_IPV6_FRAGMENT:
		return 8;
	case DRAIN_IPV6_AUTH:
		return (header[1] + 2) * 4;
	default:
		return (header[1] + 1) * 8;
	}
}

/**
 * drain_sum_follows() - do IPv6's headers lead to a sum that begins here?
 * @ip: IPv6's header, in private memory, in one piece up to the end of the sum,
 *	which is two bytes behind @start at least
 * @start: where the sum begins, from @ip; below 0 if before it
 *
 * Headers are looked at that begin before @start, so no more than @start / 8 + 1
 * of them. One that begins in the last byte has its length in the next.
 */
static inline bool drain_sum_follows(const u8 *ip, int start)
{
	int off = DRAIN_IPV6_BYTES;
	const u8 *header;
	u8 type;

	if (start < off)
		return false;
	type = ip[DRAIN_IPV6_NEXT];
	while (off < start && drain_ipv6_is_extension(type)) {
		header = ip + off;
		off += drain_ipv6_extension_bytes(type, header);
		type = header[0];
	}
	return off == start && !drain_ipv6_is_extension(type);
}

/**
 * drain_gso_headers_fit() - are the headers that each segment repeats short enough?
 * @tcp_start: where TCP's begins, from the frame's first byte
 * @tcp_header_bytes: its length, as it says
 */
static inline bool drain_gso_headers_fit(u32 tcp_start, u32 tcp_header_bytes)
{
	return tcp_start + tcp_header_bytes <= DRAIN_TO_HOST_GSO_HEADERS_MAX;
}

/**
 * drain_gso_segments() - how many segments a frame is cut into
 * @tcp_bytes: of the frame from TCP's header on, which is there: DRAIN_TCP_BYTES
 *	at least
 * @gso_size: payload of each, not 0
 *
 * Options are taken for payload: no fewer than there will be, as NICs have
 * limits (CVE-2012-3412).
 */
static inline u32 drain_gso_segments(u32 tcp_bytes, u32 gso_size)
{
	return (tcp_bytes - DRAIN_TCP_BYTES + gso_size - 1) / gso_size;
}

#endif /* DRAIN_HEADERS_H */
