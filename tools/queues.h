/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_QUEUES_H
#define XENDRAIN_QUEUES_H

#include "counters.h"
#include "device.h"

#define ERROR_TEXT_BYTES 160

/* What the queues of one device are at, as the backend shows it. */
struct queues {
	struct device device;
	struct domain domain;
	unsigned int backend_state;
	unsigned int frontend_state;
	bool served;			/* the backend has taken the device */
	char last_error[ERROR_TEXT_BYTES];
	struct counters *now;		/* a directory a queue */
	size_t num_queues;
};

struct queues_request {
	const struct domain *domain;	/* NULL: all domains */
	const struct device *device;	/* NULL: all devices */
	unsigned int interval_seconds;	/* between two looks */
};

/**
 * queues_dump() - print indices, limits, event state and the last error of queues
 * @store: the connection
 * @request: which devices
 * @failure: why not
 *
 * Return: 0, FAILURE_INPUT, FAILURE_SYSTEM, or FAILURE_TIMEOUT if the backend
 * has no such device.
 */
int queues_dump(const struct store *store, const struct queues_request *request,
		struct failure *failure);

/**
 * queues_health() - look twice, and say which queues stand still, and who is late
 * @store: the connection
 * @request: which devices, and the time between the looks
 * @failure: what is wrong
 *
 * Return: 0 if every device is connected and no queue stands still, FAILURE_TIMEOUT
 * if not, FAILURE_INPUT or FAILURE_SYSTEM.
 */
int queues_health(const struct store *store, const struct queues_request *request,
		  struct failure *failure);

#endif
