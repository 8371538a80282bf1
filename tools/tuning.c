// SPDX-License-Identifier: GPL-2.0-only
#include "tuning.h"

#include <errno.h>
#include <inttypes.h>
#include <libxlutil.h>
#include <stdio.h>
#include <string.h>

#define RATE_USECS_DEFAULT 50000	/* xl's, if a rate has no @INTERVAL */

const char *tuning_allowed(enum drain_tuning_key key)
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);

	return rule->kind == DRAIN_TUNING_RATE ? "like 10MB/s@20ms, or 0" :
						 rule->allowed;
}

/* With the largest unit of a thousand, and bits if they come out even. */
static void format_rate(uint64_t rate, char text[TUNING_TEXT_BYTES])
{
	static const char *const units[] = { "", "K", "M", "G" };
	uint32_t usecs = DRAIN_RATE_USECS(rate);
	uint64_t bits = (uint64_t)DRAIN_RATE_BYTES(rate) * 8000000 / usecs;
	char interval[16] = "";
	size_t unit = 0;

	for (; bits >= 1000 && bits % 1000 == 0 && unit < 3; unit++)
		bits /= 1000;
	if (usecs % 1000)
		snprintf(interval, sizeof(interval), "@%" PRIu32 "us", usecs);
	else if (usecs != RATE_USECS_DEFAULT)
		snprintf(interval, sizeof(interval), "@%" PRIu32 "ms", usecs / 1000);
	snprintf(text, TUNING_TEXT_BYTES, "%" PRIu64 "%sb/s%s", bits, units[unit], interval);
}

void tuning_format(enum drain_tuning_key key, uint64_t value, char text[TUNING_TEXT_BYTES])
{
	static const char *const fetches[] = { "default", "copy", "map" };

	if (drain_tuning_rule(key)->kind == DRAIN_TUNING_FETCH)
		snprintf(text, TUNING_TEXT_BYTES, "%s", fetches[value]);
	else if (drain_tuning_rule(key)->kind == DRAIN_TUNING_RATE && value)
		format_rate(value, text);
	else
		snprintf(text, TUNING_TEXT_BYTES, "%" PRIu64, value);
}

/* As xl does, and with a limit of its own for what xl rounds down to nothing. */
static bool parse_rate(const char *value, char text[TUNING_TEXT_BYTES])
{
	FILE *nowhere = fopen("/dev/null", "w");
	XLU_Config *config = nowhere ? xlu_cfg_init(nowhere, "") : NULL;
	libxl_device_nic nic = { 0 };
	uint64_t parsed;
	bool good;

	/* The library takes an old ERANGE for its own. */
	errno = 0;
	good = config && !xlu_vif_parse_rate(config, value, &nic) &&
	       nic.rate_bytes_per_interval && nic.rate_bytes_per_interval <= UINT32_MAX;
	if (config)
		xlu_cfg_destroy(config);
	if (nowhere)
		fclose(nowhere);
	if (!good)
		return false;
	snprintf(text, TUNING_TEXT_BYTES, "%" PRIu64 ",%" PRIu32, nic.rate_bytes_per_interval,
		 nic.rate_interval_usecs);
	return drain_tuning_parse(DRAIN_TUNE_RATE, text, &parsed);
}

static int set_rate(char text[TUNING_TEXT_BYTES], const char *value, struct failure *failure)
{
	if (!strcmp(value, "0")) {
		tuning_format(DRAIN_TUNE_RATE, 0, text);
		return 0;
	}
	if (parse_rate(value, text))
		return 0;
	return fail(failure, FAILURE_INPUT,
		    "rate=%s: allowed are rates as xl takes them, like 100Mb/s or 10MB/s@20ms, of "
		    "1 byte to 4 GB in an interval of %d ms to %d s; 0 for no limit; or default",
		    value, DRAIN_RATE_USECS_MIN / 1000, DRAIN_RATE_USECS_MAX / 1000000);
}

int tuning_set(struct tuning *tuning, enum drain_tuning_key key, const char *value,
	       struct failure *failure)
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);
	char *text = tuning->text[key];
	uint64_t number;

	tuning->given[key] = true;
	if (!strcmp(value, "default")) {
		*text = '\0';
		return 0;
	}
	if (rule->kind == DRAIN_TUNING_RATE)
		return set_rate(text, value, failure);
	if (!drain_tuning_parse(key, value, &number))
		return fail(failure, FAILURE_INPUT, "%s=%s: allowed are %s, or default", rule->key,
			    value, rule->allowed);
	tuning_format(key, number, text);
	return 0;
}

int tuning_write(const struct store *store, const char *directory, const struct tuning *tuning,
		 struct failure *failure)
{
	enum drain_tuning_key key;
	int ret = 0;

	for (key = 0; !ret && key < DRAIN_TUNING_KEYS; key++) {
		const char *name = drain_tuning_rule(key)->key;

		if (!tuning->given[key])
			continue;
		if (*tuning->text[key])
			ret = store_write(store, directory, name, tuning->text[key], failure);
		else
			store_delete(store, directory, name);
	}
	return ret;
}
