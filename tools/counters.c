// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nic.h"
#include "sysfs.h"

#define STATISTICS "/sys/bus/xen-backend/devices/vdrain-%u-%u/statistics"
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

bool counters_read(struct counters *counters, unsigned int domid, unsigned int handle,
		   const char *nic)
{
	char path[SYSFS_PATH_BYTES];
	struct dirent *entry;
	DIR *directory;

	memset(counters, 0, sizeof(*counters));
	snprintf(path, sizeof(path), STATISTICS, domid, handle);
	directory = opendir(path);
	if (!directory)
		return false;
	counters->counter = calloc(COUNTERS_MAX, sizeof(*counters->counter));
	while (counters->counter && counters->count < COUNTERS_MAX &&
	       (entry = readdir(directory)))
		add_counter(counters, path, entry->d_name);
	closedir(directory);
	if (counters->count)
		qsort(counters->counter, counters->count, sizeof(*counters->counter),
		      compare_names);
	counters->has_nic_interrupts = nic && nic_interrupts(nic, &counters->nic_interrupts);
	return counters->count > 0;
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

static void subtract(uint64_t *value, uint64_t before)
{
	if (*value >= before)
		*value -= before;
}

void counters_subtract(struct counters *counters, const struct counters *before)
{
	uint64_t value;
	size_t i;

	for (i = 0; i < counters->count; i++)
		if (counters_find(before, counters->counter[i].name, &value))
			subtract(&counters->counter[i].value, value);
	if (before->has_nic_interrupts)
		subtract(&counters->nic_interrupts, before->nic_interrupts);
}
