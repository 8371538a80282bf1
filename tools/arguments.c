// SPDX-License-Identifier: GPL-2.0-only
#include "arguments.h"

#include <stdio.h>
#include <string.h>

#include "options.h"

static const struct argument_option {
	const char *name;
	unsigned int flag;
	enum { NO_VALUE, SECONDS, PERHAPS_SECONDS } value;
} argument_options[] = {
	{ "--wait", ARGUMENT_WAIT, SECONDS },
	{ "--force", ARGUMENT_FORCE, NO_VALUE },
	{ "--json", ARGUMENT_JSON, NO_VALUE },
	{ "--interval", ARGUMENT_INTERVAL, SECONDS },
	{ "--watch", ARGUMENT_WATCH, PERHAPS_SECONDS },
};

#define ARGUMENT_OPTIONS (sizeof(argument_options) / sizeof(argument_options[0]))

static const struct argument_option *find_option(const char *text, unsigned int allowed)
{
	size_t bytes = strcspn(text, "=");
	size_t i;

	for (i = 0; i < ARGUMENT_OPTIONS; i++)
		if ((argument_options[i].flag & allowed) &&
		    strlen(argument_options[i].name) == bytes &&
		    !memcmp(argument_options[i].name, text, bytes))
			return &argument_options[i];
	return NULL;
}

static int unknown_option(const char *text, unsigned int allowed, struct failure *failure)
{
	size_t i, used = 0;
	char names[128] = "";

	for (i = 0; i < ARGUMENT_OPTIONS && used < sizeof(names); i++) {
		if (!(argument_options[i].flag & allowed))
			continue;
		used += snprintf(names + used, sizeof(names) - used, "%s, ",
				 argument_options[i].name);
	}
	return fail(failure, FAILURE_INPUT, "%.64s: unknown option; allowed are %s--help",
		    text, names);
}

static int parse_seconds(const struct argument_option *option, const char *value,
			 struct arguments *arguments, struct failure *failure)
{
	unsigned int least = option->flag != ARGUMENT_WAIT;
	unsigned int seconds;

	if (!value || !number_parse(value, &seconds) || seconds < least ||
	    seconds > WAIT_MAX_SECONDS)
		return fail(failure, FAILURE_INPUT, "%s %.64s: allowed are %u to %d seconds",
			    option->name, value ? value : "without a number", least,
			    WAIT_MAX_SECONDS);
	if (option->flag == ARGUMENT_WAIT)
		arguments->wait_seconds = seconds;
	else if (option->flag == ARGUMENT_WATCH)
		arguments->watch_seconds = seconds;
	else
		arguments->interval_seconds = seconds;
	return 0;
}

static bool is_number(const char *text)
{
	return text && *text && !text[strspn(text, "0123456789")];
}

/* Moves *@argv on when the option's value is the next word. */
static int parse_option(char ***argv, unsigned int allowed, struct arguments *arguments,
			struct failure *failure)
{
	const char *text = **argv;
	const struct argument_option *option = find_option(text, allowed);
	const char *equals = strchr(text, '=');

	if (!option)
		return unknown_option(text, allowed, failure);
	if (option->value == PERHAPS_SECONDS && !equals && !is_number((*argv)[1])) {
		arguments->watch_seconds = WATCH_DEFAULT_SECONDS;
		return 0;
	}
	if (option->value != NO_VALUE) {
		if (!equals && (*argv)[1])
			return parse_seconds(option, *++*argv, arguments, failure);
		return parse_seconds(option, equals ? equals + 1 : NULL, arguments, failure);
	}
	if (equals)
		return fail(failure, FAILURE_INPUT, "%.64s: %s takes no value", text,
			    option->name);
	if (option->flag == ARGUMENT_FORCE)
		arguments->force = true;
	else
		arguments->json = true;
	return 0;
}

int arguments_parse(char **argv, unsigned int allowed, struct arguments *arguments,
		    struct failure *failure)
{
	bool options_ended = false;
	int ret;

	memset(arguments, 0, sizeof(*arguments));
	arguments->wait_seconds = WAIT_DEFAULT_SECONDS;
	for (; *argv; argv++) {
		if (!options_ended && !strcmp(*argv, "--")) {
			options_ended = true;
		} else if (!options_ended && (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))) {
			arguments->help = true;
		} else if (!options_ended && **argv == '-') {
			ret = parse_option(&argv, allowed, arguments, failure);
			if (ret)
				return ret;
		} else if (arguments->n_words == ARGUMENT_WORDS_MAX) {
			return fail(failure, FAILURE_INPUT, "'%.64s': one argument too many",
				    *argv);
		} else {
			arguments->words[arguments->n_words++] = *argv;
		}
	}
	return 0;
}
