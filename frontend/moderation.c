// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moderation: how often the backend may wake this guest. The backend raises
 * the flag of the first frame after quiet at once, and the next no sooner than
 * gap_usecs after; so a gap costs the first frame nothing. It is worth having
 * when frames come faster than wake-ups are cheap, one by one, and nobody
 * waits for an answer to each.
 *
 * Measured (README, "Moderation"): a wake-up is 21,000 instructions; frames
 * every 50 us cost a wake-up each without a gap and one in ten with 500 us,
 * while a fixed gap doubles the round trip of 1-byte requests.
 */
#include "drainfront.h"

/* Below this time per frame a gap pays for itself. */
#define DRAINFRONT_BUSY_NS		(80 * NSEC_PER_USEC)

/* Quiet counts as this much at most, so that a burst is noticed in time. */
#define DRAINFRONT_QUIET_NS		(400 * NSEC_PER_USEC)

#define DRAINFRONT_INTERACTIVE_MAX	8

/* A drain of a frame or two, and as many sent since the last: a dialogue. */
static void drainfront_watch_dialogue(struct drainfront_queue *queue, unsigned int frames)
{
	struct drainfront_moderation *moderation = &queue->moderation;
	u64 sent = u64_stats_read(&queue->to_host.stats.frames);

	if (frames <= 2 && sent - moderation->frames_sent >= frames) {
		if (moderation->interactive < DRAINFRONT_INTERACTIVE_MAX)
			moderation->interactive++;
	} else if (moderation->interactive) {
		moderation->interactive--;
	}
	moderation->frames_sent = sent;
}

static void drainfront_watch_rate(struct drainfront_moderation *moderation, unsigned int frames)
{
	u64 now = ktime_get_ns();
	u64 frame_ns = div_u64(now - moderation->drained_ns, frames);

	moderation->drained_ns = now;
	frame_ns = min_t(u64, frame_ns, DRAINFRONT_QUIET_NS);
	moderation->frame_ns += (s32)((u32)frame_ns - moderation->frame_ns) / 8;
}

static u32 drainfront_choose_gap(const struct drainfront_queue *queue)
{
	const struct drainfront *front = queue->connection->front;
	const struct drainfront_moderation *moderation = &queue->moderation;

	if (!front->adaptive)
		return front->usecs;
	if (moderation->interactive > DRAINFRONT_INTERACTIVE_MAX / 2)
		return 0;
	return moderation->frame_ns < DRAINFRONT_BUSY_NS ? front->usecs : 0;
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
	u32 gap_usecs;

	if (!frames)
		return;
	drainfront_watch_dialogue(queue, frames);
	drainfront_watch_rate(moderation, frames);
	gap_usecs = drainfront_choose_gap(queue);
	if (gap_usecs == moderation->gap_usecs)
		return;
	moderation->gap_usecs = gap_usecs;
	drain_consumer_set_gap(&queue->to_guest.ix, gap_usecs);
}
