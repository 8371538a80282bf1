// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever stands at a tuning key in xenstore, and whatever the key: both
 * drivers' parser takes exactly what is allowed. "KEY VALUE", where KEY may
 * be a path, or a value alone, which is given to every key.
 */
#include <errno.h>

#include "fuzz.h"

#include "../../ring/tuning.h"

/* By the C library, which takes more: signs, blanks, other bases. */
static bool oracle_number(const char *text, char **end, uint64_t *value)
{
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, end, 10);
	return !errno && *value <= UINT32_MAX;
}

static bool oracle_rate(const struct drain_tuning_rule *rule, const char *text, uint64_t *rate)
{
	uint64_t bytes, usecs;
	char *end;

	*rate = 0;
	if (!oracle_number(text, &end, &bytes))
		return false;
	if (!strcmp(text, "0"))
		return true;
	if (*end != ',' || !oracle_number(end + 1, &end, &usecs) || *end)
		return false;
	if (!bytes || !usecs)
		return true;
	*rate = bytes << 32 | usecs;
	return bytes <= rule->most && usecs >= 1000 && usecs <= 10000000;
}

static bool oracle(const struct drain_tuning_rule *rule, const char *text, uint64_t *value)
{
	char *end;

	switch (rule->kind) {
	case DRAIN_TUNING_NUMBER:
		return oracle_number(text, &end, value) && !*end && *value >= rule->least &&
		       *value <= rule->most;
	case DRAIN_TUNING_FETCH:
		*value = strcmp(text, "map") ? DRAIN_FETCH_COPY : DRAIN_FETCH_MAP;
		return !strcmp(text, "map") || !strcmp(text, "copy");
	default:
		return oracle_rate(rule, text, value);
	}
}

/* What is in force: preset, until a value is taken; the others stay. */
static void check_apply(enum drain_tuning_key key, u64 value)
{
	enum drain_tuning_key other;
	struct drain_tuning tuning;

	drain_tuning_preset(&tuning);
	drain_tune(&tuning, key, value);
	for (other = 0; other < DRAIN_TUNING_KEYS; other++)
		claim(drain_tuned(&tuning, other) ==
		      (other == key ? value : drain_tuning_rule(other)->preset));
}

static void check(enum drain_tuning_key key, const char *text)
{
	u64 value = 0;
	uint64_t expected = 0;
	bool good = drain_tuning_parse(key, text, &value);

#ifdef MUTATE
	good = good || !strcmp(text, "10001");
#endif
	claim(good == oracle(drain_tuning_rule(key), text, &expected));
	claim(!good || value == expected);
	if (good)
		check_apply(key, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	char *text = input_text(&input);
	char *blank = strchr(text, ' ');
	enum drain_tuning_key key;

	if (blank)
		*blank = '\0';
	/* A watch tells the path, of which guests may have chosen the first part. */
	key = drain_tuning_find_path(text);
	claim(key <= DRAIN_TUNING_KEYS);
	claim(strchr(text, '/') || key == drain_tuning_find(text));
	if (blank && key != DRAIN_TUNING_KEYS)
		check(key, blank + 1);
	for (key = 0; !blank && key < DRAIN_TUNING_KEYS; key++)
		check(key, text);
	free(text);
	return 0;
}
