// SPDX-License-Identifier: GPL-2.0-only
#include "attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hotplug.h"
#include "nic.h"
#include "release.h"
#include "sysfs.h"

#define MAC_ATTEMPTS 1000

/* What one try of the transaction works on. */
struct attach_request {
	const struct domain *domain;
	const struct attach_options *options;
	const char *script;	/* its path, or NULL for a device on a NIC */
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

/*
 * A search for the device that owns @mac: where @key, nic or bridge, is @place,
 * or anywhere if that is NULL.
 */
struct mac_search {
	const uint8_t *mac;
	const char *key, *place;
	struct device owner;
};

/* An interface that is on no bridge has neither node; all of these are one place. */
static bool is_place(const struct store *store, const struct device *device, const char *place,
		     const struct mac_search *search)
{
	char *nic;

	if (place || *search->place)
		return place && !strcmp(place, search->place);
	nic = store_read(store, "%s/nic", device->backend);
	free(nic);
	return !nic;
}

static int owns_mac(const struct store *store, const struct device *device, void *context)
{
	struct mac_search *search = context;
	char *place = store_read(store, "%s/%s", device->backend, search->key);
	char *text = store_read(store, "%s/mac", device->backend);
	uint8_t mac[MAC_BYTES];
	int found;

	found = text && mac_parse(text, mac) && !memcmp(mac, search->mac, MAC_BYTES) &&
		(!search->place || is_place(store, device, place, search));
	if (found)
		search->owner = *device;
	free(place);
	free(text);
	return found;
}

static bool nic_owns_mac(const char *nic, const uint8_t mac[MAC_BYTES])
{
	uint8_t own[MAC_BYTES];

	return *nic && nic_address(nic, own) && !memcmp(own, mac, MAC_BYTES);
}

/* Are both the same guest, in the middle of a migration? */
static bool is_twin(const struct store *store, const struct domain *domain,
		    const struct device *owner)
{
	struct domain other = { .id = owner->domid };
	char name[DOMAIN_NAME_BYTES], other_name[DOMAIN_NAME_BYTES];

	if (other.id == domain->id)
		return false;
	domain_read_name(store, &other);
	domain_base_name(&other, other_name);
	domain_base_name(domain, name);
	return !strcmp(name, other_name);
}

static int refuse_mac(const struct store *store, const struct attach_request *request,
		      const struct mac_search *search, struct failure *failure)
{
	char text[MAC_TEXT_BYTES];

	request->attachment->held_by_twin = is_twin(store, request->domain, &search->owner);
	mac_format(search->mac, text);
	return fail(failure, FAILURE_INPUT,
		    "mac=%s: domain %u, vdrain %u has it on %s; allowed is one that nobody there "
		    "has", text, search->owner.domid, search->owner.handle,
		    search->place ? search->place : "this host");
}

static int check_mac(const struct store *store, const struct attach_request *request,
		     struct failure *failure)
{
	const struct attach_options *options = request->options;
	bool on_nic = options->nic[0];
	struct mac_search search = {
		.mac = options->mac,
		.key = on_nic ? "nic" : "bridge",
		.place = on_nic ? options->nic : options->bridge,
	};
	char text[MAC_TEXT_BYTES];

	mac_format(options->mac, text);
	if (nic_owns_mac(options->nic, options->mac))
		return fail(failure, FAILURE_INPUT,
			    "mac=%s: is %s's own address; allowed is one that nobody on %s has",
			    text, options->nic, options->nic);
	if (device_each(store, NULL, owns_mac, &search))
		return refuse_mac(store, request, &search, failure);
	memcpy(request->attachment->mac, options->mac, MAC_BYTES);
	return 0;
}

static int choose_mac(const struct store *store, const struct attach_request *request,
		      struct failure *failure)
{
	uint8_t *mac = request->attachment->mac;
	struct mac_search search = { .mac = mac, .key = "nic" };
	char name[DOMAIN_NAME_BYTES];
	unsigned int attempt;

	if (request->options->has_mac)
		return check_mac(store, request, failure);
	domain_base_name(request->domain, name);
	for (attempt = 0; attempt < MAC_ATTEMPTS; attempt++) {
		mac_derive(name, request->attachment->device.handle, attempt, mac);
		if (nic_owns_mac(request->options->nic, mac))
			continue;
		if (!device_each(store, NULL, owns_mac, &search))
			return 0;
		if (is_twin(store, request->domain, &search.owner))
			return refuse_mac(store, request, &search, failure);
	}
	return fail(failure, FAILURE_SYSTEM, "found no free address in 00:16:3e; give one by mac=");
}

/* Where the interface is put, in the words that Xen's scripts know. */
static int write_bridge(const struct store *store, const struct attach_request *request,
			struct failure *failure)
{
	const struct attach_options *options = request->options;
	const char *directory = request->attachment->device.backend;
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "script", request->script },
		{ "bridge", options->bridge },
		{ "vifname", options->vifname },
		{ "ip", options->ip },
		{ "gatewaydev", options->gatewaydev },
	};
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (*texts[i].value)
			ret = store_write(store, directory, texts[i].key, texts[i].value, failure);
	return ret;
}

