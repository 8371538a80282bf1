// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "nic.h"

#define ROW "%5s  %-16s %6s  %-17s  %-15s %5s  %-13s %-13s %s\n"

/* What is printed of a device; texts are clean, and NULL if there is none. */
struct listed {
	const struct device *device;
	struct domain domain;
	char *mac;
	char *nic;
	char *bridge;
	char *mtu;
	char *error;
	unsigned int backend_state;
	unsigned int frontend_state;
	bool link;
};

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

/* Of an interface in dom0 it is the backend who knows. */
static bool is_port_up(const struct listed *listed, const struct store *store)
{
	unsigned int link;

	if (listed->nic)
		return nic_has_carrier(listed->nic);
	return store_read_number(store, &link, "%s/link", listed->device->backend) && link;
}

static void listed_read(struct listed *listed, const struct store *store,
			const struct device *device)
{
	*listed = (struct listed){
		.device = device,
		.domain = { .id = device->domid },
		.mac = store_read_clean(store, device->backend, "mac"),
		.nic = store_read_clean(store, device->backend, "nic"),
		.bridge = store_read_clean(store, device->backend, "bridge"),
		.mtu = store_read_clean(store, device->backend, "mtu"),
		.error = store_read_clean(store, device->backend_error, "error"),
		.backend_state = device_state(store, device->backend),
		.frontend_state = device_state(store, device->frontend),
	};
	domain_read_name(store, &listed->domain);
	/* Frames can pass: both drivers say so, and the NIC's cable is in. */
	listed->link = listed->backend_state == STATE_CONNECTED &&
		       listed->frontend_state == STATE_CONNECTED &&
		       is_port_up(listed, store);
}

static void listed_free(struct listed *listed)
{
	free(listed->mac);
	free(listed->nic);
	free(listed->bridge);
	free(listed->mtu);
	free(listed->error);
}

static int print_row(const struct store *store, const struct device *device, void *context)
{
	char id[16], handle[16];
	struct listed listed;

	(void)context;
	listed_read(&listed, store, device);
	snprintf(id, sizeof(id), "%u", device->domid);
	snprintf(handle, sizeof(handle), "%u", device->handle);
	printf(ROW, id, listed.domain.name, handle, or_dash(listed.mac),
	       or_dash(listed.nic ? listed.nic : listed.bridge), or_dash(listed.mtu),
	       device_state_name(listed.backend_state),
	       device_state_name(listed.frontend_state), listed.link ? "up" : "down");
	if (listed.error)
		printf("       error: %s\n", listed.error);
	listed_free(&listed);
	return 0;
}

static void print_member(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	json_text(stdout, text);
}

static int print_json(const struct store *store, const struct device *device, void *context)
{
	const char **between = context;
	struct listed listed;
	unsigned int mtu;

	listed_read(&listed, store, device);
	printf("%s{\"domain_id\": %u", *between, device->domid);
	*between = ",\n";
	print_member("domain", listed.domain.name);
	printf(", \"handle\": %u", device->handle);
	print_member("mac", listed.mac);
	print_member("nic", listed.nic);
	print_member("bridge", listed.bridge);
	if (listed.mtu && number_parse(listed.mtu, &mtu))
		printf(", \"mtu\": %u", mtu);
	else
		print_member("mtu", NULL);
	print_member("backend", device_state_name(listed.backend_state));
	print_member("frontend", device_state_name(listed.frontend_state));
	printf(", \"link\": %s", listed.link ? "true" : "false");
	print_member("error", listed.error);
	printf("}");
	listed_free(&listed);
	return 0;
}

void list_devices(const struct store *store, const struct domain *only)
{
	printf(ROW, "ID", "NAME", "HANDLE", "MAC", "NIC/BRIDGE", "MTU", "BACKEND", "FRONTEND",
	       "LINK");
	device_each(store, only, print_row, NULL);
}

void list_devices_json(const struct store *store, const struct domain *only)
{
	const char *between = "";

	printf("[");
	device_each(store, only, print_json, &between);
	printf("]\n");
}
