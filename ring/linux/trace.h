/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tracepoints at each step of a drain and of sending, the same in both modules:
 * events/xen_drainback and events/xen_drainfront in tracefs. Indices are those
 * of PROTOCOL.md, section 3; the steps, too, have their numbers from there. Off,
 * each is a jump that is not taken.
 *
 * The module's main header defines DRAIN_TRACE_SYSTEM, one of its files
 * CREATE_TRACE_POINTS.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM DRAIN_TRACE_SYSTEM

#if !defined(DRAIN_LINUX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DRAIN_LINUX_TRACE_H

#include <linux/tracepoint.h>

#ifndef DRAIN_LINUX_TRACE_TAG
#define DRAIN_LINUX_TRACE_TAG

#define DRAIN_TAG_BYTES	20

/**
 * struct drain_tag - whose step it is
 * @device: name on the xenbus, for example vdrain-1-0
 * @queue: its number
 */
struct drain_tag {
	char device[DRAIN_TAG_BYTES];
	unsigned int queue;
};

/* What becomes of a flag when frames are published, or its gap is over. */
enum drain_flag_fate { DRAIN_FLAG_SUPPRESSED, DRAIN_FLAG_RAISED, DRAIN_FLAG_DELAYED };

static inline void drain_tag_set(struct drain_tag *tag, const char *device, unsigned int queue)
{
	strscpy(tag->device, device, sizeof(tag->device));
	tag->queue = queue;
}

#endif /* DRAIN_LINUX_TRACE_TAG */

#define DRAIN_TAG_FIELDS				\
	__array(char, device, DRAIN_TAG_BYTES)		\
	__field(unsigned int, queue)
#define DRAIN_TAG_ASSIGN				\
	memcpy(__entry->device, tag->device, DRAIN_TAG_BYTES);	\
	__entry->queue = tag->queue;
#define DRAIN_TAG_FORMAT "%s queue %u: "
#define DRAIN_TAG_ARGS __entry->device, __entry->queue

/* Two numbers: where, and how much. */
DECLARE_EVENT_CLASS(drain_bytes,
	TP_PROTO(const struct drain_tag *tag, u32 index, u32 bytes),
	TP_ARGS(tag, index, bytes),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(u32, index)
		__field(u32, bytes)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->index = index;
		__entry->bytes = bytes;
	),
	TP_printk(DRAIN_TAG_FORMAT "index=%u bytes=%u", DRAIN_TAG_ARGS, __entry->index,
		  __entry->bytes)
);

/* Producing 1: a frame is in the ring, unpublished. */
DEFINE_EVENT(drain_bytes, drain_put,
	TP_PROTO(const struct drain_tag *tag, u32 index, u32 bytes), TP_ARGS(tag, index, bytes));

/* Producing 2: everything before @index can be seen, @bytes more than before. */
DEFINE_EVENT(drain_bytes, drain_publish,
	TP_PROTO(const struct drain_tag *tag, u32 index, u32 bytes), TP_ARGS(tag, index, bytes));

/* Draining 5: a frame is taken out of what was fetched. */
DEFINE_EVENT(drain_bytes, drain_take,
	TP_PROTO(const struct drain_tag *tag, u32 index, u32 bytes), TP_ARGS(tag, index, bytes));

/* Two numbers: where, and whether. */
DECLARE_EVENT_CLASS(drain_question,
	TP_PROTO(const struct drain_tag *tag, u32 index, bool yes),
	TP_ARGS(tag, index, yes),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(u32, index)
		__field(bool, yes)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->index = index;
		__entry->yes = yes;
	),
	TP_printk(DRAIN_TAG_FORMAT "index=%u yes=%u", DRAIN_TAG_ARGS, __entry->index,
		  __entry->yes)
);

/* Producing 5: there is no room; wake_at is @index. Yes: there is by now. */
DEFINE_EVENT(drain_question, drain_sleep,
	TP_PROTO(const struct drain_tag *tag, u32 index, bool yes), TP_ARGS(tag, index, yes));

