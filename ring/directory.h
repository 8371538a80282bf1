/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The directory of a ring: the grant references of its data pages, in order.
 * Written by the producer before it says so in xenstore, read once.
 */
#ifndef DRAIN_DIRECTORY_H
#define DRAIN_DIRECTORY_H

#include "wire.h"

/**
 * drain_ring_pages_valid() - is this a size that a ring may have?
 * @ring_pages: pages of the data area
 */
static inline bool drain_ring_pages_valid(u32 ring_pages)
{
	return ring_pages >= DRAIN_RING_PAGES_MIN && ring_pages <= DRAIN_RING_PAGES_MAX &&
	       !(ring_pages & (ring_pages - 1));
}

/**
 * drain_directory_write() - tell the consumer where the data pages are
 * @shared_refs: the directory in the control block
 * @refs: grant references, in ring order
 * @ring_pages: how many
 */
static inline void drain_directory_write(__le32 *shared_refs, const u32 *refs, u32 ring_pages)
{
	u32 i;

	for (i = 0; i < ring_pages; i++)
		drain_store(&shared_refs[i], cpu_to_le32(refs[i]));
}

/**
 * drain_directory_read() - copy the producer's directory
 * @refs: where to
 * @shared_refs: the directory in the control block; the peer can write it
 * @ring_pages: how many
 *
 * Nothing can be checked here: a reference that is not ours to use is refused
 * by the hypervisor when it is used.
 */
static inline void drain_directory_read(u32 *refs, const __le32 *shared_refs, u32 ring_pages)
{
	u32 i;

	for (i = 0; i < ring_pages; i++)
		refs[i] = le32_to_cpu(drain_load(&shared_refs[i]));
}

#endif /* DRAIN_DIRECTORY_H */
