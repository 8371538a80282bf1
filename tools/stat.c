// SPDX-License-Identifier: GPL-2.0-only
#include "stat.h"

#include <stdio.h>
#include <unistd.h>

#include "funnel.h"
#include "json.h"
#include "sample.h"

static int no_statistics(const struct sample *sample, struct failure *failure)
{
	return fail(failure, FAILURE_TIMEOUT,
		    "vdrain %u of domain %u has no statistics: xen-drainback has not taken it "
		    "(backend is %s)", sample->device.handle, sample->domain.id,
		    device_state_name(sample->backend_state));
}

/* What happened since the first look, in place of the totals. */
static int sample_again(const struct store *store, const struct stat_request *request,
			struct samples *samples, struct failure *failure)
{
	struct samples before = *samples;
	const struct sample *first;
	struct sample *sample;
	size_t i;
	int ret;

	sleep(request->interval_seconds);
	ret = samples_take(store, request->domain, request->device, samples, failure);
	for (i = 0; !ret && i < before.count; i++)
		if (!samples_find(samples, &before.sample[i]))
			ret = fail(failure, FAILURE_TIMEOUT, "vdrain %u of domain %u has gone",
				   before.sample[i].device.handle, before.sample[i].domain.id);
	for (i = 0; !ret && i < samples->count; i++) {
		sample = &samples->sample[i];
		first = samples_find(&before, sample);
		if (first)
			sample_subtract(sample, first);
	}
	samples_free(&before);
	return ret;
}

static void print_json(const struct sample *sample)
{
	printf("{\"domain_id\": %u, \"domain\": ", sample->domain.id);
	json_text(stdout, sample->domain.name);
	printf(", \"handle\": %u, \"nic\": ", sample->device.handle);
	json_text(stdout, sample->nic);
	printf(", \"bridge\": ");
	json_text(stdout, sample->bridge);
	printf(", \"mac\": ");
	json_text(stdout, sample->mac);
	printf(", \"backend\": ");
	json_text(stdout, device_state_name(sample->backend_state));
	printf(", \"frontend\": ");
	json_text(stdout, device_state_name(sample->frontend_state));
	printf(", ");
	funnel_print_json(sample);
	printf("}");
}

static void print_funnel(const struct sample *sample)
{
	char port[PORT_TEXT_BYTES];

	sample_format_port(sample, port);
	printf("domain %u (%s): vdrain %u, %s, mac %s, backend %s, frontend %s\n",
	       sample->domain.id, sample->domain.name, sample->device.handle, port,
	       sample->mac ? sample->mac : "-",
	       device_state_name(sample->backend_state),
	       device_state_name(sample->frontend_state));
	funnel_print(sample);
}

/* A device without statistics is the exit status; the others are still worth printing. */
static int print_samples(const struct samples *samples, bool json, struct failure *failure)
{
	const char *between = json ? ",\n" : "\n";
	const char *before = "";
	size_t i;
	int ret = 0;

	if (json)
		printf("[");
	for (i = 0; i < samples->count; i++) {
		if (!samples->sample[i].total.count) {
			ret = no_statistics(&samples->sample[i], failure);
			continue;
		}
		printf("%s", before);
		before = between;
		if (json)
			print_json(&samples->sample[i]);
		else
			print_funnel(&samples->sample[i]);
	}
	if (json)
		printf("]\n");
	return ret;
}

int stat_devices(const struct store *store, const struct stat_request *request,
		 struct failure *failure)
{
	const struct domain *domain = request->domain;
	struct samples samples;
	int ret;

	ret = samples_take(store, domain, request->device, &samples, failure);
	if (!ret && domain && !samples.count)
		ret = fail(failure, FAILURE_INPUT, "domain %u (%s) has no vdrain device",
			   domain->id, domain->name);
	if (!ret && request->interval_seconds)
		ret = sample_again(store, request, &samples, failure);
	if (!ret)
		ret = print_samples(&samples, request->json, failure);
	samples_free(&samples);
	return ret;
}
