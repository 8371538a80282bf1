// SPDX-License-Identifier: GPL-2.0-only
#include "tune.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "options.h"
#include "sysfs.h"

#define IN_FORCE DEVICE_SYSFS "/tuning/%s"

#define ROW "  %-17s  %-12s %-8s %-22s %s\n"

/* How often the driver is asked whether it has taken a value. */
#define POLL_MS 10

static const struct attach_key {
	const char *key;
	const char *preset;
	const char *meaning;
} attach_keys[] = {
	{ "queues", "1", "queues that the guest may use, at most" },
	{ "ring-pages", "128", "pages of each ring" },
	{ "mtu", "NIC's", "bytes of the longest packet" },
};

#define ATTACH_KEYS (sizeof(attach_keys) / sizeof(attach_keys[0]))

static bool is_attach_key(const char *name)
{
	size_t i;

	for (i = 0; i < ATTACH_KEYS; i++)
		if (!strcmp(attach_keys[i].key, name))
			return true;
	return false;
}

static int parse_word(const char *word, struct tuning *tuning, struct failure *failure)
{
	const char *equals = strchr(word, '=');
	enum drain_tuning_key key;
	char name[32];

	if (!equals)
		return fail(failure, FAILURE_INPUT,
			    "'%.64s': not KEY=VALUE; allowed keys are %s", word,
			    &TUNING_NAMES[2]);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
	key = drain_tuning_find(name);
	if (is_attach_key(name))
		return fail(failure, FAILURE_INPUT,
			    "'%.64s': %s is set at attach; allowed is to detach the device, and "
			    "to attach it again with that", word, name);
	if (key == DRAIN_TUNING_KEYS)
		return fail(failure, FAILURE_INPUT, "'%.64s': unknown key; allowed are %s", word,
			    &TUNING_NAMES[2]);
	if (tuning->given[key])
		return fail(failure, FAILURE_INPUT, "'%.64s': %s is given twice, allowed is once",
			    word, name);
	return tuning_set(tuning, key, equals + 1, failure);
}

int tune_parse(const char *const *words, int count, struct tune_request *request,
	       struct failure *failure)
{
	int i = 0, ret = 0;

	if (count && !strchr(words[0], '='))
		request->handle = words[i++];
	for (; !ret && i < count; i++)
		ret = parse_word(words[i], &request->tuning, failure);
	return ret;
}

/* The devices that are meant. */
struct targets {
	const struct tune_request *request;
	struct device *device;
	size_t count;
};

static int add_target(const struct store *store, const struct device *device, void *context)
{
	struct targets *targets = context;
	struct device *grown = realloc(targets->device,
				       (targets->count + 1) * sizeof(*targets->device));

	(void)store;
	if (!grown)
		return FAILURE_SYSTEM;
	targets->device = grown;
	targets->device[targets->count++] = *device;
	return 0;
}

static int find_targets(const struct store *store, struct targets *targets,
			struct failure *failure)
{
	const struct domain *domain = targets->request->domain;
	struct device device;
	int ret;

	if (targets->request->handle) {
		ret = device_find(store, domain, targets->request->handle, &device, failure);
		if (ret)
			return ret;
		ret = add_target(store, &device, targets);
	} else {
		ret = device_each(store, domain, add_target, targets);
	}
	if (ret)
		return fail(failure, FAILURE_SYSTEM, "out of memory");
	if (targets->count)
		return 0;
	return fail(failure, FAILURE_INPUT, "domain %u (%s) has no vdrain device", domain->id,
		    domain->name);
}

/* The backend's own: a guest on a bridge may be a bridge itself. */
static uint64_t preset_of(const struct store *store, const struct device *device,
			  enum drain_tuning_key key)
{
	uint64_t preset = drain_tuning_rule(key)->preset;
	char *nic;

	if (key != DRAIN_TUNE_SPOOF_CHECK)
		return preset;
	nic = store_read(store, "%s/nic", device->backend);
	if (!nic)
		preset = 0;
	free(nic);
	return preset;
}

static bool is_in_force(const struct store *store, const struct device *device,
			enum drain_tuning_key key, const char *wanted_text)
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);
	uint64_t wanted = preset_of(store, device, key), value;
	char text[64];

	if (!sysfs_read_text(text, sizeof(text), IN_FORCE, device->domid, device->handle,
			     rule->key) || !drain_tuning_parse(key, text, &value))
		return false;
	if (*wanted_text && !drain_tuning_parse(key, wanted_text, &wanted))
		return false;
	/* Dom0's own choice. */
	if (key == DRAIN_TUNE_FETCH && wanted == DRAIN_FETCH_DEFAULT)
		wanted = DRAIN_FETCH_MAP;
	return value == wanted;
}

/* The first key that is given and not in force, or DRAIN_TUNING_KEYS. */
static enum drain_tuning_key find_pending(const struct store *store, const struct device *device,
					  const struct tuning *tuning)
{
	enum drain_tuning_key key = 0;

	while (key < DRAIN_TUNING_KEYS &&
	       (!tuning->given[key] || is_in_force(store, device, key, tuning->text[key])))
		key++;
	return key;
}

static int report_pending(const struct store *store, const struct device *device,
			  enum drain_tuning_key key, struct failure *failure)
{
	const char *name = drain_tuning_rule(key)->key;
	char *error = store_read(store, "%s/error", device->backend_error);

