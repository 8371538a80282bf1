// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#include <stdio.h>
#include <stdlib.h>

#include "nic.h"

#define ROW "%5s  %-16s %6s  %-17s  %-15s %5s  %-13s %-13s %s\n"

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

static char *read_clean(const struct store *store, const struct device *device, const char *key)
{
	char *text = store_read(store, "%s/%s", device->backend, key);

	if (text)
		clean_text(text);
	return text;
}

/* Frames can pass: both drivers say so, and the NIC's cable is in. */
static bool is_link_up(const struct store *store, const struct device *device, const char *nic)
{
	return device_state(store, device->backend) == STATE_CONNECTED &&
	       device_state(store, device->frontend) == STATE_CONNECTED &&
	       nic && nic_has_carrier(nic);
}

static void print_error(const struct store *store, const struct device *device)
{
	char *error = store_read(store, "%s/error", device->backend_error);

	if (error) {
		clean_text(error);
		printf("       error: %s\n", error);
	}
	free(error);
}

static int print_row(const struct store *store, const struct device *device, void *context)
{
	char *mac = read_clean(store, device, "mac");
	char *nic = read_clean(store, device, "nic");
	char *mtu = read_clean(store, device, "mtu");
	struct domain domain = { .id = device->domid };
	char id[16], handle[16];

	(void)context;
	domain_read_name(store, &domain);
	snprintf(id, sizeof(id), "%u", device->domid);
	snprintf(handle, sizeof(handle), "%u", device->handle);
	printf(ROW, id, domain.name, handle, or_dash(mac), or_dash(nic), or_dash(mtu),
	       device_state_name(device_state(store, device->backend)),
	       device_state_name(device_state(store, device->frontend)),
	       is_link_up(store, device, nic) ? "up" : "down");
	print_error(store, device);
	free(mac);
	free(nic);
	free(mtu);
	return 0;
}

void list_devices(const struct store *store, const struct domain *only)
{
	printf(ROW, "ID", "NAME", "HANDLE", "MAC", "NIC", "MTU", "BACKEND", "FRONTEND", "LINK");
	device_each(store, only, print_row, NULL);
}
