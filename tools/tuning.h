/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_TUNING_H
#define XENDRAIN_TUNING_H

#include <stdbool.h>
#include <stddef.h>

#include "../ring/tuning.h"
#include "failure.h"
#include "store.h"

#define TUNING_TEXT_BYTES 40

#define TUNING_NAME(name, key, ...) ", " key

/* The names of all keys, each after a comma and a blank. */
#define TUNING_NAMES DRAIN_TUNING(TUNING_NAME)

/* What a user wants of some of the keys: texts for xenstore, "" for the default. */
struct tuning {
	bool given[DRAIN_TUNING_KEYS];
	char text[DRAIN_TUNING_KEYS][TUNING_TEXT_BYTES];
};

/**
 * tuning_set() - check one value that the user gives
 * @tuning: gets it; zeroed before the first
 * @key: whose
 * @value: a number, copy or map, a rate in xl's form; or "default"
 * @failure: says what is allowed
 *
 * Return: 0 or FAILURE_INPUT.
 */
int tuning_set(struct tuning *tuning, enum drain_tuning_key key, const char *value,
	       struct failure *failure);

/* Writes what is given to a backend's directory, and removes what is to be default. */
int tuning_write(const struct store *store, const char *directory, const struct tuning *tuning,
		 struct failure *failure);

/* A value in the form in which users give it. */
void tuning_format(enum drain_tuning_key key, uint64_t value, char text[TUNING_TEXT_BYTES]);

/* What users may give, without "default". */
const char *tuning_allowed(enum drain_tuning_key key);

#endif
