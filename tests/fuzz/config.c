// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever a file in /etc/xen holds: the daemon's parser does not crash, takes
 * what is in vdrain and nothing else, and says in one clean line what is wrong.
 */
#include "refusal.h"

#include "../../tools/config.h"
#include "../../tools/options.h"

/* Xen 4.17's parser leaks some bytes at a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libxlutil";
}

/* Each entry goes to the parser that xendraind gives it to. */
static void check_entry(const char *entry)
{
	struct attach_options options;
	struct failure failure = { 0 };

	if (entry && attach_options_parse(entry, &options, &failure))
		claim_refusal(&failure);
#ifdef MUTATE
	claim(!entry || strcmp(entry, "nic=eth0,mtu=1500"));
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	struct domain_config config = { 0 };
	struct failure failure = { 0 };
	char *text = input_text(&input);
	size_t i;
	int ret;

	ret = config_parse(text, bytes, "u1.cfg", "u1", &config, &failure);
	if (ret)
		claim_refusal(&failure);
	claim(!config.count || !strcmp(config.file, "u1.cfg"));
	claim(!config.count || (memmem(text, bytes, "vdrain", 6) && memmem(text, bytes, "u1", 2)));
	for (i = 0; i < config.count; i++)
		check_entry(config.entries[i]);
	config_free(&config);
	free(text);
	return 0;
}
