/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reading what the peer has written, to show it. Nothing may depend on it.
 */
#ifndef DRAIN_COUNTS_H
#define DRAIN_COUNTS_H

#include "wire.h"

/**
 * drain_count() - one of the peer's counters
 * @shared: where it publishes it
 */
static inline u64 drain_count(const __le64 *shared)
{
	return le64_to_cpu(drain_load(shared));
}

/**
 * drain_word() - one of the peer's indices
 * @shared: where it writes it
 */
static inline u32 drain_word(const __le32 *shared)
{
	return le32_to_cpu(drain_load(shared));
}

#endif /* DRAIN_COUNTS_H */
