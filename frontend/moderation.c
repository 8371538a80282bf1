// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moderation: how often the backend may wake this guest. The backend raises
 * the flag of the first frame after quiet at once, and the next no sooner than
 * gap_usecs after; so a gap costs the first frame nothing. It is worth having
 * when frames come faster than wake-ups are cheap, one by one, and nobody
 * waits for an answer to each.
 *
 * Measured (doc/performance.md; doc/guide.md, "Tuning"): a wake-up is some
 * 15,000 instructions; of 1000 frames, one every 50 us, 356 wake the guest
 * without a gap (the NIC bunches them), 89 with 500 us; bulk TCP gains 7 % by
 * that, because the sender's bursts grow, and 4 % more by 1000 us, by when a
 * quarter of the ring waits, or nearly. But a fixed gap doubles the round trip
 * of 1-byte requests.
 */
#include "drainfront.h"

/* Above this many packets a second a gap pays for itself: one every 80 us. */
#define DRAINFRONT_BUSY_RATE		12500

/* So many packets a frame, 4 KB and more, are merged TCP: nobody waits for a single one. */
#define DRAINFRONT_BULK_PACKETS		3

/*
 * The rate is measured over at least so many ticks. By jiffies and not by
 * ktime_get(): where Xen emulates the guest's TSC (hosts without an invariant
 * one, guests that have migrated) each look at the clock costs a trap of some
 * 1,500 instructions.
 */
#define DRAINFRONT_WINDOW_TICKS		2

#define DRAINFRONT_INTERACTIVE_MAX	8

/* About what frames would be on a wire: large ones are many segments. */
static u64 drainfront_packets(u64 frames, u64 bytes)
{
	return frames + bytes / 2048;
}

/* A drain of a frame or two, and half as much sent since the last: a dialogue. */
static void drainfront_watch_dialogue(struct drainfront_queue *queue, unsigned int frames,
				      u64 received)
{
	struct drainfront_moderation *moderation = &queue->moderation;
	u64 total = drainfront_packets(u64_stats_read(&queue->to_host.stats.frames),
				       u64_stats_read(&queue->to_host.stats.bytes));
	u64 sent = total - moderation->sent;

	moderation->sent = total;
	if (frames <= 2 && 2 * sent >= received) {
		if (moderation->interactive < DRAINFRONT_INTERACTIVE_MAX)
			moderation->interactive++;
	} else if (moderation->interactive) {
		moderation->interactive--;
	}
}

static void drainfront_watch_rate(struct drainfront_moderation *moderation, unsigned int frames,
				  u64 received)
{
	unsigned long ticks = jiffies - moderation->since;

	moderation->frames += frames;
	moderation->packets += received;
	if (ticks < DRAINFRONT_WINDOW_TICKS)
		return;
	moderation->busy = moderation->packets > ticks * DRAINFRONT_BUSY_RATE / HZ;
	moderation->bulk = moderation->packets >= DRAINFRONT_BULK_PACKETS * moderation->frames;
	moderation->frames = 0;
	moderation->packets = 0;
	moderation->since = jiffies;
}

static u32 drainfront_choose_gap(const struct drainfront_queue *queue)
{
	const struct drain_tuning *tuning = &queue->connection->front->tuning;
	const struct drainfront_moderation *moderation = &queue->moderation;
	u32 usecs = drain_tuned(tuning, DRAIN_TUNE_COALESCE_USECS);

	if (!drain_tuned(tuning, DRAIN_TUNE_COALESCE_ADAPTIVE))
		return usecs;
	if (moderation->interactive > DRAINFRONT_INTERACTIVE_MAX / 2)
		return 0;
	if (!moderation->busy)
		return 0;
	return moderation->bulk ? usecs : usecs / 2;
}

/**
 * drainfront_moderate() - learn from a drain, and adapt
 * @queue: that was drained
 * @frames: how many it brought; 0 teaches nothing
 *
 * Context: NAPI.
 */
void drainfront_moderate(struct drainfront_queue *queue, unsigned int frames)
{
	struct drainfront_moderation *moderation = &queue->moderation;
	u64 bytes, received;
	u32 gap_usecs;

	if (!frames)
		return;
	bytes = u64_stats_read(&queue->to_guest.stats.bytes);
	received = drainfront_packets(frames, bytes - moderation->bytes);
	moderation->bytes = bytes;
	drainfront_watch_dialogue(queue, frames, received);
	drainfront_watch_rate(moderation, frames, received);
	gap_usecs = drainfront_choose_gap(queue);
	if (gap_usecs == moderation->gap_usecs)
		return;
	moderation->gap_usecs = gap_usecs;
	drain_consumer_set_gap(&queue->to_guest.ix, gap_usecs);
}
