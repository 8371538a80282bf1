// SPDX-License-Identifier: GPL-2.0-only
#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define DOMAINS "/local/domain"
#define BACKENDS BACKEND_HOME "/backend/vdrain"

void domain_read_name(const struct store *store, struct domain *domain)
{
	char *name = store_read(store, DOMAINS "/%u/name", domain->id);

	if (name)
		snprintf(domain->name, sizeof(domain->name), "%s", name);
	else
		snprintf(domain->name, sizeof(domain->name), "%u", domain->id);
	clean_text(domain->name);
	free(name);
}

void domain_base_name(const struct domain *domain, char name[DOMAIN_NAME_BYTES])
{
	static const char *const endings[] = { "--incoming", "--migratedaway" };
	size_t i, bytes = strlen(domain->name);

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (bytes > strlen(endings[i]) &&
		    !strcmp(domain->name + bytes - strlen(endings[i]), endings[i])) {
			bytes -= strlen(endings[i]);
			break;
		}
	snprintf(name, DOMAIN_NAME_BYTES, "%.*s", (int)bytes, domain->name);
}

static bool find_by_name(const struct store *store, const char *text, struct domain *domain)
{
	unsigned int *ids;
	bool found = false;
	size_t i, n;
	char *name;

	ids = store_numbers(store, DOMAINS, &n);
	for (i = 0; i < n && !found; i++) {
		name = store_read(store, DOMAINS "/%u/name", ids[i]);
		found = name && !strcmp(name, text);
		free(name);
		if (found)
			domain->id = ids[i];
	}
	free(ids);
	return found;
}

bool domain_exists(const struct store *store, unsigned int domid)
{
	char path[STORE_PATH_BYTES];

	snprintf(path, sizeof(path), DOMAINS "/%u", domid);
	return store_exists(store, path);
}

static bool find_by_id(const struct store *store, unsigned int id, struct domain *domain)
{
	domain->id = id;
	return id <= DOMID_MAX && domain_exists(store, id);
}

int domain_find(const struct store *store, const char *text, struct domain *domain,
		struct failure *failure)
{
	bool all_digits = text[0] && !text[strspn(text, "0123456789")];
	unsigned int id;
	bool found;

	if (all_digits)
		found = number_parse(text, &id) && find_by_id(store, id, domain);
	else
		found = find_by_name(store, text, domain);
	if (!found)
		return fail(failure, FAILURE_INPUT,
			    "domain %.64s does not exist; allowed is the name or the id of a "
			    "running guest, see xl list", text[0] ? text : "''");
	if (domain->id == BACKEND_DOMID)
		return fail(failure, FAILURE_INPUT,
			    "domain %.64s is this host itself; allowed is the name or the id of "
			    "a guest, see xl list", text);
	domain_read_name(store, domain);
	return 0;
}

void device_init(struct device *device, unsigned int domid, unsigned int handle)
{
	device->domid = domid;
	device->handle = handle;
	snprintf(device->backend, STORE_PATH_BYTES, BACKENDS "/%u/%u", domid, handle);
	snprintf(device->frontend, STORE_PATH_BYTES, DOMAINS "/%u/device/vdrain/%u",
		 domid, handle);
	snprintf(device->backend_error, STORE_PATH_BYTES,
		 BACKEND_HOME "/error/backend/vdrain/%u/%u", domid, handle);
	snprintf(device->frontend_error, STORE_PATH_BYTES,
		 DOMAINS "/%u/error/device/vdrain/%u", domid, handle);
}

unsigned int *device_handles(const struct store *store, unsigned int domid, size_t *count)
{
	char path[STORE_PATH_BYTES];

	snprintf(path, sizeof(path), BACKENDS "/%u", domid);
	return store_numbers(store, path, count);
}

unsigned int *device_domains(const struct store *store, size_t *count)
{
	return store_numbers(store, BACKENDS, count);
}

static void list_handles(const struct store *store, unsigned int domid, char *list, size_t bytes)
{
	unsigned int *handles;
	size_t i, n, used = 0;

	handles = device_handles(store, domid, &n);
	snprintf(list, bytes, "none");
	for (i = 0; i < n && used < bytes; i++)
		used += snprintf(list + used, bytes - used, "%s%u", i ? ", " : "", handles[i]);
	free(handles);
}

int device_find(const struct store *store, const struct domain *domain, const char *text,
		struct device *device, struct failure *failure)
{
	unsigned int handle;
	char list[128];

	if (number_parse(text, &handle)) {
		device_init(device, domain->id, handle);
		if (store_exists(store, device->backend))
			return 0;
	}
	list_handles(store, domain->id, list, sizeof(list));
	return fail(failure, FAILURE_INPUT,
		    "handle %.64s: domain %u (%s) has no such vdrain device; it has: %s",
		    text[0] ? text : "''", domain->id, domain->name, list);
}

static int each_of_domain(const struct store *store, unsigned int domid,
			  int (*visit)(const struct store *store, const struct device *device,
				       void *context),
			  void *context)
{
	struct device device;
	unsigned int *handles;
	size_t i, n;
	int ret = 0;

	handles = device_handles(store, domid, &n);
	for (i = 0; i < n && !ret; i++) {
		device_init(&device, domid, handles[i]);
		ret = visit(store, &device, context);
	}
	free(handles);
	return ret;
}

int device_each(const struct store *store, const struct domain *only,
		int (*visit)(const struct store *store, const struct device *device,
			     void *context),
		void *context)
{
	unsigned int *domids;
	size_t i, n;
	int ret = 0;

	if (only)
		return each_of_domain(store, only->id, visit, context);
	domids = device_domains(store, &n);
	for (i = 0; i < n && !ret; i++)
		if (domain_exists(store, domids[i]))
			ret = each_of_domain(store, domids[i], visit, context);
	free(domids);
	return ret;
}

unsigned int device_state(const struct store *store, const char *directory)
{
	unsigned int state;

	return store_read_number(store, &state, "%s/state", directory) ? state : 0;
}

const char *device_state_name(unsigned int state)
{
	static const char *const names[] = {
		"-", "Initialising", "InitWait", "Initialised", "Connected",
		"Closing", "Closed", "Reconfiguring", "Reconfigured",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "invalid";
}

void device_remove_domain(const struct store *store, unsigned int domid)
{
	char path[STORE_PATH_BYTES];

	snprintf(path, sizeof(path), BACKENDS "/%u", domid);
	store_remove(store, path, BACKEND_HOME "/backend");
}

void device_remove(const struct store *store, const struct device *device)
{
	char guest[STORE_PATH_BYTES];

	snprintf(guest, sizeof(guest), DOMAINS "/%u/device", device->domid);
	store_remove(store, device->frontend, guest);
	store_remove(store, device->backend, BACKEND_HOME "/backend");
	store_remove(store, device->backend_error, BACKEND_HOME);

	/* The guest's error directory is xl's to make and to remove. */
	snprintf(guest, sizeof(guest), DOMAINS "/%u/error", device->domid);
	store_remove(store, device->frontend_error, guest);
}
