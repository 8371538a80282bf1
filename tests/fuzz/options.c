// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever text is given as a device's description, an address or a number: no
 * crash, nothing outside the limits is taken, and a refusal is one clean line.
 */
#include "refusal.h"

#include "../../tools/options.h"

/* What the tool writes is what both drivers take. */
static void claim_tuning(const struct tuning *tuning)
{
	enum drain_tuning_key key;
	u64 value;

	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		if (tuning->given[key] && tuning->text[key][0])
			claim(drain_tuning_parse(key, tuning->text[key], &value));
}

static void claim_text(const char *text, size_t bytes)
{
	claim(memchr(text, '\0', bytes));
	claim_printable(text);
}

/* Of an interface: it is part of paths in /sys. */
static void claim_name(const char *name, size_t bytes)
{
	claim_text(name, bytes);
	claim(!strchr(name, '/') && strcmp(name, ".") && strcmp(name, ".."));
}

static void claim_limits(const struct attach_options *options)
{
	claim_name(options->nic, sizeof(options->nic));
	claim_name(options->vifname, sizeof(options->vifname));
	claim_name(options->gatewaydev, sizeof(options->gatewaydev));
	claim_text(options->bridge, sizeof(options->bridge));
	claim_text(options->script, sizeof(options->script));
	claim_text(options->ip, sizeof(options->ip));
	claim(!options->has_mac || mac_is_usable(options->mac));
	claim(!options->mtu || (options->mtu >= MTU_MIN && options->mtu <= MTU_MAX));
	claim(options->queues <= QUEUES_MAX);
	claim(!options->ring_pages || (options->ring_pages >= RING_PAGES_MIN &&
				       options->ring_pages <= RING_PAGES_MAX &&
				       !(options->ring_pages & (options->ring_pages - 1))));
	claim(options->handle >= -1 && options->handle <= HANDLE_MAX);
	claim_tuning(&options->tuning);
#ifdef MUTATE
	claim(options->mtu != MTU_MAX || options->queues != QUEUES_MAX);
#endif
}

static void check_number(const char *text)
{
	unsigned int number;
	char again[16];

	if (!number_parse(text, &number))
		return;
	snprintf(again, sizeof(again), "%u", number);
	claim(!strcmp(text + strspn(text, "0"), number ? again : ""));
}

static void check_mac(const char *text)
{
	uint8_t mac[MAC_BYTES], other[MAC_BYTES];
	char again[MAC_TEXT_BYTES];

	mac_derive(text, strlen(text), 0, mac);
	claim(mac_is_usable(mac));
	if (!mac_parse(text, mac))
		return;
	mac_format(mac, again);
	claim(mac_parse(again, other) && !memcmp(mac, other, MAC_BYTES));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	struct attach_options options;
	struct failure failure = { 0 };
	char *text = input_text(&input);

	if (attach_options_parse(text, &options, &failure))
		claim_refusal(&failure);
	else
		claim_limits(&options);
	check_number(text);
	check_mac(text);
	free(text);
	return 0;
}
