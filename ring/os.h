/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What ring/ needs of its surroundings, for the kernel and for user space, so
 * that everything else in this folder compiles unchanged in both.
 */
#ifndef DRAIN_OS_H
#define DRAIN_OS_H

#ifdef __KERNEL__

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>

#define drain_load(p)			READ_ONCE(*(p))
#define drain_store(p, v)		WRITE_ONCE(*(p), v)

/*
 * virt_*: the peer runs on another processor even where this kernel was built
 * for one, so these are never weakened to compiler barriers.
 */
#define drain_load_acquire(p)		virt_load_acquire(p)
#define drain_store_release(p, v)	virt_store_release(p, v)
#define drain_mb()			virt_mb()

#else /* user space */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __linux__
#include <linux/types.h>
#else
typedef uint8_t __u8;
typedef uint16_t __le16;
typedef uint32_t __le32;
typedef uint64_t __le64;
typedef uint16_t __be16;
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;

#define cpu_to_le16(v)			htole16(v)
#define cpu_to_le32(v)			htole32(v)
#define cpu_to_le64(v)			htole64(v)
#define le16_to_cpu(v)			le16toh(v)
#define le32_to_cpu(v)			le32toh(v)
#define le64_to_cpu(v)			le64toh(v)

#define __aligned(n)			__attribute__((aligned(n)))
#define __must_check			__attribute__((warn_unused_result))

#define drain_load(p)			__atomic_load_n(p, __ATOMIC_RELAXED)
#define drain_store(p, v)		__atomic_store_n(p, v, __ATOMIC_RELAXED)
#define drain_load_acquire(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define drain_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define drain_mb()			__atomic_thread_fence(__ATOMIC_SEQ_CST)

#endif

#endif /* DRAIN_OS_H */
