/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Copying a frame's bytes. The kernel's memcpy() is an unrolled loop on CPUs
 * that do not announce fast short "rep movs" (FSRM): 1,550 instructions for
 * 4 KB. Frames are long enough for "rep movsq", which every x86-64 CPU since
 * 2008 runs as a fast string operation from some 100 bytes on.
 */
#ifndef DRAIN_LINUX_COPY_H
#define DRAIN_LINUX_COPY_H

#include <linux/skbuff.h>
#include <linux/string.h>

/* Below this the start-up of a string operation costs more than it gains. */
#define DRAIN_STRING_COPY_BYTES	128

/**
 * drain_memcpy() - memcpy() for the bytes of frames
 * @to: where to
 * @from: where from
 * @bytes: how many
 */
static inline void drain_memcpy(void *to, const void *from, size_t bytes)
{
#ifdef CONFIG_X86_64
	if (bytes >= DRAIN_STRING_COPY_BYTES) {
		size_t words = bytes / 8;

		asm volatile("rep movsq" : "+D" (to), "+S" (from), "+c" (words) : : "memory");
		bytes %= 8;
	}
#endif
	memcpy(to, from, bytes);
}

static inline void *drain_copy_flat(void *to, const struct sk_buff *skb, unsigned int pulled)
{
	u32 bytes = skb_headlen(skb) + pulled;
	unsigned int i;

	drain_memcpy(to, skb->data - pulled, bytes);
	to += bytes;
	/* In one piece even of a compound page: 64-bit kernels map all memory. */
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		drain_memcpy(to, skb_frag_address(frag), skb_frag_size(frag));
		to += skb_frag_size(frag);
	}
	return to;
}

/**
 * drain_copy_skb() - copy a whole frame out of an sk_buff
 * @to: where to; has room for @skb->len + @pulled bytes
 * @skb: the frame, with fragments and a list of others or without
 * @pulled: bytes before skb->data that belong to the frame
 *
 * Lists are what GRO makes of more than MAX_SKB_FRAGS segments; lists in lists
 * are rare and left to the kernel.
 */
static inline void drain_copy_skb(void *to, const struct sk_buff *skb, unsigned int pulled)
{
	struct sk_buff *next;

	to = drain_copy_flat(to, skb, pulled);
	skb_walk_frags(skb, next) {
		if (unlikely(skb_has_frag_list(next))) {
			skb_copy_bits(next, 0, to, next->len);
			to += next->len;
		} else {
			to = drain_copy_flat(to, next, 0);
		}
	}
}

#endif /* DRAIN_LINUX_COPY_H */
