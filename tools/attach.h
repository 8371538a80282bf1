/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_ATTACH_H
#define XENDRAIN_ATTACH_H

#include "device.h"
#include "options.h"
#include "store.h"

#define ATTACHMENT_TEXT_BYTES 192

/* What a device got, once the gaps in its options are filled. */
struct attachment {
	struct device device;
	uint8_t mac[MAC_BYTES];
	unsigned int mtu;
	bool held_by_twin;	/* refused: a domain of the same name still has the address */
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
 * get two handles and two addresses. A guest that migrates within this host has
 * its address twice for a moment: then @attachment says so.
 *
 * Return: 0, FAILURE_INPUT or FAILURE_SYSTEM.
 */
int attach_device(struct store *store, const struct domain *domain,
		  const struct attach_options *options, struct attachment *attachment,
		  struct failure *failure);

/**
 * attach_wait() - wait until the backend has taken a new device, run its script
 * @store: the connection
 * @device: one that attach_device() has written
 * @seconds: how long at most, for the backend
 * @failure: why not
 *
 * A device that the backend refuses, or whose script fails, is removed again.
 * One that nobody looked at stays, as the backend takes it when it is loaded;
 * but not if a script would have to run then.
 *
 * Return: 0, FAILURE_SYSTEM if refused, FAILURE_TIMEOUT.
 */
int attach_wait(struct store *store, const struct device *device, unsigned int seconds,
		struct failure *failure);

/* The same for a device that may be in use: it stays whatever comes of it. */
int attach_complete(struct store *store, const struct device *device, unsigned int seconds,
		    struct failure *failure);

/* "vdrain 0, nic eth0, mac 00:16:3e:71:04:0f" */
void attachment_format(const struct attachment *attachment, const struct attach_options *options,
		       char text[ATTACHMENT_TEXT_BYTES]);

#endif
