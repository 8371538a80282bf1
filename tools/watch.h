/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_WATCH_H
#define XENDRAIN_WATCH_H

#include "stat.h"

/**
 * watch_devices() - print a table of rates again and again
 * @store: the connection
 * @request: which devices, and how often
 * @failure: why it had to end
 *
 * In place on a terminal, one table after the other elsewhere. Devices may
 * come and go meanwhile.
 *
 * Return: 0 after SIGINT or SIGTERM, FAILURE_SYSTEM, or FAILURE_TIMEOUT when
 * the domain that was asked for has gone.
 */
int watch_devices(const struct store *store, const struct stat_request *request,
		  struct failure *failure);

#endif
