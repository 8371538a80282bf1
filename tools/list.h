/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_LIST_H
#define XENDRAIN_LIST_H

#include "device.h"

/* Prints a table of the devices of @only, or of all domains if that is NULL. */
void list_devices(const struct store *store, const struct domain *only);

/* The same as JSON, whose names the manual page promises. */
void list_devices_json(const struct store *store, const struct domain *only);

#endif
