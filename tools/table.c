// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <string.h>

#include "rate.h"

/*
 * The two directions. Frames and bytes are taken from the backend's own books:
 * what it put in, or took out. What the guest counts is marked.
 */
static const struct direction {
	const char *label;
	const char *prefix;
	const char *frames;
	const char *bytes;
	const char *producer_mark;
	const char *consumer_mark;
} directions[] = {
	{ "to guest", "to_guest", "frames_in", "bytes_in", "", "*" },
	{ "to host", "to_host", "frames_out", "bytes_out", "*", "" },
};

#define DIRECTIONS (sizeof(directions) / sizeof(directions[0]))

/* Two looks at the counters of a device or of a queue, and the time between. */
struct span {
	const struct counters *now;
	const struct counters *before;
	int64_t ns;
};

static uint64_t happened(uint64_t now, uint64_t before)
{
	/* Less than before: it started afresh. */
	return now < before ? now : now - before;
}

static uint64_t count_in(const struct span *span, const struct direction *direction,
			 const char *name)
{
	uint64_t now = 0, before = 0;
	char full[COUNTER_NAME_BYTES];

	snprintf(full, sizeof(full), "%s_%s", direction->prefix, name);
	counters_find(span->now, full, &now);
	counters_find(span->before, full, &before);
	return happened(now, before);
}

static void print_cell(FILE *out, int width, double rate, const char *mark)
{
	char text[RATE_TEXT_BYTES];

	rate_format(rate, text);
	fprintf(out, "%*s%-1s", width, text, mark);
}

static double per_second(const struct span *span, const struct direction *direction,
			 const char *name)
{
	return rate_per_second(count_in(span, direction, name), span->ns);
}

static void print_row(FILE *out, const char *label, const struct direction *direction,
		      const struct span *span)
{
	uint64_t frames = count_in(span, direction, direction->frames);
	double drops = per_second(span, direction, "drops") +
		       per_second(span, direction, "consumer_drops");

	fprintf(out, "%-10.10s", label);
	print_cell(out, 9, rate_per_second(frames, span->ns), "");
	print_cell(out, 8, per_second(span, direction, direction->bytes) * 8 / 1e6, "");
	print_cell(out, 8, per_second(span, direction, "flags"), direction->producer_mark);
	print_cell(out, 9, per_second(span, direction, "upcalls"), direction->consumer_mark);
	print_cell(out, 8, drops, "*");
	print_cell(out, 10, rate_per_1000(count_in(span, direction, "upcalls"), frames),
		   direction->consumer_mark);
	print_cell(out, 10, rate_per_1000(count_in(span, direction, "hypercalls"), frames),
		   direction->consumer_mark);
	putc('\n', out);
}

static void print_column_names(FILE *out)
{
	fprintf(out, "%60s%s\n", "", "per 1000 frames:");
	fprintf(out, "%19s %8s %8s %9s %8s %10s %10s\n", "frames/s", "Mbit/s", "flags/s",
		"upcalls/s", "drops/s", "upcalls", "hypercalls");
}

/* One queue has nothing to add to the device's numbers. */
static void print_directions(FILE *out, const struct sample *now, const struct sample *before)
{
	static const struct counters none;
	struct span span = { .ns = now->taken_ns - before->taken_ns };
	char label[sizeof("  queue 18446744073709551615")];
	size_t i, queue;

	for (i = 0; i < DIRECTIONS; i++) {
		span.now = &now->total;
		span.before = &before->total;
		print_row(out, directions[i].label, &directions[i], &span);
		for (queue = 0; queue < now->num_queues && now->num_queues > 1; queue++) {
			snprintf(label, sizeof(label), "  queue %zu", queue);
			span.now = &now->queues[queue];
			span.before = queue < before->num_queues ? &before->queues[queue] : &none;
			print_row(out, label, &directions[i], &span);
		}
	}
}

static void print_nic(FILE *out, const struct sample *now, const struct sample *before)
{
	struct span span = { &now->total, &before->total, now->taken_ns - before->taken_ns };
	uint64_t frames = count_in(&span, &directions[0], directions[0].frames);
	char each_second[RATE_TEXT_BYTES], per_1000[RATE_TEXT_BYTES];
	uint64_t interrupts;

	if (!now->has_nic_interrupts || !before->has_nic_interrupts)
		return;
	interrupts = happened(now->nic_interrupts, before->nic_interrupts);
	rate_format(rate_per_second(interrupts, span.ns), each_second);
	rate_format(rate_per_1000(interrupts, frames), per_1000);
	fprintf(out, "  NIC interrupts: %s a second, %s per 1000 frames to guest\n", each_second,
		per_1000);
}

static void print_device(FILE *out, const struct sample *now, const struct sample *before)
{
	char port[PORT_TEXT_BYTES];

	sample_format_port(now, port);
	fprintf(out, "domain %u (%s), vdrain %u, %s: backend %s, frontend %s\n",
		now->domain.id, now->domain.name, now->device.handle, port,
		device_state_name(now->backend_state), device_state_name(now->frontend_state));
	if (!now->total.count) {
		fputs("  no statistics: xen-drainback has not taken it\n", out);
	} else if (!before || !before->total.count) {
		fputs("  new\n", out);
	} else {
		print_nic(out, now, before);
		print_directions(out, now, before);
	}
}

void table_print(FILE *out, const struct samples *now, const struct samples *before)
{
	size_t i;

	if (!now->count) {
		fputs("no vdrain device\n", out);
		return;
	}
	print_column_names(out);
	for (i = 0; i < now->count; i++)
		print_device(out, &now->sample[i], samples_find(before, &now->sample[i]));
}

void table_clip(FILE *out, const char *text, unsigned int rows, unsigned int columns)
{
	unsigned int row;
	size_t bytes;

	for (row = 1; *text && row < rows; row++) {
		bytes = strcspn(text, "\n");
		fwrite(text, 1, bytes < columns ? bytes : columns, out);
		fputs("\033[K\n", out);
		text += bytes + (text[bytes] == '\n');
	}
}
