// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define VALUE_BYTES 128

#define KEYS \
	"nic, bridge, script, vifname, ip, gatewaydev, mac, mtu, queues, ring-pages, handle" \
	TUNING_NAMES

bool number_parse(const char *text, unsigned int *value)
{
	uint64_t number = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		number = number * 10 + (*text - '0');
		if (number > UINT32_MAX)
			return false;
	}
	*value = number;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool mac_parse(const char *text, uint8_t mac[MAC_BYTES])
{
	int i, high, low;

	if (strlen(text) != MAC_TEXT_BYTES - 1)
		return false;
	for (i = 0; i < MAC_BYTES; i++, text += 3) {
		high = hex_digit(text[0]);
		low = hex_digit(text[1]);
		if (high < 0 || low < 0 || text[2] != (i < MAC_BYTES - 1 ? ':' : '\0'))
			return false;
		mac[i] = high << 4 | low;
	}
	return true;
}

bool mac_is_usable(const uint8_t mac[MAC_BYTES])
{
	static const uint8_t zero[MAC_BYTES];

	return !(mac[0] & 1) && memcmp(mac, zero, MAC_BYTES);
}

void mac_format(const uint8_t mac[MAC_BYTES], char text[MAC_TEXT_BYTES])
{
	snprintf(text, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* FNV-1a: short, and it spreads names that differ in one letter. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t bytes)
{
	const uint8_t *byte = data;

	while (bytes--)
		hash = (hash ^ *byte++) * 0x100000001b3ULL;
	return hash;
}

void mac_derive(const char *domain_name, unsigned int handle, unsigned int attempt,
		uint8_t mac[MAC_BYTES])
{
	const uint8_t numbers[] = { handle, handle >> 8, attempt, attempt >> 8 };
	uint64_t hash = 0xcbf29ce484222325ULL;

	hash = hash_bytes(hash, domain_name, strlen(domain_name) + 1);
	hash = hash_bytes(hash, numbers, sizeof(numbers));
	hash ^= hash >> 32;

	mac[0] = 0x00;
	mac[1] = 0x16;
	mac[2] = 0x3e;
	/* The upper half of the range is left to administrators, as xl leaves it. */
	mac[3] = (hash >> 16) & 0x7f;
	mac[4] = hash >> 8;
	mac[5] = hash;
}

static bool is_interface_name(const char *text)
{
	size_t bytes = strlen(text);

	if (!bytes || bytes >= NIC_NAME_BYTES || !strcmp(text, ".") || !strcmp(text, ".."))
		return false;
	for (; *text; text++)
		if (!isgraph((unsigned char)*text) || *text == '/' || *text == ':')
			return false;
	return true;
}

static int set_interface(char name[NIC_NAME_BYTES], const char *key, const char *value,
			 struct failure *failure)
{
	if (!is_interface_name(value))
		return fail(failure, FAILURE_INPUT,
			    "%s=%s: not an interface's name; allowed are 1 to %d characters "
			    "without blank, / and :", key, value, NIC_NAME_BYTES - 1);
	memcpy(name, value, strlen(value) + 1);
	return 0;
}

static int set_nic(struct attach_options *options, const char *value, struct failure *failure)
{
	return set_interface(options->nic, "nic", value, failure);
}

static int set_vifname(struct attach_options *options, const char *value,
		       struct failure *failure)
{
	return set_interface(options->vifname, "vifname", value, failure);
}

static int set_gatewaydev(struct attach_options *options, const char *value,
			  struct failure *failure)
{
	return set_interface(options->gatewaydev, "gatewaydev", value, failure);
}

/* Every character of @value is alphanumeric or one of @others. */
static bool is_made_of(const char *value, const char *others)
{
	for (; *value; value++)
		if (!isalnum((unsigned char)*value) && !strchr(others, *value))
			return false;
	return true;
}

static int set_bridge(struct attach_options *options, const char *value, struct failure *failure)
{
	if (!*value || strlen(value) >= BRIDGE_BYTES || !is_made_of(value, "._:-"))
		return fail(failure, FAILURE_INPUT,
			    "bridge=%s: not a bridge's name; allowed are 1 to %d letters, digits "
			    "and ._:-", value, BRIDGE_BYTES - 1);
	memcpy(options->bridge, value, strlen(value) + 1);
	return 0;
}

static int set_script(struct attach_options *options, const char *value, struct failure *failure)
{
	if (!*value || strlen(value) >= SCRIPT_BYTES || !is_made_of(value, "/._:+-") ||
	    (*value != '/' && strchr(value, '/')))
		return fail(failure, FAILURE_INPUT,
			    "script=%s: allowed are the name of a file in /etc/xen/scripts and an "
			    "absolute path of at most %d letters, digits and /._:+-", value,
			    SCRIPT_BYTES - 1);
	memcpy(options->script, value, strlen(value) + 1);
	return 0;
}

static int set_ip(struct attach_options *options, const char *value, struct failure *failure)
{
	if (!*value || strlen(value) >= ADDRESSES_BYTES || !is_made_of(value, ".:/ "))
		return fail(failure, FAILURE_INPUT,
			    "ip=%s: allowed are IP addresses or networks with blanks between them, "
			    "as in 192.0.2.7 2001:db8::/64", value);
	memcpy(options->ip, value, strlen(value) + 1);
	return 0;
}

static int set_mac(struct attach_options *options, const char *value, struct failure *failure)
{
	if (!mac_parse(value, options->mac))
		return fail(failure, FAILURE_INPUT,
			    "mac=%s: not an Ethernet address; allowed are six pairs of "
			    "hexadecimal digits, as in 00:16:3e:12:34:56", value);
	if (options->mac[0] & 1)
		return fail(failure, FAILURE_INPUT,
			    "mac=%s: a multicast address; allowed are those whose first byte is "
			    "even, as in 00:16:3e:12:34:56", value);
	if (!mac_is_usable(options->mac))
		return fail(failure, FAILURE_INPUT,
			    "mac=%s: all zero; allowed is a unicast address, as in "
			    "00:16:3e:12:34:56", value);
	options->has_mac = true;
	return 0;
}

static int set_mtu(struct attach_options *options, const char *value, struct failure *failure)
{
	if (number_parse(value, &options->mtu) &&
	    options->mtu >= MTU_MIN && options->mtu <= MTU_MAX)
		return 0;
	return fail(failure, FAILURE_INPUT, "mtu=%s: allowed are %d to %d bytes",
		    value, MTU_MIN, MTU_MAX);
}

static int set_queues(struct attach_options *options, const char *value, struct failure *failure)
{
	if (number_parse(value, &options->queues) &&
	    options->queues >= QUEUES_MIN && options->queues <= QUEUES_MAX)
		return 0;
	return fail(failure, FAILURE_INPUT, "queues=%s: allowed are %d to %d",
		    value, QUEUES_MIN, QUEUES_MAX);
}

static int set_ring_pages(struct attach_options *options, const char *value,
			  struct failure *failure)
{
	if (number_parse(value, &options->ring_pages) &&
	    options->ring_pages >= RING_PAGES_MIN && options->ring_pages <= RING_PAGES_MAX &&
	    !(options->ring_pages & (options->ring_pages - 1)))
		return 0;
	return fail(failure, FAILURE_INPUT,
		    "ring-pages=%s: allowed are the powers of two from %d to %d",
		    value, RING_PAGES_MIN, RING_PAGES_MAX);
}

static int set_handle(struct attach_options *options, const char *value, struct failure *failure)
{
	unsigned int handle;

	if (!number_parse(value, &handle) || handle > HANDLE_MAX)
		return fail(failure, FAILURE_INPUT, "handle=%s: allowed are 0 to %d",
			    value, HANDLE_MAX);
	options->handle = handle;
	return 0;
}

static const struct option_key {
	const char *name;
	int (*set)(struct attach_options *options, const char *value, struct failure *failure);
} option_keys[] = {
	{ "nic", set_nic },
	{ "bridge", set_bridge },
	{ "script", set_script },
	{ "vifname", set_vifname },
	{ "ip", set_ip },
	{ "gatewaydev", set_gatewaydev },
	{ "mac", set_mac },
	{ "mtu", set_mtu },
	{ "queues", set_queues },
	{ "ring-pages", set_ring_pages },
	{ "handle", set_handle },
};

#define OPTION_KEYS (sizeof(option_keys) / sizeof(option_keys[0]))

#define ALL_KEYS (OPTION_KEYS + DRAIN_TUNING_KEYS)

/* Options first, then the tuning keys. */
static const char *key_name(size_t key)
{
	if (key < OPTION_KEYS)
		return option_keys[key].name;
	return drain_tuning_rule(key - OPTION_KEYS)->key;
}

static int find_key(const char *name, size_t bytes)
{
	size_t i;

	for (i = 0; i < ALL_KEYS; i++)
		if (strlen(key_name(i)) == bytes && !memcmp(key_name(i), name, bytes))
			return i;
	return -1;
}

static int set_key(size_t key, struct attach_options *options, const char *value,
		   struct failure *failure)
{
	if (key < OPTION_KEYS)
		return option_keys[key].set(options, value, failure);
	return tuning_set(&options->tuning, key - OPTION_KEYS, value, failure);
}

/* @bytes of @text are one KEY=VALUE; @seen has a bit for every key met before. */
static int parse_one(const char *text, size_t bytes, unsigned int *seen,
		     struct attach_options *options, struct failure *failure)
{
	const char *equals = memchr(text, '=', bytes);
	int shown = bytes < VALUE_BYTES ? bytes : VALUE_BYTES;
	char value[VALUE_BYTES];
	size_t value_bytes;
	int key;

	if (!equals)
		return fail(failure, FAILURE_INPUT,
			    "'%.*s': not KEY=VALUE; allowed keys are " KEYS, shown, text);
	key = find_key(text, equals - text);
	if (key < 0)
		return fail(failure, FAILURE_INPUT,
			    "'%.*s': unknown option; allowed are " KEYS, shown, text);
	if (*seen & 1u << key)
		return fail(failure, FAILURE_INPUT, "'%.*s': %s is given twice, allowed is once",
			    shown, text, key_name(key));
	*seen |= 1u << key;

	value_bytes = text + bytes - (equals + 1);
	if (value_bytes >= sizeof(value))
		return fail(failure, FAILURE_INPUT,
			    "'%.*s...': the value is too long, allowed are %zu characters",
			    shown, text, sizeof(value) - 1);
	memcpy(value, equals + 1, value_bytes);
	value[value_bytes] = '\0';
	return set_key(key, options, value, failure);
}

/* A device is on a NIC, or has an interface in dom0 that a script takes care of. */
static int check_port(const struct attach_options *options, struct failure *failure)
{
	const char *bridge_key = options->bridge[0] ? "bridge" : options->script[0] ? "script" :
				 options->vifname[0] ? "vifname" : options->ip[0] ? "ip" :
				 options->gatewaydev[0] ? "gatewaydev" : NULL;

	if (options->nic[0] && bridge_key)
		return fail(failure, FAILURE_INPUT,
			    "nic=%s and %s are given; allowed is nic=INTERFACE, or bridge=BRIDGE "
			    "or script=SCRIPT and what goes with them", options->nic, bridge_key);
	if (!options->nic[0] && !options->bridge[0] && !options->script[0])
		return fail(failure, FAILURE_INPUT,
			    "nic is missing, and so are bridge and script: nic=INTERFACE says which "
			    "NIC carries the frames, bridge=BRIDGE which bridge");
	return 0;
}

int attach_options_parse(const char *text, struct attach_options *options,
			 struct failure *failure)
{
	unsigned int seen = 0;
	size_t bytes;
	int ret;

	memset(options, 0, sizeof(*options));
	options->handle = -1;
	for (;;) {
		text += strspn(text, " ");
		bytes = strcspn(text, ",");
		ret = parse_one(text, bytes, &seen, options, failure);
		if (ret)
			return ret;
		text += bytes;
		if (!*text)
			break;
		text++;
	}
	return check_port(options, failure);
}
