/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring with both its ends, started at any index: a ring that has carried
 * @start bytes and is empty. The headers start at 0, and 2^32 is far from there.
 */
#ifndef UNIT_RIG_H
#define UNIT_RIG_H

#include <stdio.h>

#include "../../ring/index.h"

struct rig {
	struct drain_ring ring;
	struct drain_producer_index producer;
	struct drain_consumer_index consumer;
};

static inline void rig_start(struct rig *rig, u32 ring_bytes, u32 start)
{
	drain_ring_reset(&rig->ring, ring_bytes);
	drain_producer_init(&rig->producer, &rig->ring, ring_bytes);
	drain_consumer_init(&rig->consumer, &rig->ring, ring_bytes);
	rig->producer.prod += start;
	rig->producer.published += start;
	rig->producer.judged += start;
	rig->producer.limit += start;
	rig->consumer.seen += start;
	rig->consumer.limit += start;
	rig->ring.producer.prod = cpu_to_le32(start);
	rig->ring.producer.wake_at = cpu_to_le32(start);
	rig->ring.consumer.limit = cpu_to_le32(start + ring_bytes);
	rig->ring.consumer.event_at = cpu_to_le32(start);
}

/* The private indices may be torn here if the threads still run: it is for a hang. */
static inline void rig_print(const struct rig *rig)
{
	const struct drain_producer_index *producer = &rig->producer;
	const struct drain_consumer_index *consumer = &rig->consumer;

	fprintf(stderr, "ring of %u bytes\n", producer->ring_bytes);
	fprintf(stderr, "producer: prod %u published %u judged %u limit %u\n", producer->prod,
		producer->published, producer->judged, producer->limit);
	fprintf(stderr, "consumer: seen %u limit %u\n", consumer->seen, consumer->limit);
	fprintf(stderr, "shared: prod %u wake_at %u limit %u event_at %u gap_usecs %u\n",
		le32_to_cpu(drain_load(&rig->ring.producer.prod)),
		le32_to_cpu(drain_load(&rig->ring.producer.wake_at)),
		le32_to_cpu(drain_load(&rig->ring.consumer.limit)),
		le32_to_cpu(drain_load(&rig->ring.consumer.event_at)),
		le32_to_cpu(drain_load(&rig->ring.consumer.gap_usecs)));
}

#endif /* UNIT_RIG_H */
