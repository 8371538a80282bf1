// SPDX-License-Identifier: GPL-2.0-only
#include "stat.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "counters.h"
#include "funnel.h"

/* A device that is sampled, and its first sample. */
struct sampled {
	struct device device;
	char *nic;
	char *mac;
	struct counters counters;
};

struct samples {
	const struct stat_request *request;
	struct failure *failure;
	struct sampled *sampled;
	size_t count;
	size_t room;
	int missing;	/* the exit code, if a device had no statistics */
};

static int no_statistics(const struct store *store, const struct device *device,
			 struct failure *failure)
{
	return fail(failure, FAILURE_TIMEOUT,
		    "vdrain %u of domain %u has no statistics: xen-drainback has not taken it "
		    "(backend is %s)", device->handle, device->domid,
		    device_state_name(device_state(store, device->backend)));
}

static void free_sampled(struct sampled *sampled)
{
	free(sampled->nic);
	free(sampled->mac);
	counters_free(&sampled->counters);
}

static int take_sample(const struct store *store, const struct device *device, void *context)
{
	struct samples *samples = context;
	struct sampled *sampled;

	if (samples->count == samples->room)
		return fail(samples->failure, FAILURE_SYSTEM, "too many devices appeared");
	sampled = &samples->sampled[samples->count];
	sampled->device = *device;
	sampled->nic = store_read(store, "%s/nic", device->backend);
	sampled->mac = store_read(store, "%s/mac", device->backend);
	if (counters_read(&sampled->counters, device->domid, device->handle, sampled->nic)) {
		samples->count++;
		return 0;
	}
	/* The others are still worth printing. */
	free_sampled(sampled);
	samples->missing = no_statistics(store, device, samples->failure);
	return 0;
}

static void free_samples(struct samples *samples)
{
	size_t i;

	for (i = 0; i < samples->count; i++)
		free_sampled(&samples->sampled[i]);
	free(samples->sampled);
}

static int sample_again(const struct store *store, struct samples *samples)
{
	struct counters before;
	struct sampled *sampled;
	size_t i;

	sleep(samples->request->interval_seconds);
	for (i = 0; i < samples->count; i++) {
		sampled = &samples->sampled[i];
		before = sampled->counters;
		if (!counters_read(&sampled->counters, sampled->device.domid,
				   sampled->device.handle, sampled->nic)) {
			counters_free(&before);
			return no_statistics(store, &sampled->device, samples->failure);
		}
		counters_subtract(&sampled->counters, &before);
		counters_free(&before);
	}
	return 0;
}

static void print_json_text(const char *key, const char *text)
{
	printf("\"%s\": \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	printf("\", ");
}

static void print_json(const struct sampled *sampled, const struct domain *domain)
{
	printf("{\"domain_id\": %u, ", domain->id);
	print_json_text("domain", domain->name);
	printf("\"handle\": %u, ", sampled->device.handle);
	print_json_text("nic", sampled->nic ? sampled->nic : "");
	print_json_text("mac", sampled->mac ? sampled->mac : "");
	funnel_print_json(&sampled->counters);
	printf("}");
}

static void print_samples(const struct store *store, const struct samples *samples)
{
	const struct stat_request *request = samples->request;
	const struct sampled *sampled = samples->sampled;
	size_t i;

	if (request->json)
		printf("[");
	for (i = 0; i < samples->count; i++, sampled++) {
		if (request->json) {
			printf("%s", i ? ",\n" : "");
			print_json(sampled, request->domain);
			continue;
		}
		printf("%sdomain %u (%s): vdrain %u, nic %s, mac %s, backend %s, frontend %s\n",
		       i ? "\n" : "", request->domain->id, request->domain->name,
		       sampled->device.handle, sampled->nic ? sampled->nic : "-",
		       sampled->mac ? sampled->mac : "-",
		       device_state_name(device_state(store, sampled->device.backend)),
		       device_state_name(device_state(store, sampled->device.frontend)));
		funnel_print(&sampled->counters);
	}
	if (request->json)
		printf("]\n");
}

static int take_samples(const struct store *store, struct samples *samples)
{
	const struct stat_request *request = samples->request;
	struct device device;
	int ret;

	if (!request->handle)
		return device_each(store, request->domain, take_sample, samples);
	ret = device_find(store, request->domain, request->handle, &device, samples->failure);
	return ret ?: take_sample(store, &device, samples);
}

int stat_devices(const struct store *store, const struct stat_request *request,
		 struct failure *failure)
{
	struct samples samples = { .request = request, .failure = failure };
	int ret;

	free(device_handles(store, request->domain->id, &samples.room));
	if (!samples.room)
		return fail(failure, FAILURE_INPUT, "domain %u (%s) has no vdrain device",
			    request->domain->id, request->domain->name);
	samples.sampled = calloc(samples.room, sizeof(*samples.sampled));
	if (!samples.sampled)
		return fail(failure, FAILURE_SYSTEM, "out of memory");
	ret = take_samples(store, &samples);
	if (!ret && samples.count && request->interval_seconds)
		ret = sample_again(store, &samples);
	if (!ret && samples.count)
		print_samples(store, &samples);
	free_samples(&samples);
	return ret ?: samples.missing;
}
