/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_SAMPLE_H
#define XENDRAIN_SAMPLE_H

#include "counters.h"
#include "device.h"

#define PORT_TEXT_BYTES 64

/* One look at a device. */
struct sample {
	struct device device;
	struct domain domain;
	char *nic;			/* NULL: none */
	char *bridge;
	char *mac;
	unsigned int backend_state;
	unsigned int frontend_state;
	int64_t taken_ns;		/* CLOCK_MONOTONIC */
	bool has_nic_interrupts;
	uint64_t nic_interrupts;
	struct counters total;		/* empty: the backend has not taken the device */
	struct counters *queues;
	size_t num_queues;
};

struct samples {
	struct sample *sample;
	size_t count;
};

/**
 * samples_take() - look at devices
 * @store: the connection
 * @domain: whose, NULL: everybody's
 * @device: that one alone, NULL: all; one that is gone is left out
 * @samples: filled in; samples_free() releases it, whatever is returned
 * @failure: why not
 *
 * Return: 0 or FAILURE_SYSTEM.
 */
int samples_take(const struct store *store, const struct domain *domain,
		 const struct device *device, struct samples *samples, struct failure *failure);
void samples_free(struct samples *samples);

/* The sample of the same device, or NULL. */
const struct sample *samples_find(const struct samples *samples, const struct sample *like);

/* "nic eth0" or "bridge xenbr0", for people. */
void sample_format_port(const struct sample *sample, char text[PORT_TEXT_BYTES]);

/* What happened since @before, an earlier sample of the same device. */
void sample_subtract(struct sample *sample, const struct sample *before);

#endif
