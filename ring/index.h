/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The indices of a ring: who may write how far, who has read how far, and who
 * must be told. Every barrier of the protocol is in this file, and its comment
 * names the line that it pairs with. Nothing here sleeps, allocates or trusts:
 * a value read from the peer is read once and checked before it is used.
 *
 * Indices are bytes ever produced, modulo 2^32. Differences are taken modulo
 * 2^32 as well, which is exact because a ring holds far less than 2^31 bytes.
 */
#ifndef DRAIN_INDEX_H
#define DRAIN_INDEX_H

#include "wire.h"

/**
 * drain_passed() - did an index that moved pass a mark?
 * @mark: tell me when you pass this
 * @new: where the index is now
 * @old: where it was when this was last asked
 *
 * Return: true if @mark lies in [@old, @new).
 *
 * The rule of virtio's event index (virtio 1.2, section 2.7.10).
 */
static inline bool drain_passed(u32 mark, u32 new, u32 old)
{
	return (u32)(new - mark - 1) < (u32)(new - old);
}

/**
 * drain_ring_reset() - put a ring's control lines in their first state
 * @shared: the ring; the caller owns the page and has not shared it yet
 * @ring_bytes: size of the data area
 *
 * Armed for the first frame, and the whole data area free.
 */
static inline void drain_ring_reset(struct drain_ring *shared, u32 ring_bytes)
{
	*shared = (struct drain_ring){ };
	shared->consumer.limit = cpu_to_le32(ring_bytes);
}

/**
 * drain_producer_line_reset() - put the producer's line in its first state
 * @shared: the ring
 *
 * For a backend that takes an offer that another backend, gone since, may have
 * taken before it.
 */
static inline void drain_producer_line_reset(struct drain_ring *shared)
{
	drain_store(&shared->producer.prod, 0);
	drain_store(&shared->producer.wake_at, 0);
}

/**
 * drain_consumer_line_reset() - put the consumer's line in its first state
 * @shared: the ring
 * @ring_bytes: size of the data area
 */
static inline void drain_consumer_line_reset(struct drain_ring *shared, u32 ring_bytes)
{
	drain_store(&shared->consumer.limit, cpu_to_le32(ring_bytes));
	drain_store(&shared->consumer.event_at, 0);
	drain_store(&shared->consumer.gap_usecs, 0);
}

/**
 * struct drain_producer_index - a producer's private view of its ring
 * @shared: the peer can write this
 * @ring_bytes: size of the data area
 * @prod: written up to here
 * @published: the peer knows up to here
 * @judged: whether to raise the flag has been decided up to here
 * @limit: the peer allows up to here, as last read and checked
 * @refused: a limit that was not taken, for the message
 */
struct drain_producer_index {
	struct drain_ring *shared;
	u32 ring_bytes;
	u32 prod;
	u32 published;
	u32 judged;
	u32 limit;
	u32 refused;
};

/**
 * drain_producer_init() - start producing into a ring that was just reset
 * @ix: private view to set up
 * @shared: the ring's control lines
 * @ring_bytes: size of the data area
 */
static inline void drain_producer_init(struct drain_producer_index *ix,
				       struct drain_ring *shared, u32 ring_bytes)
{
	*ix = (struct drain_producer_index){
		.shared = shared,
		.ring_bytes = ring_bytes,
		.limit = ring_bytes,
	};
}

/* Is a limit one that an honest consumer can have, who had @before and may have @most? */
static inline bool drain_limit_possible(u32 limit, u32 before, u32 most)
{
	return limit % DRAIN_ALIGN_BYTES == 0 && (u32)(limit - before) <= (u32)(most - before);
}

/**
 * drain_producer_refresh() - read how far the consumer lets us write
 * @ix: private view
 *
 * Acquire: pairs with the release in drain_consumer_release(). What we write
 * after this cannot overtake the consumer's reading of what was there before.
 *
 * Return: 0, or -EPROTO if the limit is one that an honest consumer cannot
 * have: it never falls, never exceeds what was produced by more than the ring
 * holds, and is a multiple of DRAIN_ALIGN_BYTES. @ix->limit stays as it was
 * then, and @ix->refused is what was seen.
 */
