// SPDX-License-Identifier: GPL-2.0-only
#include "detach.h"

#include "release.h"

/* Does the guest have the device open, so that it must be asked to close it? */
static bool is_open(const struct store *store, const struct device *device)
{
	unsigned int backend = device_state(store, device->backend);
	unsigned int frontend = device_state(store, device->frontend);

	return backend > STATE_INITIALISING && backend != STATE_CLOSED &&
	       frontend > STATE_INITIALISING && frontend != STATE_CLOSED;
}

/* A guest that never opened the device is not asked to close it. */
struct closing {
	struct device device;
	bool was_open;
};

static int start_closing(const struct store *store, void *context, struct failure *failure)
{
	struct closing *closing = context;
	const char *backend = closing->device.backend;
	int ret;

	closing->was_open = is_open(store, &closing->device);
	if (!closing->was_open)
		return 0;
	ret = store_write(store, backend, "online", "0", failure);
	return ret ?: store_write_number(store, backend, "state", STATE_CLOSING, failure);
}

static bool is_closed(const struct store *store, void *context)
{
	const struct device *device = context;
	unsigned int state = device_state(store, device->backend);

	return !state || state == STATE_CLOSED;
}

static int close_device(struct store *store, const struct device *device, unsigned int seconds,
			struct failure *failure)
{
	struct closing closing = { .device = *device };
	int ret;

	ret = store_transaction(store, start_closing, &closing, failure);
	if (ret || !closing.was_open ||
	    store_wait(store, device->backend, seconds, is_closed, &closing.device))
		return ret;
	return fail(failure, FAILURE_TIMEOUT,
		    "vdrain %u of domain %u did not close within %u s, backend is %s, frontend is "
		    "%s; --force removes it at once", device->handle, device->domid, seconds,
		    device_state_name(device_state(store, device->backend)),
		    device_state_name(device_state(store, device->frontend)));
}

int detach_device(struct store *store, const struct device *device, bool force,
		  unsigned int seconds, struct failure *failure)
{
	int ret = force ? 0 : close_device(store, device, seconds, failure);

	return ret ?: release_device(store, device, failure);
}
