// SPDX-License-Identifier: GPL-2.0-only
#include "funnel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * A stage's number comes from the backend's own books, or from the guest's
 * page, which it can fill as it likes.
 */
enum stage_side { PRODUCER, CONSUMER };

struct stage {
	const char *counter;
	const char *label;
	enum stage_side side;
};

static const struct stage stages[] = {
	{ "frames_in", "frames put into the ring", PRODUCER },
	{ "bytes_in", "  bytes in them", PRODUCER },
	{ "batches", "batches published", PRODUCER },
	{ "flags", "flags raised (events sent)", PRODUCER },
	{ "upcalls", "upcalls taken", CONSUMER },
	{ "drains", "drains", CONSUMER },
	{ "hypercalls", "copy hypercalls", CONSUMER },
	{ "copies", "  copy operations in them", CONSUMER },
	{ "frames_out", "frames taken out", CONSUMER },
	{ "bytes_out", "  bytes in them", CONSUMER },
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

/* One of the two directions of one device. */
struct direction {
	const struct sample *sample;
	const char *prefix;
	const char *title;
	enum stage_side guest_side;
	uint64_t frames;
};

static bool find(const struct direction *direction, const char *name, uint64_t *value)
{
	char full[COUNTER_NAME_BYTES];

	snprintf(full, sizeof(full), "%s_%s", direction->prefix, name);
	return counters_find(&direction->sample->total, full, value);
}

static void print_count(const struct direction *direction, const char *label, const char *mark,
			bool known, uint64_t value)
{
	printf("  %-30s%-2s", label, mark);
	if (!known)
		printf("%16s %14s\n", "-", "-");
	else if (!direction->frames)
		printf("%16" PRIu64 " %14s\n", value, "-");
	else
		printf("%16" PRIu64 " %14.1f\n", value, value * 1000.0 / direction->frames);
}

static void print_stages(const struct direction *direction)
{
	uint64_t value;
	bool known;
	size_t i;

	for (i = 0; i < STAGES; i++) {
		value = 0;
		known = find(direction, stages[i].counter, &value);
		print_count(direction, stages[i].label,
			    stages[i].side == direction->guest_side ? "*" : "", known, value);
	}
}

/* The total, then what it is made of: files named after the total and a cause. */
static void print_drops(const struct direction *direction, const char *name, const char *label,
			enum stage_side side)
{
	const struct counters *counters = &direction->sample->total;
	const char *mark = side == direction->guest_side ? "*" : "";
	char prefix[COUNTER_NAME_BYTES], cause[COUNTER_NAME_BYTES + 2];
	uint64_t value = 0;
	bool known;
	size_t i;

	known = find(direction, name, &value);
	print_count(direction, label, mark, known, value);
	snprintf(prefix, sizeof(prefix), "%s_%s_", direction->prefix, name);
	for (i = 0; i < counters->count; i++) {
		if (strncmp(counters->counter[i].name, prefix, strlen(prefix)))
			continue;
		snprintf(cause, sizeof(cause), "  %s", counters->counter[i].name + strlen(prefix));
		print_count(direction, cause, mark, true, counters->counter[i].value);
	}
}

static void print_mask(const struct direction *direction)
{
	uint64_t value = 0;
	bool known = find(direction, "masked_upcalls", &value);

	print_count(direction, value ? "upcalls while draining: BUG" : "upcalls while draining",
		    direction->guest_side == CONSUMER ? "*" : "", known, value);
}

static void print_direction(struct direction *direction)
{
	const struct sample *sample = direction->sample;

	if (!find(direction, "frames_in", &direction->frames))
		direction->frames = 0;
	printf("\n%-34s%16s %14s\n", direction->title, "count", "per 1000 frames");
	if (direction->guest_side == CONSUMER)
		print_count(direction, "NIC interrupts", "+", sample->has_nic_interrupts,
			    sample->nic_interrupts);
	print_stages(direction);
	print_drops(direction, "drops", "drops before the ring", PRODUCER);
	print_drops(direction, "consumer_drops", "drops after the ring", CONSUMER);
	print_mask(direction);
}

void funnel_print(const struct sample *sample)
{
	struct direction to_guest = {
		.sample = sample, .prefix = "to_guest", .title = "to guest",
		.guest_side = CONSUMER,
	};
	struct direction to_host = {
		.sample = sample, .prefix = "to_host", .title = "to host",
		.guest_side = PRODUCER,
	};

	print_direction(&to_guest);
	print_direction(&to_host);
	printf("\n  * the guest's own word   + all of the NIC's interrupts, whoever caused them\n");
}

static void print_members(const struct counters *counters, const char *before)
{
	size_t i;

	for (i = 0; i < counters->count; i++, before = ", ")
		printf("%s\"%s\": %" PRIu64, before, counters->counter[i].name,
		       counters->counter[i].value);
}

void funnel_print_json(const struct sample *sample)
{
	size_t i;

	if (sample->has_nic_interrupts)
		printf("\"nic_interrupts\": %" PRIu64, sample->nic_interrupts);
	else
		printf("\"nic_interrupts\": null");
	print_members(&sample->total, ", ");
	printf(", \"queues\": [");
	for (i = 0; i < sample->num_queues; i++) {
		printf("%s{", i ? ", " : "");
		print_members(&sample->queues[i], "");
		printf("}");
	}
	printf("]");
}
