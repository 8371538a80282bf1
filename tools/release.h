/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_RELEASE_H
#define XENDRAIN_RELEASE_H

#include "device.h"

/**
 * release_device() - run the script's offline part and remove the device
 * @store: the connection
 * @device: one that nobody uses any more
 * @failure: why it could not be removed; that of a script is not one
 *
 * Return: 0 or FAILURE_SYSTEM.
 */
int release_device(struct store *store, const struct device *device, struct failure *failure);

/* The same for all devices of a domain that is gone, and the number of them. */
size_t release_domain(struct store *store, unsigned int domid);

/*
 * The same for all domains that are gone: xl destroys a domain without knowing
 * of these devices, and their directories in dom0 stay.
 */
void release_ruins(struct store *store);

#endif