	if (!sysfs_exists("/sys/module/xen_drainback"))
		fail(failure, FAILURE_TIMEOUT,
		     "xen-drainback is not loaded: the values for vdrain %u of domain %u are set, "
		     "and wait for it (modprobe xen-drainback)", device->handle, device->domid);
	else
		fail(failure, FAILURE_TIMEOUT,
		     "xen-drainback has not taken %s of vdrain %u of domain %u: %s", name,
		     device->handle, device->domid, error ? error : "see dmesg");
	free(error);
	return FAILURE_TIMEOUT;
}

/* The driver has said something new. */
static bool has_new_error(const struct store *store, const struct device *device, const char *old)
{
	char *error = store_read(store, "%s/error", device->backend_error);
	bool is_new = error && (!old || strcmp(error, old));

	free(error);
	return is_new;
}

static int wait_for_driver(const struct store *store, const struct device *device,
			   const struct tune_request *request, const char *old_error,
			   struct failure *failure)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };
	unsigned int left = request->wait_seconds * (1000 / POLL_MS);
	enum drain_tuning_key key;

	for (;;) {
		key = find_pending(store, device, &request->tuning);
		if (key == DRAIN_TUNING_KEYS)
			return 0;
		if (!left-- || has_new_error(store, device, old_error) ||
		    !sysfs_exists("/sys/module/xen_drainback"))
			break;
		nanosleep(&pause, NULL);
	}
	/* It may have answered between the two looks. */
	key = find_pending(store, device, &request->tuning);
	return key == DRAIN_TUNING_KEYS ? 0 : report_pending(store, device, key, failure);
}

static int write_targets(const struct store *store, void *context, struct failure *failure)
{
	const struct targets *targets = context;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < targets->count; i++) {
		const struct device *device = &targets->device[i];

		if (!store_exists(store, device->backend))
			return fail(failure, FAILURE_INPUT, "vdrain %u of domain %u has gone",
				    device->handle, device->domid);
		ret = tuning_write(store, device->backend, &targets->request->tuning, failure);
	}
	return ret;
}

static int set_targets(struct store *store, struct targets *targets, struct failure *failure)
{
	const struct tune_request *request = targets->request;
	char **errors = calloc(targets->count, sizeof(*errors));
	size_t i;
	int ret;

	if (!errors)
		return fail(failure, FAILURE_SYSTEM, "out of memory");
	for (i = 0; i < targets->count; i++)
		errors[i] = store_read(store, "%s/error", targets->device[i].backend_error);
	ret = store_transaction(store, write_targets, targets, failure);
	for (i = 0; !ret && i < targets->count && request->wait_seconds; i++)
		ret = wait_for_driver(store, &targets->device[i], request, errors[i], failure);
	for (i = 0; i < targets->count; i++)
		free(errors[i]);
	free(errors);
	return ret;
}

/* What is in force; what xenstore says if the driver does not. */
static void read_value(const struct store *store, const struct device *device,
		       enum drain_tuning_key key, char shown[TUNING_TEXT_BYTES])
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);
	char *text = store_read(store, "%s/%s", device->backend, rule->key);
	uint64_t value = preset_of(store, device, key);
	char in_force[64];

	if (!text ||
	    (sysfs_read_text(in_force, sizeof(in_force), IN_FORCE, device->domid, device->handle,
			     rule->key) && drain_tuning_parse(key, in_force, &value)) ||
	    drain_tuning_parse(key, text, &value))
		tuning_format(key, value, shown);
	else
		snprintf(shown, TUNING_TEXT_BYTES, "bad");
	free(text);
}

static void show_attach_key(const struct store *store, const struct device *device,
			    const struct attach_key *key)
{
	char *text = store_read_clean(store, device->backend, key->key);

	printf(ROW, key->key, text ? text : key->preset, key->preset, "at attach only",
	       key->meaning);
	free(text);
}

static void show_device(const struct store *store, const struct domain *domain,
			const struct device *device)
{
	char *error = store_read_clean(store, device->backend_error, "error");
	char value[TUNING_TEXT_BYTES], preset[TUNING_TEXT_BYTES];
	enum drain_tuning_key key;
	size_t i;

	printf("domain %u (%s): vdrain %u\n", domain->id, domain->name, device->handle);
	printf(ROW, "KEY", "VALUE", "DEFAULT", "ALLOWED", "MEANING");
	for (key = 0; key < DRAIN_TUNING_KEYS; key++) {
		const struct drain_tuning_rule *rule = drain_tuning_rule(key);

		read_value(store, device, key, value);
		tuning_format(key, preset_of(store, device, key), preset);
		printf(ROW, rule->key, value, preset, tuning_allowed(key), rule->meaning);
	}
	for (i = 0; i < ATTACH_KEYS; i++)
		show_attach_key(store, device, &attach_keys[i]);
	if (error)
		printf("  error: %s\n", error);
	free(error);
}

void tune_print_keys(void)
{
	enum drain_tuning_key key;

	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		printf("  %-17s  %s\n%21s%s\n", drain_tuning_rule(key)->key,
		       tuning_allowed(key), "", drain_tuning_rule(key)->meaning);
}

static bool is_any_given(const struct tuning *tuning)
{
	enum drain_tuning_key key;

	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		if (tuning->given[key])
			return true;
	return false;
}

int tune_devices(struct store *store, const struct tune_request *request,
		 struct failure *failure)
{
	struct targets targets = { .request = request };
	int ret = find_targets(store, &targets, failure);
	size_t i;

	if (!ret && is_any_given(&request->tuning))
		ret = set_targets(store, &targets, failure);
	else
		for (i = 0; !ret && i < targets.count; i++)
			show_device(store, request->domain, &targets.device[i]);
	free(targets.device);
	return ret;
}
