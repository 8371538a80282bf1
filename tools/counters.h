/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_COUNTERS_H
#define XENDRAIN_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTER_NAME_BYTES 64

struct counter {
	char name[COUNTER_NAME_BYTES];
	uint64_t value;
};

/* A device's statistics directory, sorted by name, and its NIC's interrupts. */
struct counters {
	struct counter *counter;
	size_t count;
	bool has_nic_interrupts;
	uint64_t nic_interrupts;
};

/**
 * counters_read() - take a sample of a device's counters
 * @counters: filled in; counters_free() releases it
 * @domid: the guest
 * @handle: the device
 * @nic: its NIC, or NULL
 *
 * Return: whether the backend has statistics of this device.
 */
bool counters_read(struct counters *counters, unsigned int domid, unsigned int handle,
		   const char *nic);
void counters_free(struct counters *counters);

/* False if there is no counter of that name. */
bool counters_find(const struct counters *counters, const char *name, uint64_t *value);

/* What happened since @before; a counter that started afresh keeps its value. */
void counters_subtract(struct counters *counters, const struct counters *before);

#endif
