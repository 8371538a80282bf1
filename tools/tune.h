/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_TUNE_H
#define XENDRAIN_TUNE_H

#include "device.h"
#include "tuning.h"

struct tune_request {
	const struct domain *domain;
	const char *handle;		/* as the user wrote it; NULL: all devices */
	struct tuning tuning;
	unsigned int wait_seconds;
};

/**
 * tune_parse() - read the words after the domain's name
 * @words: HANDLE or not, then KEY=VALUE as often as wanted
 * @count: how many words
 * @request: gets the handle and the values
 * @failure: says what is wrong
 *
 * Return: 0 or FAILURE_INPUT.
 */
int tune_parse(const char *const *words, int count, struct tune_request *request,
	       struct failure *failure);

/**
 * tune_devices() - set what is given, in one transaction, or show what is set
 * @store: the connection
 * @request: from tune_parse()
 * @failure: why not
 *
 * Return: 0, FAILURE_INPUT, FAILURE_SYSTEM, or FAILURE_TIMEOUT if xen-drainback
 * refuses a value or does not answer.
 */
int tune_devices(struct store *store, const struct tune_request *request,
		 struct failure *failure);

/* Prints the keys, for --help. */
void tune_print_keys(void);

#endif