static inline int __must_check drain_producer_refresh(struct drain_producer_index *ix)
{
	u32 limit = le32_to_cpu(drain_load_acquire(&ix->shared->consumer.limit));
	u32 most = ix->prod + ix->ring_bytes;

	if (!drain_limit_possible(limit, ix->limit, most)) {
		ix->refused = limit;
		return -EPROTO;
	}
	ix->limit = limit;
	return 0;
}

/**
 * drain_producer_moved() - has the consumer allowed more since this was asked?
 * @ix: private view, not changed; somebody else may be producing meanwhile
 * @noticed: what the limit was then, 0 at first; set to what it is
 *
 * Acquire: pairs with the release in drain_consumer_release(). The look at
 * @ix->prod comes after it, so an honest consumer's limit is never taken for one
 * that is too far.
 *
 * Return: 1 if it has, 0 if not, -EPROTO if the limit is impossible.
 */
static inline int __must_check drain_producer_moved(const struct drain_producer_index *ix,
						    u32 *noticed)
{
	u32 limit = le32_to_cpu(drain_load_acquire(&ix->shared->consumer.limit));
	u32 most = drain_load(&ix->prod) + ix->ring_bytes;

	if (limit == *noticed)
		return 0;
	if (!drain_limit_possible(limit, *noticed, most))
		return -EPROTO;
	*noticed = limit;
	return 1;
}

/**
 * drain_producer_room() - bytes that may be written now, as far as is known
 * @ix: private view; drain_producer_refresh() may find more
 */
static inline u32 drain_producer_room(const struct drain_producer_index *ix)
{
	return ix->limit - ix->prod;
}

/**
 * drain_producer_crowded() - is it unwise to let the consumer sleep on?
 * @ix: private view; the limit is read again if need be
 *
 * Return: true if a quarter of the ring or more has not been fetched. A gap is
 * for saving wake-ups, not for losing frames.
 */
static inline bool drain_producer_crowded(struct drain_producer_index *ix)
{
	u32 roomy = ix->ring_bytes - ix->ring_bytes / 4;

	if (drain_producer_room(ix) > roomy)
		return false;
	/* An impossible limit is for the next drain_produce() to report. */
	return drain_producer_refresh(ix) || drain_producer_room(ix) <= roomy;
}

/**
 * drain_producer_publish() - let the consumer see all that was written
 * @ix: private view
 *
 * Release: pairs with the acquire in drain_consumer_look(). The bytes are
 * visible before the index that covers them.
 *
 * Return: true if there was anything to publish.
 */
static inline bool drain_producer_publish(struct drain_producer_index *ix)
{
	if (ix->published == ix->prod)
		return false;
	ix->published = ix->prod;
	drain_store_release(&ix->shared->producer.prod, cpu_to_le32(ix->prod));
	return true;
}

/**
 * drain_producer_must_flag() - does the consumer want to be told?
 * @ix: private view, after drain_producer_publish()
 *
 * Full barrier: pairs with the one in drain_consumer_arm(). Either we see the
 * consumer's event_at, or it sees our prod: one of us will act.
 *
 * If the answer is yes it stays yes until drain_producer_flagged() says that
 * the flag was raised, or until the consumer has caught up by itself; so a
 * producer that must wait (gap_usecs) asks again later and nothing is lost.
 */
static inline bool drain_producer_must_flag(struct drain_producer_index *ix)
{
	u32 event_at;

	if (ix->judged == ix->published)
		return false;
	drain_mb();
	event_at = le32_to_cpu(drain_load(&ix->shared->consumer.event_at));
	if (drain_passed(event_at, ix->published, ix->judged))
		return true;
	ix->judged = ix->published;
	return false;
}

/**
 * drain_producer_flagged() - the flag has been raised for all published
 * @ix: private view
 */
static inline void drain_producer_flagged(struct drain_producer_index *ix)
{
	ix->judged = ix->published;
}

/**
 * drain_producer_gap_usecs() - least time between two flags
 * @ix: private view
 *
 * Return: what the consumer asks for, capped to DRAIN_GAP_MAX_USECS.
 */
static inline u32 drain_producer_gap_usecs(const struct drain_producer_index *ix)
{
	u32 gap = le32_to_cpu(drain_load(&ix->shared->consumer.gap_usecs));

	return gap < DRAIN_GAP_MAX_USECS ? gap : DRAIN_GAP_MAX_USECS;
}

