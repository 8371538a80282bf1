// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever the command line is, one argument a line: no crash, the words point
 * into it, the seconds are within their limits, and a refusal is one clean line.
 */
#include "refusal.h"

#include "../../tools/arguments.h"

#define ARGUMENTS_MAX 16

static void claim_limits(const struct arguments *arguments, char **argv, int argc)
{
	int word, i;

	claim(arguments->n_words <= ARGUMENT_WORDS_MAX);
	claim(arguments->wait_seconds <= WAIT_MAX_SECONDS);
	claim(arguments->interval_seconds <= WAIT_MAX_SECONDS);
	for (word = 0; word < arguments->n_words; word++) {
		for (i = 0; i < argc && argv[i] != arguments->words[word]; i++)
			;
		claim(i < argc);
	}
#ifdef MUTATE
	claim(!arguments->json || arguments->interval_seconds != 60);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	unsigned int allowed = input_u8(&input);
	char *argv[ARGUMENTS_MAX + 1] = { 0 };
	struct failure failure = { 0 };
	struct arguments arguments;
	char *text = input_text(&input);
	char *end = text;
	int argc = 0;

	while (end && argc < ARGUMENTS_MAX)
		argv[argc++] = strsep(&end, "\n");
	if (arguments_parse(argv, allowed, &arguments, &failure))
		claim_refusal(&failure);
	else
		claim_limits(&arguments, argv, argc);
	free(text);
	return 0;
}
