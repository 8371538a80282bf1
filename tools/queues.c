// SPDX-License-Identifier: GPL-2.0-only
#include "queues.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "health.h"
#include "options.h"
#include "sysfs.h"

struct look {
	struct queues *devices;
	size_t count;
	struct failure *failure;
};

static void read_queues(struct queues *queues)
{
	char path[SYSFS_PATH_BYTES];
	struct counters *now;
	unsigned int n;

	for (n = 0; n < QUEUES_MAX; n++) {
		snprintf(path, sizeof(path), DEVICE_SYSFS "/queue-%u/now", queues->device.domid,
			 queues->device.handle, n);
		if (!sysfs_exists("%s", path))
			return;
		now = realloc(queues->now, (n + 1) * sizeof(*now));
		if (!now)
			return;
		queues->now = now;
		counters_read(&now[n], path);
		queues->num_queues++;
	}
}

static int take_device(const struct store *store, const struct device *device, void *context)
{
	struct look *look = context;
	struct queues *queues;

	queues = realloc(look->devices, (look->count + 1) * sizeof(*queues));
	if (!queues)
		return fail(look->failure, FAILURE_SYSTEM, "out of memory");
	look->devices = queues;
	queues += look->count++;
	memset(queues, 0, sizeof(*queues));
	queues->device = *device;
	queues->domain.id = device->domid;
	domain_read_name(store, &queues->domain);
	queues->backend_state = device_state(store, device->backend);
	queues->frontend_state = device_state(store, device->frontend);
	queues->served = sysfs_read_text(queues->last_error, sizeof(queues->last_error),
					 DEVICE_SYSFS "/last_error", device->domid, device->handle);
	clean_text(queues->last_error);
	read_queues(queues);
	return 0;
}

static int look_at(const struct store *store, const struct queues_request *request,
		   struct look *look, struct failure *failure)
{
	*look = (struct look){ .failure = failure };
	if (request->device)
		return take_device(store, request->device, look);
	return device_each(store, request->domain, take_device, look);
}

static void look_free(struct look *look)
{
	size_t i, n;

	for (i = 0; i < look->count; i++) {
		for (n = 0; n < look->devices[i].num_queues; n++)
			counters_free(&look->devices[i].now[n]);
		free(look->devices[i].now);
	}
	free(look->devices);
}

static int must_have_devices(const struct queues_request *request, const struct look *look,
			     struct failure *failure)
{
	if (look->count || !request->domain)
		return 0;
	return fail(failure, FAILURE_INPUT, "domain %u (%s) has no vdrain device",
		    request->domain->id, request->domain->name);
}

/* --- dump ------------------------------------------------------------------- */

static void dump_device(const struct queues *queues)
{
	const struct counters *now;
	size_t n, i;

	printf("domain %u (%s): vdrain %u, backend %s, frontend %s\n", queues->domain.id,
	       queues->domain.name, queues->device.handle,
	       device_state_name(queues->backend_state),
	       device_state_name(queues->frontend_state));
	printf("  last error of the guest: %s\n",
	       queues->last_error[0] ? queues->last_error : "none");
	for (n = 0; n < queues->num_queues; n++) {
		now = &queues->now[n];
		printf("  queue %zu:\n", n);
		for (i = 0; i < now->count; i++)
			printf("    %-24s %10" PRIu64 "\n", now->counter[i].name,
			       now->counter[i].value);
	}
}

int queues_dump(const struct store *store, const struct queues_request *request,
		struct failure *failure)
{
	struct look look;
	size_t i;
	int ret;

	ret = look_at(store, request, &look, failure);
	ret = ret ?: must_have_devices(request, &look, failure);
	for (i = 0; !ret && i < look.count; i++) {
		if (look.devices[i].served)
			dump_device(&look.devices[i]);
		else
			ret = fail(failure, FAILURE_TIMEOUT,
				   "vdrain %u of domain %u: xen-drainback has not taken it "
				   "(backend is %s)", look.devices[i].device.handle,
				   look.devices[i].domain.id,
				   device_state_name(look.devices[i].backend_state));
	}
	look_free(&look);
	return ret;
}

/* --- health ----------------------------------------------------------------- */

static const struct queues *find(const struct look *look, const struct device *device)
{
	size_t i;

	for (i = 0; i < look->count; i++)
		if (look->devices[i].device.domid == device->domid &&
		    look->devices[i].device.handle == device->handle)
			return &look->devices[i];
	return NULL;
}

int queues_health(const struct store *store, const struct queues_request *request,
		  struct failure *failure)
{
	struct look before, after = { 0 };
	size_t stalled = 0, i;
	int ret;

	ret = look_at(store, request, &before, failure);
	ret = ret ?: must_have_devices(request, &before, failure);
	if (!ret) {
		sleep(request->interval_seconds);
		ret = look_at(store, request, &after, failure);
	}
	for (i = 0; !ret && i < after.count; i++)
		stalled += health_judge(stdout, find(&before, &after.devices[i].device),
					&after.devices[i]);
	if (!ret && stalled)
		ret = fail(failure, FAILURE_TIMEOUT, "%zu of the queues stand still, or are not "
			   "connected", stalled);
	else if (!ret)
		printf("%zu device%s, no queue stands still\n", after.count,
		       after.count == 1 ? "" : "s");
	look_free(&before);
	look_free(&after);
	return ret;
}
