// SPDX-License-Identifier: GPL-2.0-only
#include "health.h"

#include <inttypes.h>

/* One queue, at two moments. */
struct watched {
	FILE *out;
	const struct queues *queues;
	size_t queue;
	const struct counters *before, *after;
};

static uint64_t value(const struct counters *now, const char *name)
{
	uint64_t number = 0;

	counters_find(now, name, &number);
	return number;
}

static bool stood(const struct watched *watched, const char *name)
{
	return value(watched->before, name) == value(watched->after, name);
}

static bool holds(const struct watched *watched, const char *name)
{
	return value(watched->before, name) && value(watched->after, name);
}

static void complain(const struct watched *watched, const char *direction, const char *who,
		     const char *why)
{
	char name[40];

	snprintf(name, sizeof(name), "%s_waiting_bytes", direction);
	fprintf(watched->out, "domain %u (%s): vdrain %u queue %zu: %s stands still, %" PRIu64
		" bytes wait: %s is late, %s\n",
		watched->queues->domain.id, watched->queues->domain.name,
		watched->queues->device.handle, watched->queue, direction,
		value(watched->after, name), who, why);
}

static bool to_guest_stalled(const struct watched *watched)
{
	if (!holds(watched, "to_guest_waiting_bytes") || !stood(watched, "to_guest_limit"))
		return false;
	if (value(watched->after, "to_guest_produced") !=
	    value(watched->after, "to_guest_published") &&
	    stood(watched, "to_guest_published"))
		complain(watched, "to_guest", "dom0", "it has not published them");
	else if (holds(watched, "to_guest_flag_due") && stood(watched, "to_guest_published"))
		complain(watched, "to_guest", "dom0", "it owes the guest a flag");
	else
		complain(watched, "to_guest", "the guest", "it fetches nothing");
	return true;
}

static bool to_host_stalled(const struct watched *watched)
{
	if (!holds(watched, "to_host_waiting_bytes") || !stood(watched, "to_host_parsed"))
		return false;
	if (holds(watched, "to_host_throttled"))
		complain(watched, "to_host", "dom0", "its NIC does not send what it has");
	else if (holds(watched, "to_host_out_of_credit"))
		complain(watched, "to_host", "nobody", "the rate limit holds them back");
	else if (value(watched->after, "to_host_event_at") !=
		 value(watched->after, "to_host_fetched") || holds(watched, "masked"))
		complain(watched, "to_host", "dom0", "it does not drain");
	else
		complain(watched, "to_host", "the guest", "it has not raised dom0's flag");
	return true;
}

/* An offer waits for dom0; without one, dom0 waits for the guest. */
static const char *who_is_late(const struct queues *queues)
{
	if (!queues->served || queues->frontend_state == STATE_INITIALISED)
		return "dom0";
	return "the guest";
}

static bool disconnected(FILE *out, const struct queues *queues)
{
	if (queues->backend_state == STATE_CONNECTED &&
	    queues->frontend_state == STATE_CONNECTED)
		return false;
	fprintf(out, "domain %u (%s): vdrain %u: not connected, backend %s, frontend %s: "
		"%s is late", queues->domain.id, queues->domain.name, queues->device.handle,
		device_state_name(queues->backend_state),
		device_state_name(queues->frontend_state), who_is_late(queues));
	if (queues->last_error[0])
		fprintf(out, "; last error: %s", queues->last_error);
	fputc('\n', out);
	return true;
}

size_t health_judge(FILE *out, const struct queues *before, const struct queues *after)
{
	struct watched watched = { .out = out, .queues = after };
	bool to_guest, to_host;
	size_t stalled = 0, n;

	if (disconnected(out, after))
		return 1;
	for (n = 0; before && n < before->num_queues && n < after->num_queues; n++) {
		watched.queue = n;
		watched.before = &before->now[n];
		watched.after = &after->now[n];
		to_guest = to_guest_stalled(&watched);
		to_host = to_host_stalled(&watched);
		stalled += to_guest || to_host;
	}
	return stalled;
}