/* Draining 4: limit is @index. Yes: the producer waits for that, and is told. */
DEFINE_EVENT(drain_question, drain_credit,
	TP_PROTO(const struct drain_tag *tag, u32 index, bool yes), TP_ARGS(tag, index, yes));

/* Draining 6: event_at is @index. Yes: there is more already. */
DEFINE_EVENT(drain_question, drain_arm,
	TP_PROTO(const struct drain_tag *tag, u32 index, bool yes), TP_ARGS(tag, index, yes));

/* Producing 3 and 4: prod is @index, and the flag raised, not asked for, or due later. */
TRACE_EVENT(drain_flag,
	TP_PROTO(const struct drain_tag *tag, u32 index, unsigned int fate),
	TP_ARGS(tag, index, fate),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(u32, index)
		__field(unsigned int, fate)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->index = index;
		__entry->fate = fate;
	),
	TP_printk(DRAIN_TAG_FORMAT "index=%u %s", DRAIN_TAG_ARGS, __entry->index,
		  __print_symbolic(__entry->fate, { 0, "suppressed" }, { 1, "raised" },
				   { 2, "delayed" }))
);

/* Draining 1: the channel is masked from here on. Masked: it was, which must not be. */
TRACE_EVENT(drain_upcall,
	TP_PROTO(const struct drain_tag *tag, bool masked),
	TP_ARGS(tag, masked),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(bool, masked)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->masked = masked;
	),
	TP_printk(DRAIN_TAG_FORMAT "masked=%u", DRAIN_TAG_ARGS, __entry->masked)
);

/* Draining 3: bytes from @index on are ours, by copy; or, in a mapping, will be one by one. */
TRACE_EVENT(drain_fetch,
	TP_PROTO(const struct drain_tag *tag, u32 index, u32 bytes, bool mapped),
	TP_ARGS(tag, index, bytes, mapped),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(u32, index)
		__field(u32, bytes)
		__field(bool, mapped)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->index = index;
		__entry->bytes = bytes;
		__entry->mapped = mapped;
	),
	TP_printk(DRAIN_TAG_FORMAT "index=%u bytes=%u by=%s", DRAIN_TAG_ARGS, __entry->index,
		  __entry->bytes, __entry->mapped ? "map" : "copy")
);

/* Draining 7: the channel is open again. Spurious: nothing was done for the peer. */
TRACE_EVENT(drain_unmask,
	TP_PROTO(const struct drain_tag *tag, bool spurious),
	TP_ARGS(tag, spurious),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(bool, spurious)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->spurious = spurious;
	),
	TP_printk(DRAIN_TAG_FORMAT "spurious=%u", DRAIN_TAG_ARGS, __entry->spurious)
);

/* A transmit queue in front of a ring stops for want of room, or goes on. */
TRACE_EVENT(drain_txq,
	TP_PROTO(const struct drain_tag *tag, bool stopped),
	TP_ARGS(tag, stopped),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__field(bool, stopped)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		__entry->stopped = stopped;
	),
	TP_printk(DRAIN_TAG_FORMAT "%s", DRAIN_TAG_ARGS, __entry->stopped ? "stop" : "wake")
);

/* The peer has broken the protocol; the connection ends. */
TRACE_EVENT(drain_error,
	TP_PROTO(const struct drain_tag *tag, const char *text),
	TP_ARGS(tag, text),
	TP_STRUCT__entry(
		DRAIN_TAG_FIELDS
		__array(char, text, 96)
	),
	TP_fast_assign(
		DRAIN_TAG_ASSIGN
		strscpy(__entry->text, text, sizeof(__entry->text));
	),
	TP_printk(DRAIN_TAG_FORMAT "%s", DRAIN_TAG_ARGS, __entry->text)
);

#endif /* DRAIN_LINUX_TRACE_H */

/* To the compiler it is a word of its own, 1, also in a path. */
#undef linux
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ring/linux
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
