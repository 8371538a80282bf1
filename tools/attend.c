// SPDX-License-Identifier: GPL-2.0-only
#include "attend.h"

#include <stdio.h>
#include <stdlib.h>

#include "attach.h"
#include "config.h"
#include "hotplug.h"
#include "log.h"
#include "release.h"

#define BACKEND_SECONDS 10

/* One domain and what its config says. */
struct attendance {
	struct store store;
	struct domain domain;
	struct domain_config config;
	bool has_handle[HANDLE_MAX + 1];
};

static void complain(const struct attendance *attendance, size_t index,
		     const struct failure *failure)
{
	const char *entry = attendance->config.entries[index];

	log_line(LOG_ERR, "%s: vdrain entry %zu, '%.128s': %s", attendance->config.file, index,
		 entry ? entry : "", failure->text);
}

/* The device is there, perhaps from before a restart of ours in the middle. */
static void complete_device(struct attendance *attendance, const struct device *device)
{
	struct failure failure;

	if (!hotplug_is_due(&attendance->store, device))
		return;
	if (attach_complete(&attendance->store, device, BACKEND_SECONDS, &failure))
		log_line(LOG_ERR, "%s", failure.text);
	else
		log_line(LOG_INFO, "domain %u (%s): completed vdrain %u", attendance->domain.id,
			 attendance->domain.name, device->handle);
}

/* An entry without a handle has its place in the list for one. */
static int parse_entry(const struct attendance *attendance, size_t index,
		       struct attach_options *options, struct failure *failure)
{
	const char *entry = attendance->config.entries[index];
	int ret;

	if (!entry)
		return fail(failure, FAILURE_INPUT, "not a string; allowed is 'KEY=VALUE,...'");
	ret = attach_options_parse(entry, options, failure);
	if (!ret && options->handle < 0)
		options->handle = index;
	if (!ret && options->handle > HANDLE_MAX)
		ret = fail(failure, FAILURE_INPUT, "one too many; allowed are %d entries",
			   HANDLE_MAX + 1);
	return ret;
}

static enum attend_result attach_entry(struct attendance *attendance, size_t index,
				       const struct attach_options *options)
{
	char text[ATTACHMENT_TEXT_BYTES];
	struct attachment attachment;
	struct failure failure;
	int ret;

	ret = attach_device(&attendance->store, &attendance->domain, options, &attachment,
			    &failure);
	if (ret && attachment.held_by_twin) {
		log_line(LOG_INFO, "domain %u (%s): vdrain %d waits: %s", attendance->domain.id,
			 attendance->domain.name, options->handle, failure.text);
		return ATTEND_LATER;
	}
	if (!ret) {
		attachment_format(&attachment, options, text);
		ret = attach_wait(&attendance->store, &attachment.device, BACKEND_SECONDS,
				  &failure);
	}
	if (ret)
		complain(attendance, index, &failure);
	else
		log_line(LOG_INFO, "domain %u (%s): attached %s", attendance->domain.id,
			 attendance->domain.name, text);
	return ATTEND_DONE;
}

static enum attend_result attend_entry(struct attendance *attendance, size_t index)
{
	struct attach_options options;
	struct failure failure;
	struct device device;

	if (parse_entry(attendance, index, &options, &failure)) {
		complain(attendance, index, &failure);
		return ATTEND_DONE;
	}
	if (attendance->has_handle[options.handle]) {
		fail(&failure, FAILURE_INPUT,
		     "handle=%d: an entry before it has that; allowed is one that no other has",
		     options.handle);
		complain(attendance, index, &failure);
		return ATTEND_DONE;
	}
	attendance->has_handle[options.handle] = true;
	device_init(&device, attendance->domain.id, options.handle);
	if (!store_exists(&attendance->store, device.backend))
		return attach_entry(attendance, index, &options);
	complete_device(attendance, &device);
	return ATTEND_DONE;
}

/* A libxl that knows the class says so before the domain is introduced. */
static bool is_attended_by_libxl(const struct attendance *attendance)
{
	char path[sizeof("/libxl/4294967295/vdrain")];

	snprintf(path, sizeof(path), "/libxl/%u/vdrain", attendance->domain.id);
	return store_exists(&attendance->store, path);
}

enum attend_result attend_domain(const char *const *directories, size_t n_directories,
				 unsigned int domid)
{
	struct attendance attendance = { .domain.id = domid };
	enum attend_result result = ATTEND_DONE;
	char name[DOMAIN_NAME_BYTES];
	struct failure failure;
	size_t i;

	if (store_open(&attendance.store, &failure)) {
		log_line(LOG_ERR, "%s", failure.text);
		return ATTEND_DONE;
	}
	domain_read_name(&attendance.store, &attendance.domain);
	domain_base_name(&attendance.domain, name);
	if (is_attended_by_libxl(&attendance))
		log_line(LOG_INFO, "domain %u (%s): libxl makes its vdrain devices",
			 attendance.domain.id, attendance.domain.name);
	else if (config_find(directories, n_directories, name, &attendance.config, &failure))
		log_line(LOG_ERR, "%s", failure.text);
	for (i = 0; i < attendance.config.count && result == ATTEND_DONE; i++)
		result = attend_entry(&attendance, i);
	config_free(&attendance.config);
	store_close(&attendance.store);
	return result;
}

static void renew_device(const struct store *store, const struct domain *domain,
			 const struct device *device)
{
	struct failure failure;

	if (!hotplug_is_lost(store, device))
		return;
	if (hotplug_online(store, device, &failure))
		log_line(LOG_ERR, "%s", failure.text);
	else
		log_line(LOG_INFO, "domain %u (%s): vdrain %u has a new interface, its script has "
			 "run again", domain->id, domain->name, device->handle);
}

enum attend_result attend_renewed(unsigned int domid)
{
	struct domain domain = { .id = domid };
	struct failure failure;
	struct device device;
	unsigned int *handles;
	struct store store;
	size_t i, n;

	if (store_open(&store, &failure)) {
		log_line(LOG_ERR, "%s", failure.text);
		return ATTEND_DONE;
	}
	domain_read_name(&store, &domain);
	handles = device_handles(&store, domid, &n);
	for (i = 0; i < n; i++) {
		device_init(&device, domid, handles[i]);
		renew_device(&store, &domain, &device);
	}
	free(handles);
	store_close(&store);
	return ATTEND_DONE;
}

enum attend_result attend_ruin(unsigned int domid)
{
	struct failure failure;
	struct store store;
	size_t n;

	if (store_open(&store, &failure)) {
		log_line(LOG_ERR, "%s", failure.text);
		return ATTEND_DONE;
	}
	/* Looked at once more, as this is for good. */
	n = domain_exists(&store, domid) ? 0 : release_domain(&store, domid);
	if (n)
		log_line(LOG_INFO, "domain %u: gone, released %zu vdrain device%s", domid, n,
			 n == 1 ? "" : "s");
	store_close(&store);
	return ATTEND_DONE;
}
