// SPDX-License-Identifier: GPL-2.0-only
#include "attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nic.h"
#include "sysfs.h"

#define MAC_ATTEMPTS 1000

/* What one try of the transaction works on. */
struct attach_request {
	const struct domain *domain;
	const struct attach_options *options;
	struct attachment *attachment;
};

static bool handle_is_taken(const struct store *store, unsigned int domid, unsigned int handle)
{
	struct device device;

	device_init(&device, domid, handle);
	return store_exists(store, device.backend) || store_exists(store, device.frontend);
}

static int choose_handle(const struct store *store, const struct attach_request *request,
			 struct failure *failure)
{
	unsigned int domid = request->domain->id;
	unsigned int handle, lowest = 0;

	while (lowest <= HANDLE_MAX && handle_is_taken(store, domid, lowest))
		lowest++;
	if (lowest > HANDLE_MAX)
		return fail(failure, FAILURE_INPUT,
			    "domain %u (%s) has %d vdrain devices, which is all that are allowed",
			    domid, request->domain->name, HANDLE_MAX + 1);
	if (request->options->handle < 0) {
		handle = lowest;
	} else {
		handle = request->options->handle;
		if (handle_is_taken(store, domid, handle))
			return fail(failure, FAILURE_INPUT,
				    "handle=%u: domain %u (%s) already has it; the lowest free "
				    "one is %u", handle, domid, request->domain->name, lowest);
	}
	device_init(&request->attachment->device, domid, handle);
	return 0;
}

/* A search for the device that owns @mac: on @nic, or anywhere if that is NULL. */
struct mac_search {
	const uint8_t *mac;
	const char *nic;
	struct device owner;
};

static int owns_mac(const struct store *store, const struct device *device, void *context)
{
	struct mac_search *search = context;
	char *nic = store_read(store, "%s/nic", device->backend);
	char *text = store_read(store, "%s/mac", device->backend);
	uint8_t mac[MAC_BYTES];
	int found;

	found = text && mac_parse(text, mac) && !memcmp(mac, search->mac, MAC_BYTES) &&
		(!search->nic || (nic && !strcmp(nic, search->nic)));
	if (found)
		search->owner = *device;
	free(nic);
	free(text);
	return found;
}

static bool nic_owns_mac(const char *nic, const uint8_t mac[MAC_BYTES])
{
	uint8_t own[MAC_BYTES];

	return nic_address(nic, own) && !memcmp(own, mac, MAC_BYTES);
}

static int check_mac(const struct store *store, const struct attach_request *request,
		     struct failure *failure)
{
	const struct attach_options *options = request->options;
	struct mac_search search = { .mac = options->mac, .nic = options->nic };
	char text[MAC_TEXT_BYTES];

	mac_format(options->mac, text);
	if (nic_owns_mac(options->nic, options->mac))
		return fail(failure, FAILURE_INPUT,
			    "mac=%s: is %s's own address; allowed is one that nobody on %s has",
			    text, options->nic, options->nic);
	if (device_each(store, NULL, owns_mac, &search))
		return fail(failure, FAILURE_INPUT,
			    "mac=%s: domain %u, vdrain %u has it on %s; allowed is one that "
			    "nobody on %s has", text, search.owner.domid, search.owner.handle,
			    options->nic, options->nic);
	memcpy(request->attachment->mac, options->mac, MAC_BYTES);
	return 0;
}

static int choose_mac(const struct store *store, const struct attach_request *request,
		      struct failure *failure)
{
	uint8_t *mac = request->attachment->mac;
	struct mac_search search = { .mac = mac };
	unsigned int attempt;

	if (request->options->has_mac)
		return check_mac(store, request, failure);
	for (attempt = 0; attempt < MAC_ATTEMPTS; attempt++) {
		mac_derive(request->domain->name, request->attachment->device.handle, attempt,
			   mac);
		if (!nic_owns_mac(request->options->nic, mac) &&
		    !device_each(store, NULL, owns_mac, &search))
			return 0;
	}
	return fail(failure, FAILURE_SYSTEM, "found no free address in 00:16:3e; give one by mac=");
}

static int write_backend(const struct store *store, const struct attach_request *request,
			 const char *mac, struct failure *failure)
{
	const struct attach_options *options = request->options;
	const struct attachment *attachment = request->attachment;
	const char *directory = attachment->device.backend;
	int ret;

	ret = store_make_directory(store, directory, BACKEND_DOMID, request->domain->id, failure);
	ret = ret ?: store_write(store, directory, "frontend", attachment->device.frontend,
				 failure);
	ret = ret ?: store_write_number(store, directory, "frontend-id", request->domain->id,
					failure);
	ret = ret ?: store_write(store, directory, "online", "1", failure);
	ret = ret ?: store_write_number(store, directory, "handle", attachment->device.handle,
					failure);
	ret = ret ?: store_write(store, directory, "mac", mac, failure);
	ret = ret ?: store_write(store, directory, "nic", options->nic, failure);
	ret = ret ?: store_write_number(store, directory, "mtu", attachment->mtu, failure);
	if (options->queues)
		ret = ret ?: store_write_number(store, directory, "queues", options->queues,
						failure);
	if (options->ring_pages)
		ret = ret ?: store_write_number(store, directory, "ring-pages",
						options->ring_pages, failure);
	ret = ret ?: tuning_write(store, directory, &options->tuning, failure);
	return ret ?: store_write_number(store, directory, "state", STATE_INITIALISING, failure);
}

