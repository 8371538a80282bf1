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

/* A directory of counters, one number a file, sorted by name. */
struct counters {
	struct counter *counter;
	size_t count;
};

/**
 * counters_read() - take a sample of a directory of counters
 * @counters: filled in, empty if there are none; counters_free() releases it
 * @directory: its path
 */
void counters_read(struct counters *counters, const char *directory);
void counters_free(struct counters *counters);

/* False if there is no counter of that name. */
bool counters_find(const struct counters *counters, const char *name, uint64_t *value);

/* What happened since @before; a counter that started afresh keeps its value. */
void counters_subtract(struct counters *counters, const struct counters *before);

#endif
