/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_ATTACH_H
#define XENDRAIN_ATTACH_H

#include "device.h"
#include "options.h"
#include "store.h"

/* What a device got, once the gaps in its options are filled. */
struct attachment {
	struct device device;
	uint8_t mac[MAC_BYTES];
	unsigned int mtu;
};

/**
 * attach_device() - write a device's two directories into xenstore
 * @store: the connection
 * @domain: the guest, from domain_find()
 * @options: what was asked for, from attach_options_parse()
 * @attachment: what was chosen
 * @failure: why not; xenstore is then as it was
 *
 * Checks first, and writes all of it in one transaction: two of these at once
 * get two handles and two addresses.
 *
 * Return: 0, FAILURE_INPUT or FAILURE_SYSTEM.
 */
int attach_device(struct store *store, const struct domain *domain,
		  const struct attach_options *options, struct attachment *attachment,
		  struct failure *failure);

/**
 * attach_wait() - wait until the backend has taken a new device
 * @store: the connection
 * @device: one that attach_device() has written
 * @seconds: how long at most
 * @failure: why not
 *
 * A device that the backend refuses is removed again. One that nobody looked
 * at stays: the backend takes it when it is loaded.
 *
 * Return: 0, FAILURE_SYSTEM if refused, FAILURE_TIMEOUT.
 */
int attach_wait(struct store *store, const struct device *device, unsigned int seconds,
		struct failure *failure);

#endif