static int write_frontend(const struct store *store, const struct attach_request *request,
			  const char *mac, struct failure *failure)
{
	const struct attachment *attachment = request->attachment;
	const char *directory = attachment->device.frontend;
	int ret;

	ret = store_make_directory(store, directory, request->domain->id, BACKEND_DOMID, failure);
	ret = ret ?: store_write(store, directory, "backend", attachment->device.backend, failure);
	ret = ret ?: store_write_number(store, directory, "backend-id", BACKEND_DOMID, failure);
	ret = ret ?: store_write_number(store, directory, "handle", attachment->device.handle,
					failure);
	ret = ret ?: store_write(store, directory, "mac", mac, failure);
	ret = ret ?: store_write_number(store, directory, "mtu", attachment->mtu, failure);
	return ret ?: store_write_number(store, directory, "state", STATE_INITIALISING, failure);
}

/* The domain may have gone since it was looked up; writing would bring back its ruins. */
static int check_domain(const struct store *store, const struct domain *domain,
			struct failure *failure)
{
	if (domain_exists(store, domain->id))
		return 0;
	return fail(failure, FAILURE_INPUT, "domain %u (%s) has gone; allowed is a running guest",
		    domain->id, domain->name);
}

static int write_device(const struct store *store, void *context, struct failure *failure)
{
	struct attach_request *request = context;
	const char *old_error = request->attachment->device.backend_error;
	char mac[MAC_TEXT_BYTES];
	int ret;

	ret = check_domain(store, request->domain, failure);
	ret = ret ?: choose_handle(store, request, failure);
	ret = ret ?: choose_mac(store, request, failure);
	if (ret)
		return ret;
	device_remove_ruins(store);
	mac_format(request->attachment->mac, mac);
	/* An error that an earlier device of this number left would be taken for ours. */
	store_remove(store, old_error, BACKEND_HOME);
	ret = write_frontend(store, request, mac, failure);
	return ret ?: write_backend(store, request, mac, failure);
}

static int choose_mtu(const struct attach_options *options, unsigned int *mtu,
		      struct failure *failure)
{
	*mtu = options->mtu;
	if (*mtu || (nic_mtu(options->nic, mtu) && *mtu >= MTU_MIN && *mtu <= MTU_MAX))
		return 0;
	return fail(failure, FAILURE_INPUT,
		    "nic=%s: its own mtu is %u; give one by mtu=, allowed are %d to %d bytes",
		    options->nic, *mtu, MTU_MIN, MTU_MAX);
}

int attach_device(struct store *store, const struct domain *domain,
		  const struct attach_options *options, struct attachment *attachment,
		  struct failure *failure)
{
	struct attach_request request = {
		.domain = domain,
		.options = options,
		.attachment = attachment,
	};
	int ret;

	ret = nic_check(options->nic, failure);
	ret = ret ?: choose_mtu(options, &attachment->mtu, failure);
	return ret ?: store_transaction(store, write_device, &request, failure);
}

static bool is_answered(const struct store *store, void *context)
{
	const struct device *device = context;

	return device_state(store, device->backend) != STATE_INITIALISING;
}

static int remove_refused(const struct store *store, void *context, struct failure *failure)
{
	(void)failure;
	device_remove(store, context);
	return 0;
}

static int report_refusal(struct store *store, struct device *device, struct failure *failure)
{
	char *error = store_read(store, "%s/error", device->backend_error);
	int ret;

	ret = store_transaction(store, remove_refused, device, failure);
	ret = ret ?: fail(failure, FAILURE_SYSTEM, "domain %u: xen-drainback refused vdrain %u: %s",
			  device->domid, device->handle, error ? error : "see dmesg");
	free(error);
	return ret;
}

int attach_wait(struct store *store, const struct device *device, unsigned int seconds,
		struct failure *failure)
{
	struct device waited = *device;
	unsigned int state;

	if (!store_wait(store, device->backend, seconds, is_answered, &waited)) {
		if (!sysfs_exists("/sys/module/xen_drainback"))
			return fail(failure, FAILURE_TIMEOUT,
				    "xen-drainback is not loaded: vdrain %u of domain %u stays "
				    "and waits for it (modprobe xen-drainback)",
				    device->handle, device->domid);
		return fail(failure, FAILURE_TIMEOUT,
			    "xen-drainback did not take vdrain %u of domain %u within %u s: the "
			    "device stays, see dmesg", device->handle, device->domid, seconds);
	}
	state = device_state(store, device->backend);
	if (state && state < STATE_CLOSING)
		return 0;
	return report_refusal(store, &waited, failure);
}
