/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_ARGUMENTS_H
#define XENDRAIN_ARGUMENTS_H

#include <stdbool.h>

#include "failure.h"

#define ARGUMENT_WORDS_MAX 16
#define WAIT_DEFAULT_SECONDS 10
#define WAIT_MAX_SECONDS 3600
#define WATCH_DEFAULT_SECONDS 1

/* The options that a command takes besides --help. */
enum argument_flags {
	ARGUMENT_WAIT = 1,
	ARGUMENT_FORCE = 2,
	ARGUMENT_JSON = 4,
	ARGUMENT_INTERVAL = 8,
	ARGUMENT_WATCH = 16,
};

/* A command's command line. */
struct arguments {
	const char *words[ARGUMENT_WORDS_MAX];
	int n_words;
	bool help;
	bool force;
	bool json;
	unsigned int wait_seconds;
	unsigned int interval_seconds;	/* 0: not given */
	unsigned int watch_seconds;	/* 0: not given */
};

/**
 * arguments_parse() - split a command's command line into words and options
 * @argv: what follows the command's name, ended by NULL
 * @allowed: argument_flags that this command takes
 * @arguments: filled in; its words point into @argv
 * @failure: says what is wrong
 *
 * Return: 0 or FAILURE_INPUT.
 */
int arguments_parse(char **argv, unsigned int allowed, struct arguments *arguments,
		    struct failure *failure);

#endif
