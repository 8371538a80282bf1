/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_DEVICE_H
#define XENDRAIN_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "store.h"

#define BACKEND_DOMID 0
#define BACKEND_HOME "/local/domain/0"
#define DOMID_MAX 0x7fef	/* Xen's DOMID_FIRST_RESERVED - 1 */
#define DOMAIN_NAME_BYTES 128

/* What the backend shows of a device; takes its domid and handle. */
#define DEVICE_SYSFS "/sys/bus/xen-backend/devices/vdrain-%u-%u"

/* The states that Xen's io/xenbus.h numbers; the tools act on these. */
#define STATE_INITIALISING 1
#define STATE_INIT_WAIT 2
#define STATE_INITIALISED 3
#define STATE_CONNECTED 4
#define STATE_CLOSING 5
#define STATE_CLOSED 6

struct domain {
	unsigned int id;
	char name[DOMAIN_NAME_BYTES];
};

/* One vdrain device, by its places in xenstore. */
struct device {
	unsigned int domid;
	unsigned int handle;
	char backend[STORE_PATH_BYTES];		/* dom0's, the guest reads it */
	char frontend[STORE_PATH_BYTES];	/* the guest's, dom0 reads it */
	char backend_error[STORE_PATH_BYTES];	/* where the kernel's xenbus reports errors */
	char frontend_error[STORE_PATH_BYTES];
};

/**
 * domain_find() - the guest that the user means
 * @store: the connection
 * @text: an id, if it is all digits, else a name
 * @domain: filled in; a domain without a name is called by its number
 * @failure: why not
 *
 * Return: 0 or FAILURE_INPUT.
 */
int domain_find(const struct store *store, const char *text, struct domain *domain,
		struct failure *failure);

/* The name of a domain that is known to xenstore, or its number. */
void domain_read_name(const struct store *store, struct domain *domain);

/**
 * domain_base_name() - the name that a domain has when no migration is going on
 * @domain: with its name of the moment
 * @name: that without the ending that xl gives it meanwhile
 */
void domain_base_name(const struct domain *domain, char name[DOMAIN_NAME_BYTES]);

bool domain_exists(const struct store *store, unsigned int domid);

void device_init(struct device *device, unsigned int domid, unsigned int handle);

/* The handles of a domain's devices, sorted; the caller frees them. */
unsigned int *device_handles(const struct store *store, unsigned int domid, size_t *count);

/* The ids of the domains that have a device, sorted; the caller frees them. */
unsigned int *device_domains(const struct store *store, size_t *count);

/**
 * device_find() - the device that the user means
 * @store: the connection
 * @domain: the guest
 * @text: the handle
 * @device: filled in
 * @failure: why not, with the handles that exist
 *
 * Return: 0 or FAILURE_INPUT.
 */
int device_find(const struct store *store, const struct domain *domain, const char *text,
		struct device *device, struct failure *failure);

/*
 * Calls @visit for each device, by domain and handle, until one returns not 0.
 * Devices of domains that are gone are left out: xl destroys a domain without
 * knowing of them, and their directories in dom0 stay.
 */
int device_each(const struct store *store, const struct domain *only,
		int (*visit)(const struct store *store, const struct device *device,
			     void *context),
		void *context);

/* 0, which no driver ever writes, if there is no such node. */
unsigned int device_state(const struct store *store, const char *directory);
const char *device_state_name(unsigned int state);

/* Removes the directory of a domain that has no devices. */
void device_remove_domain(const struct store *store, unsigned int domid);

/* Removes the device from xenstore, with the error nodes that belong to it. */
void device_remove(const struct store *store, const struct device *device);

#endif
