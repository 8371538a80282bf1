// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever a guest writes into rx-filter, the backend's parser takes exactly
 * what PROTOCOL.md allows, and points at a word of the text if it does not.
 */
#include "fuzz.h"

#include "../../ring/wire.h"

#ifdef MUTATE
/* One group more than there may be, in the parser alone. */
#undef DRAIN_FILTER_GROUPS_MAX
#define DRAIN_FILTER_GROUPS_MAX	65
#endif
#include "../../ring/filter.h"

/* What the text asks for, in the words of PROTOCOL.md. */
struct wanted {
	bool allowed, promisc, all;
	const char *bad;	/* the first word that is not allowed */
	unsigned int groups;
	uint64_t group[64];
};

/* By the C library, which takes shorter numbers, signs, blanks and "0x". */
static bool oracle_address(const char *word, size_t bytes, uint64_t *address)
{
	char digits[3] = "";
	size_t i;

	*address = 0;
	if (bytes != strlen("01:00:5e:00:00:01"))
		return false;
	for (i = 0; i < bytes; i += 3) {
		if (strspn(word + i, "0123456789abcdefABCDEF") < 2)
			return false;
		if (i + 2 < bytes && word[i + 2] != ':')
			return false;
		memcpy(digits, word + i, 2);
		*address = *address << 8 | strtoul(digits, NULL, 16);
	}
	return *address >> 40 & 1;
}

static bool same(const char *word, size_t bytes, const char *expected)
{
	return bytes == strlen(expected) && !memcmp(word, expected, bytes);
}

static bool oracle_word(struct wanted *wanted, const char *word, size_t bytes)
{
	uint64_t address;

	if (same(word, bytes, "promisc")) {
		/* Who asks for it gets all multicast in either case. */
		wanted->promisc = true;
		wanted->all = true;
	} else if (same(word, bytes, "allmulti")) {
		wanted->all = true;
	} else {
		if (!oracle_address(word, bytes, &address) || wanted->groups == 64)
			return false;
		wanted->group[wanted->groups++] = address;
	}
	return true;
}

static void oracle(struct wanted *wanted, const char *text)
{
	size_t bytes;

	memset(wanted, 0, sizeof(*wanted));
	for (;;) {
		text += strspn(text, " ");
		bytes = strcspn(text, " ");
		if (!bytes)
			break;
		if (!oracle_word(wanted, text, bytes)) {
			wanted->bad = text;
			return;
		}
		text += bytes;
	}
	wanted->allowed = true;
}

static void claim_taken(const struct drain_filter *filter, const struct wanted *wanted)
{
	unsigned int i, n;
	uint64_t address;

	claim(filter->promisc == wanted->promisc && filter->all_groups == wanted->all);
	claim(filter->num_groups == wanted->groups);
	for (n = 0; n < wanted->groups; n++) {
		for (address = 0, i = 0; i < 6; i++)
			address = address << 8 | filter->groups[n][i];
		claim(address == wanted->group[n]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	/* A block of its own: the groups end where it does. */
	struct drain_filter *filter = calloc(1, sizeof(*filter));
	char *text = input_text(&input);
	const char *word = NULL;
	struct wanted wanted;
	int err;

	claim(filter);
	oracle(&wanted, text);
	err = drain_filter_parse(filter, text, &word);
	claim(!err == wanted.allowed);
	if (err) {
		/* The backend quotes it, so it must end within the text. */
		claim(word == wanted.bad && !strchr(word, ' '));
		claim(err == (wanted.groups == 64 ? -ENOSPC : -EINVAL));
	} else {
		claim_taken(filter, &wanted);
	}
	free(filter);
	free(text);
	return 0;
}
