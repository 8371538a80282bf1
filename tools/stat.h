/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_STAT_H
#define XENDRAIN_STAT_H

#include "device.h"

struct stat_request {
	const struct domain *domain;	/* NULL: all domains */
	const struct device *device;	/* NULL: all devices */
	unsigned int interval_seconds;	/* 0: totals; else what happens in that time */
	bool json;
};

/**
 * stat_devices() - print how many interrupts, flags, upcalls and hypercalls
 * it took to carry the frames
 * @store: the connection
 * @request: which devices, and how
 * @failure: why not
 *
 * Return: 0, FAILURE_INPUT, FAILURE_SYSTEM, or FAILURE_TIMEOUT if the backend
 * has no such device.
 */
int stat_devices(const struct store *store, const struct stat_request *request,
		 struct failure *failure);

#endif
