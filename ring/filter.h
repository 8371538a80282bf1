/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The key rx-filter (PROTOCOL.md, section 4): what a guest wants to receive
 * beyond its own address. The guest writes it as it likes.
 */
#ifndef DRAIN_FILTER_H
#define DRAIN_FILTER_H

#include "wire.h"

#define DRAIN_ADDRESS_BYTES	6

/**
 * struct drain_filter - what a guest has asked for
 * @promisc: every frame
 * @all_groups: multicast to any group
 * @num_groups: multicast to so many groups
 * @groups: they
 */
struct drain_filter {
	bool promisc;
	bool all_groups;
	u32 num_groups;
	u8 groups[DRAIN_FILTER_GROUPS_MAX][DRAIN_ADDRESS_BYTES] __aligned(2);
};

static inline int drain_hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 'a' - 'A';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/*
 * XX:XX:XX:XX:XX:XX and no more; else @address is undefined. Not the kernel's
 * mac_pton(), so that what is tested in user space is what runs.
 */
static inline bool drain_parse_address(const char *text, u8 *address)
{
	const u8 *end = address + DRAIN_ADDRESS_BYTES;
	int high, low;

	for (; address != end; text += 3) {
		high = drain_hex_digit(text[0]);
		/* Nothing is read behind the end of the text. */
		low = high < 0 ? -1 : drain_hex_digit(text[1]);
		if (low < 0)
			return false;
		*address++ = high << 4 | low;
		if (text[2] != (address == end ? '\0' : ':'))
			return false;
	}
	return true;
}

static inline int drain_filter_add(struct drain_filter *filter, const char *word)
{
	u8 *group;

	if (!strcmp(word, "promisc")) {
		/* Refused or not: all that it may have. */
		filter->promisc = true;
		filter->all_groups = true;
		return 0;
	}
	if (!strcmp(word, "allmulti")) {
		filter->all_groups = true;
		return 0;
	}
	if (filter->num_groups == DRAIN_FILTER_GROUPS_MAX)
		return -ENOSPC;
	group = filter->groups[filter->num_groups];
	/* The lowest bit of the first byte says multicast. */
	if (!drain_parse_address(word, group) || !(group[0] & 1))
		return -EINVAL;
	filter->num_groups++;
	return 0;
}

/**
 * drain_filter_parse() - what a guest's text asks for
 * @filter: all zeroes; undefined on error
 * @text: the key's value, cut into its words here
 * @word: set on error, to the first word that is not allowed, in @text
 *
 * Return: 0, -EINVAL, or -ENOSPC if there are too many groups.
 */
static inline int __must_check drain_filter_parse(struct drain_filter *filter, char *text,
						  const char **word)
{
	int err = 0;

	while (!err && (*word = strsep(&text, " ")))
		if (**word)
			err = drain_filter_add(filter, *word);
	return err;
}

#endif /* DRAIN_FILTER_H */