/**
 * drain_producer_sleep() - ask to be told when the limit passes a mark
 * @ix: private view
 * @mark: the limit to wait for
 *
 * Full barrier: pairs with the one in drain_consumer_release(). Either we see
 * the new limit here, or the consumer sees our wake_at.
 *
 * Return: 1 if the limit has passed @mark already and nobody will tell, 0 if
 * the flag will come, -EPROTO as drain_producer_refresh().
 */
static inline int __must_check drain_producer_sleep(struct drain_producer_index *ix, u32 mark)
{
	int err;

	drain_store(&ix->shared->producer.wake_at, cpu_to_le32(mark));
	drain_mb();
	err = drain_producer_refresh(ix);
	if (err)
		return err;
	return (s32)(ix->limit - mark) > 0;
}

/**
 * struct drain_consumer_index - a consumer's private view of its ring
 * @shared: the peer can write this
 * @ring_bytes: size of the data area
 * @seen: fetched up to here
 * @limit: the producer was allowed up to here
 */
struct drain_consumer_index {
	struct drain_ring *shared;
	u32 ring_bytes;
	u32 seen;
	u32 limit;
};

/**
 * drain_consumer_init() - start consuming from a ring that was just reset
 * @ix: private view to set up
 * @shared: the ring's control lines
 * @ring_bytes: size of the data area
 */
static inline void drain_consumer_init(struct drain_consumer_index *ix,
				       struct drain_ring *shared, u32 ring_bytes)
{
	*ix = (struct drain_consumer_index){
		.shared = shared,
		.ring_bytes = ring_bytes,
		.limit = ring_bytes,
	};
}

/**
 * drain_consumer_look() - how far has the producer come?
 * @ix: private view
 * @prod: set to the producer's index, also if it is refused
 *
 * Acquire: pairs with the release in drain_producer_publish().
 *
 * Return: 0, or -EPROTO if the index is one that an honest producer cannot
 * have: beyond what it was allowed, or not on a frame boundary.
 */
static inline int __must_check drain_consumer_look(const struct drain_consumer_index *ix, u32 *prod)
{
	*prod = le32_to_cpu(drain_load_acquire(&ix->shared->producer.prod));
	if ((u32)(*prod - ix->seen) > (u32)(ix->limit - ix->seen))
		return -EPROTO;
	if (*prod % DRAIN_ALIGN_BYTES)
		return -EPROTO;
	return 0;
}

/**
 * drain_consumer_release() - give back the room of what was fetched
 * @ix: private view
 * @upto: everything before this index has been fetched and is not read again
 *
 * Release: pairs with the acquire in drain_producer_refresh(); our reads are
 * done before the producer may overwrite. Full barrier: pairs with the one in
 * drain_producer_sleep().
 *
 * Return: true if the producer waits for this and must be told.
 */
static inline bool __must_check drain_consumer_release(struct drain_consumer_index *ix, u32 upto)
{
	u32 before = ix->limit;
	u32 wake_at;

	ix->seen = upto;
	ix->limit = upto + ix->ring_bytes;
	drain_store_release(&ix->shared->consumer.limit, cpu_to_le32(ix->limit));
	drain_mb();
	wake_at = le32_to_cpu(drain_load(&ix->shared->producer.wake_at));
	return drain_passed(wake_at, ix->limit, before);
}

/**
 * drain_consumer_arm() - ask for a flag when there is more, and look again
 * @ix: private view; everything up to @seen has been dealt with
 *
 * Full barrier: pairs with the one in drain_producer_must_flag().
 *
 * Return: true if there is more already: it may never be announced, so the
 * caller must go on draining, and must not unmask its event channel.
 */
static inline bool __must_check drain_consumer_arm(const struct drain_consumer_index *ix)
{
	u32 mark = ix->seen;

	drain_store(&ix->shared->consumer.event_at, cpu_to_le32(mark));
	drain_mb();
	return le32_to_cpu(drain_load(&ix->shared->producer.prod)) != mark;
}

/**
 * drain_consumer_set_gap() - ask the producer to space its flags
 * @ix: private view
 * @usecs: least time between two flags; the first after quiet is not delayed
 */
static inline void drain_consumer_set_gap(const struct drain_consumer_index *ix, u32 usecs)
{
	drain_store(&ix->shared->consumer.gap_usecs, cpu_to_le32(usecs));
}

#endif /* DRAIN_INDEX_H */
