/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_CONFIG_H
#define XENDRAIN_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

/* What a domain's config, in xl's syntax, says of its vdrain devices. */
struct domain_config {
	char file[PATH_MAX];	/* "" if there is none */
	char **entries;		/* of the list vdrain, NULL for what is not a string */
	size_t count;
};

/**
 * config_parse() - read a config if it is that of a domain
 * @text: the config
 * @bytes: of @text
 * @file: its name, for the messages
 * @name: the domain's
 * @config: entries and count are set if the config's name is @name
 * @failure: why not
 *
 * Return: 0; FAILURE_INPUT if it is the domain's and vdrain is not a list, or
 * if it cannot be parsed at all.
 */
int config_parse(const char *text, size_t bytes, const char *file, const char *name,
		 struct domain_config *config, struct failure *failure);

/**
 * config_find() - look for a domain's config
 * @directories: where, in this order; in each by the names of the files
 * @n_directories: how many
 * @name: the domain's
 * @config: to be freed in any case; file is "" if no config has that name
 * @failure: what is wrong with the one that was found, or with one that could
 *           not be read while none was found
 *
 * Return: 0 or FAILURE_INPUT.
 */
int config_find(const char *const *directories, size_t n_directories, const char *name,
		struct domain_config *config, struct failure *failure);

void config_free(struct domain_config *config);

#endif
