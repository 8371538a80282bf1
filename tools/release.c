// SPDX-License-Identifier: GPL-2.0-only
#include "release.h"

#include <stdlib.h>

#include "hotplug.h"

static int remove_device(const struct store *store, void *context, struct failure *failure)
{
	(void)failure;
	device_remove(store, context);
	return 0;
}

int release_device(struct store *store, const struct device *device, struct failure *failure)
{
	struct device released = *device;

	/* What it says is of no use: the interface has gone, or goes now. */
	hotplug_offline(store, device, failure);
	return store_transaction(store, remove_device, &released, failure);
}

static int remove_domain(const struct store *store, void *context, struct failure *failure)
{
	const unsigned int *domid = context;

	(void)failure;
	device_remove_domain(store, *domid);
	return 0;
}

size_t release_domain(struct store *store, unsigned int domid)
{
	struct failure failure;
	struct device device;
	unsigned int *handles;
	size_t i, n;

	handles = device_handles(store, domid, &n);
	for (i = 0; i < n; i++) {
		device_init(&device, domid, handles[i]);
		release_device(store, &device, &failure);
	}
	free(handles);
	/* Somebody may have removed the devices by hand, and not their directory. */
	if (!n)
		store_transaction(store, remove_domain, &domid, &failure);
	return n;
}

void release_ruins(struct store *store)
{
	unsigned int *domids;
	size_t i, n;

	domids = device_domains(store, &n);
	for (i = 0; i < n; i++)
		if (!domain_exists(store, domids[i]))
			release_domain(store, domids[i]);
	free(domids);
}