static int write_port(const struct store *store, const struct attach_request *request,
		      struct failure *failure)
{
	const char *nic = request->options->nic;

	if (*nic)
		return store_write(store, request->attachment->device.backend, "nic", nic,
				   failure);
	return write_bridge(store, request, failure);
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
	ret = ret ?: write_port(store, request, failure);
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
	if (!*mtu && !options->nic[0] && !nic_mtu(options->bridge, mtu))
		*mtu = MTU_DEFAULT;
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
	char script[SCRIPT_PATH_BYTES];
	struct attach_request request = {
		.domain = domain,
		.options = options,
		.script = script,
		.attachment = attachment,
	};
	int ret;

	attachment->held_by_twin = false;
	if (options->nic[0])
		ret = nic_check(options->nic, failure);
	else
		ret = hotplug_find(options->script, script, failure);
	ret = ret ?: choose_mtu(options, &attachment->mtu, failure);
	if (ret)
		return ret;
	release_ruins(store);
	return store_transaction(store, write_device, &request, failure);
}

static bool is_answered(const struct store *store, void *context)
{
	const struct device *device = context;

	return device_state(store, device->backend) != STATE_INITIALISING;
}

/* The sentence in @failure stands, whatever happens here. */
static void remove_refused(struct store *store, const struct device *device)
{
	struct failure unheard;

	release_device(store, device, &unheard);
}

static int report_refusal(const struct store *store, const struct device *device,
			  struct failure *failure)
{
	char *error = store_read(store, "%s/error", device->backend_error);

	if (!device_state(store, device->backend))
		fail(failure, FAILURE_SYSTEM, "domain %u: somebody has removed vdrain %u meanwhile",
		     device->domid, device->handle);
	else
		fail(failure, FAILURE_SYSTEM, "domain %u: xen-drainback refused vdrain %u: %s",
		     device->domid, device->handle, error ? error : "see dmesg");
	free(error);
	return FAILURE_SYSTEM;
}

static int report_silence(const struct device *device, unsigned int seconds, bool stays,
			  struct failure *failure)
{
	if (sysfs_exists("/sys/module/xen_drainback"))
		fail(failure, FAILURE_TIMEOUT,
		     "xen-drainback did not take vdrain %u of domain %u within %u s: the device "
		     "%s, see dmesg", device->handle, device->domid, seconds,
		     stays ? "stays" : "is removed again");
	else if (stays)
		fail(failure, FAILURE_TIMEOUT,
		     "xen-drainback is not loaded: vdrain %u of domain %u stays and waits for it "
		     "(modprobe xen-drainback)", device->handle, device->domid);
	else
		fail(failure, FAILURE_TIMEOUT,
		     "xen-drainback is not loaded: vdrain %u of domain %u is removed again "
		     "(modprobe xen-drainback first)", device->handle, device->domid);
	return FAILURE_TIMEOUT;
}

/* @stays: even if nobody answers */
static int take_up(struct store *store, const struct device *device, unsigned int seconds,
		   bool stays, struct failure *failure)
{
	struct device waited = *device;
	unsigned int state;

	if (!store_wait(store, device->backend, seconds, is_answered, &waited))
		return report_silence(device, seconds, stays, failure);
	state = device_state(store, device->backend);
	if (!state || state >= STATE_CLOSING)
		return report_refusal(store, device, failure);
	return hotplug_online(store, device, failure);
}

int attach_complete(struct store *store, const struct device *device, unsigned int seconds,
		    struct failure *failure)
{
	return take_up(store, device, seconds, true, failure);
}

int attach_wait(struct store *store, const struct device *device, unsigned int seconds,
		struct failure *failure)
{
	bool stays = !hotplug_has_script(store, device);
	int ret = take_up(store, device, seconds, stays, failure);

	if (ret == FAILURE_SYSTEM || (ret == FAILURE_TIMEOUT && !stays))
		remove_refused(store, device);
	return ret;
}

void attachment_format(const struct attachment *attachment, const struct attach_options *options,
		       char text[ATTACHMENT_TEXT_BYTES])
{
	const struct device *device = &attachment->device;
	char mac[MAC_TEXT_BYTES], port[BRIDGE_BYTES + 64];

	mac_format(attachment->mac, mac);
	if (options->nic[0])
		snprintf(port, sizeof(port), "nic %s", options->nic);
	else if (options->vifname[0])
		snprintf(port, sizeof(port), "interface %s", options->vifname);
	else
		snprintf(port, sizeof(port), "interface vd%u.%u", device->domid, device->handle);
	if (options->bridge[0])
		snprintf(port + strlen(port), sizeof(port) - strlen(port), ", bridge %s",
			 options->bridge);
	snprintf(text, ATTACHMENT_TEXT_BYTES, "vdrain %u, %s, mac %s", device->handle, port, mac);
}
