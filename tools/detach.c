// SPDX-License-Identifier: GPL-2.0-only
#include "detach.h"

/* Does the guest have the device open, so that it must be asked to close it? */
static bool is_open(const struct store *store, const struct device *device)
{
	unsigned int backend = device_state(store, device->backend);
	unsigned int frontend = device_state(store, device->frontend);

	return backend > STATE_INITIALISING && backend != STATE_CLOSED &&
	       frontend > STATE_INITIALISING && frontend != STATE_CLOSED;
}

static int start_closing(const struct store *store, void *context, struct failure *failure)
{
	const struct device *device = context;
	int ret;

	if (!is_open(store, device)) {
		device_remove(store, device);
		return 0;
	}
	ret = store_write(store, device->backend, "online", "0", failure);
	return ret ?: store_write_number(store, device->backend, "state", STATE_CLOSING, failure);
}

static int remove_device(const struct store *store, void *context, struct failure *failure)
{
	(void)failure;
	device_remove(store, context);
	return 0;
}

static bool is_closed(const struct store *store, void *context)
{
	const struct device *device = context;
	unsigned int state = device_state(store, device->backend);

	return !state || state == STATE_CLOSED;
}

int detach_device(struct store *store, const struct device *device, bool force,
		  unsigned int seconds, struct failure *failure)
{
	struct device closing = *device;
	int ret;

	if (!force) {
		ret = store_transaction(store, start_closing, &closing, failure);
		if (ret)
			return ret;
		if (!store_wait(store, device->backend, seconds, is_closed, &closing))
			return fail(failure, FAILURE_TIMEOUT,
				    "vdrain %u of domain %u did not close within %u s, backend is "
				    "%s, frontend is %s; --force removes it at once",
				    device->handle, device->domid, seconds,
				    device_state_name(device_state(store, device->backend)),
				    device_state_name(device_state(store, device->frontend)));
	}
	return store_transaction(store, remove_device, &closing, failure);
}
