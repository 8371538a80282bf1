// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

#define COUNTERS_MAX 1024

static int compare_names(const void *left, const void *right)
{
	const struct counter *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void add_counter(struct counters *counters, const char *directory, const char *name)
{
	struct counter *counter = &counters->counter[counters->count];

	if (name[0] == '.' || strlen(name) >= sizeof(counter->name))
		return;
	if (!sysfs_read_number(&counter->value, "%s/%s", directory, name))
		return;
	memcpy(counter->name, name, strlen(name) + 1);
	counters->count++;
}

void counters_read(struct counters *counters, const char *directory)
{
	struct dirent *entry;
	DIR *stream = opendir(directory);

	memset(counters, 0, sizeof(*counters));
	if (!stream)
		return;
	counters->counter = calloc(COUNTERS_MAX, sizeof(*counters->counter));
	while (counters->counter && counters->count < COUNTERS_MAX && (entry = readdir(stream)))
		add_counter(counters, directory, entry->d_name);
	closedir(stream);
	if (counters->count)
		qsort(counters->counter, counters->count, sizeof(*counters->counter),
		      compare_names);
}

void counters_free(struct counters *counters)
{
	free(counters->counter);
	memset(counters, 0, sizeof(*counters));
}

bool counters_find(const struct counters *counters, const char *name, uint64_t *value)
{
	size_t i;

	for (i = 0; i < counters->count; i++) {
		if (strcmp(counters->counter[i].name, name))
			continue;
		*value = counters->counter[i].value;
		return true;
	}
	return false;
}

void counters_subtract(struct counters *counters, const struct counters *before)
{
	uint64_t value;
	size_t i;

	for (i = 0; i < counters->count; i++)
		if (counters_find(before, counters->counter[i].name, &value) &&
		    counters->counter[i].value >= value)
			counters->counter[i].value -= value;
}
