// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nic.h"
#include "sysfs.h"

struct sampling {
	struct samples *samples;
	struct failure *failure;
};

/* The backend has one directory for each queue of the connection. */
static void read_queues(struct sample *sample)
{
	char path[SYSFS_PATH_BYTES];
	struct counters *queues;
	unsigned int n;

	for (n = 0; n < QUEUES_MAX; n++) {
		snprintf(path, sizeof(path), DEVICE_SYSFS "/queue-%u", sample->device.domid,
			 sample->device.handle, n);
		if (!sysfs_exists("%s", path))
			return;
		queues = realloc(sample->queues, (n + 1) * sizeof(*queues));
		if (!queues)
			return;
		sample->queues = queues;
		counters_read(&queues[n], path);
		sample->num_queues++;
	}
}

static void read_counters(struct sample *sample)
{
	char path[SYSFS_PATH_BYTES];
	struct timespec now;

	snprintf(path, sizeof(path), DEVICE_SYSFS "/statistics", sample->device.domid,
		 sample->device.handle);
	counters_read(&sample->total, path);
	clock_gettime(CLOCK_MONOTONIC, &now);
	sample->taken_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	sample->has_nic_interrupts = sample->nic &&
		nic_interrupts(sample->nic, &sample->nic_interrupts);
	read_queues(sample);
}

static int take_sample(const struct store *store, const struct device *device, void *context)
{
	struct sampling *sampling = context;
	struct samples *samples = sampling->samples;
	struct sample *sample;

	sample = realloc(samples->sample, (samples->count + 1) * sizeof(*sample));
	if (!sample)
		return fail(sampling->failure, FAILURE_SYSTEM, "out of memory");
	samples->sample = sample;
	sample += samples->count++;
	memset(sample, 0, sizeof(*sample));
	sample->device = *device;
	sample->domain.id = device->domid;
	domain_read_name(store, &sample->domain);
	sample->nic = store_read_clean(store, device->backend, "nic");
	sample->bridge = store_read_clean(store, device->backend, "bridge");
	sample->mac = store_read_clean(store, device->backend, "mac");
	sample->backend_state = device_state(store, device->backend);
	sample->frontend_state = device_state(store, device->frontend);
	read_counters(sample);
	return 0;
}

int samples_take(const struct store *store, const struct domain *domain,
		 const struct device *device, struct samples *samples, struct failure *failure)
{
	struct sampling sampling = { .samples = samples, .failure = failure };

	memset(samples, 0, sizeof(*samples));
	if (!device)
		return device_each(store, domain, take_sample, &sampling);
	if (!store_exists(store, device->backend))
		return 0;
	return take_sample(store, device, &sampling);
}

static void free_sample(struct sample *sample)
{
	size_t i;

	free(sample->nic);
	free(sample->bridge);
	free(sample->mac);
	counters_free(&sample->total);
	for (i = 0; i < sample->num_queues; i++)
		counters_free(&sample->queues[i]);
	free(sample->queues);
}

void samples_free(struct samples *samples)
{
	size_t i;

	for (i = 0; i < samples->count; i++)
		free_sample(&samples->sample[i]);
	free(samples->sample);
	memset(samples, 0, sizeof(*samples));
}

const struct sample *samples_find(const struct samples *samples, const struct sample *like)
{
	size_t i;

	for (i = 0; i < samples->count; i++)
		if (samples->sample[i].device.domid == like->device.domid &&
		    samples->sample[i].device.handle == like->device.handle)
			return &samples->sample[i];
	return NULL;
}

void sample_format_port(const struct sample *sample, char text[PORT_TEXT_BYTES])
{
	if (sample->nic)
		snprintf(text, PORT_TEXT_BYTES, "nic %s", sample->nic);
	else
		snprintf(text, PORT_TEXT_BYTES, "bridge %s",
			 sample->bridge ? sample->bridge : "-");
}

void sample_subtract(struct sample *sample, const struct sample *before)
{
	size_t i;

	counters_subtract(&sample->total, &before->total);
	for (i = 0; i < sample->num_queues && i < before->num_queues; i++)
		counters_subtract(&sample->queues[i], &before->queues[i]);
	if (before->has_nic_interrupts && sample->nic_interrupts >= before->nic_interrupts)
		sample->nic_interrupts -= before->nic_interrupts;
}
