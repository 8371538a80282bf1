/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The live tuning keys of a device: their names, ranges and defaults, for both
 * modules and the tools. They stand in the backend's directory of xenstore.
 */
#ifndef DRAIN_TUNING_H
#define DRAIN_TUNING_H

#include "os.h"

/*
 * X(NAME, key, kind, least, most, default, what it means)
 *
 * Kinds: NUMBER is a decimal from least to most. FETCH is "copy" or "map"; by
 * default each side chooses for itself. RATE is "BYTES,USECS", what may pass in
 * each interval of so many microseconds, or "0": least to most bytes.
 */
#define DRAIN_TUNING(X)								\
	X(COALESCE_USECS, "coalesce-usecs", NUMBER, 0, 10000, 1000,		\
	  "us between two wake-ups of the guest, at least")			\
	X(COALESCE_ADAPTIVE, "coalesce-adaptive", NUMBER, 0, 1, 1,		\
	  "1: only while frames come fast; 0: always")				\
	X(FETCH, "fetch", FETCH, 0, 0, 0,					\
	  "how rings are read; default: PV guest copy, else map")			\
	X(DRAIN_PAGES, "drain-pages", NUMBER, 1, 64, 64,			\
	  "ring pages fetched by one hypercall, at most")				\
	X(COPYBREAK, "copybreak", NUMBER, 0, 2048, 1536,			\
	  "bytes of the longest frame that is copied whole")			\
	X(RATE, "rate", RATE, 1, 4294967295, 0,					\
	  "what the guest may send at most; 0: no limit")			\
	X(SPOOF_CHECK, "spoof-check", NUMBER, 0, 1, 1,				\
	  "1: the guest may send from its own address only")

#define DRAIN_TUNING_ENUM(name, ...)	DRAIN_TUNE_##name,

/* Which key. */
enum drain_tuning_key {
	DRAIN_TUNING(DRAIN_TUNING_ENUM)
	DRAIN_TUNING_KEYS
};

enum drain_tuning_kind {
	DRAIN_TUNING_NUMBER,
	DRAIN_TUNING_FETCH,
	DRAIN_TUNING_RATE,
};

/* Values of a FETCH. */
#define DRAIN_FETCH_DEFAULT	0
#define DRAIN_FETCH_COPY	1
#define DRAIN_FETCH_MAP		2

/*
 * Intervals of a RATE: shorter ones would make a timer a busy loop, and longer
 * ones a pause that looks like a failure.
 */
#define DRAIN_RATE_USECS_MIN	1000
#define DRAIN_RATE_USECS_MAX	10000000

/* A RATE in one number, so that it changes in one store. No limit is 0. */
#define DRAIN_RATE(bytes, usecs)	((u64)(bytes) << 32 | (usecs))
#define DRAIN_RATE_BYTES(rate)		((u32)((rate) >> 32))
#define DRAIN_RATE_USECS(rate)		((u32)(rate))

/**
 * struct drain_tuning_rule - one key
 * @key: its name in xenstore
 * @kind: what its values are
 * @least: smallest number that is allowed
 * @most: largest
 * @preset: value if the key is absent
 * @allowed: for messages
 * @meaning: in a line
 */
struct drain_tuning_rule {
	const char *key;
	enum drain_tuning_kind kind;
	u64 least;
	u64 most;
	u64 preset;
	const char *allowed;
	const char *meaning;
};

#define DRAIN_ALLOWED_NUMBER(least, most)	#least " to " #most
#define DRAIN_ALLOWED_FETCH(least, most)	"copy or map"
#define DRAIN_ALLOWED_RATE(least, most)	\
	"BYTES,USECS of " #least " to " #most " bytes in 1000 to 10000000 us, or 0"

#define DRAIN_TUNING_RULE(name, key, kind, least, most, preset, meaning)	\
	[DRAIN_TUNE_##name] = { key, DRAIN_TUNING_##kind, least, most, preset,	\
				DRAIN_ALLOWED_##kind(least, most), meaning },

/**
 * drain_tuning_rule() - all about a key
 * @key: which
 */
static inline const struct drain_tuning_rule *drain_tuning_rule(enum drain_tuning_key key)
{
	static const struct drain_tuning_rule rules[DRAIN_TUNING_KEYS] = {
		DRAIN_TUNING(DRAIN_TUNING_RULE)
	};

	return &rules[key];
}

/**
 * struct drain_tuning - the values in force for a device
 * @value: a number, DRAIN_FETCH_* or DRAIN_RATE(); read with drain_tuned()
 */
struct drain_tuning {
	u64 value[DRAIN_TUNING_KEYS];
};

/* A value may change at any time. */
static inline u64 drain_tuned(const struct drain_tuning *tuning, enum drain_tuning_key key)
{
	return drain_load(&tuning->value[key]);
}

static inline void drain_tune(struct drain_tuning *tuning, enum drain_tuning_key key, u64 value)
{
	drain_store(&tuning->value[key], value);
}

static inline void drain_tuning_preset(struct drain_tuning *tuning)
{
	unsigned int key;

	for (key = 0; key < DRAIN_TUNING_KEYS; key++)
		tuning->value[key] = drain_tuning_rule(key)->preset;
}

/**
 * drain_tuning_find() - which key has this name?
 * @name: any text
 *
 * Return: the key, or DRAIN_TUNING_KEYS.
 */
static inline enum drain_tuning_key drain_tuning_find(const char *name)
{
	unsigned int key = 0;

	while (key < DRAIN_TUNING_KEYS && strcmp(drain_tuning_rule(key)->key, name))
		key++;
	return key;
}

/* The same for the last part of a path. */
static inline enum drain_tuning_key drain_tuning_find_path(const char *path)
{
	const char *slash = strrchr(path, '/');

	return drain_tuning_find(slash ? slash + 1 : path);
}

/* Decimal digits alone, up to @end, within 32 bits. Returns what follows, or NULL. */
static inline const char *drain_parse_number(const char *text, char end, u64 *value)
{
	if (*text == end)
		return NULL;
	for (*value = 0; *text != end; text++) {
		if (*text < '0' || *text > '9')
			return NULL;
		*value = *value * 10 + (*text - '0');
		if (*value > 0xffffffff)
			return NULL;
	}
	return text + 1;
}

static inline bool drain_parse_rate(const struct drain_tuning_rule *rule, const char *text,
				    u64 *value)
{
	u64 bytes, usecs;

	*value = 0;
	if (!strcmp(text, "0"))
		return true;
	text = drain_parse_number(text, ',', &bytes);
	if (!text || !drain_parse_number(text, '\0', &usecs))
		return false;
	if (!bytes || !usecs)
		return true;
	*value = DRAIN_RATE(bytes, usecs);
	return bytes >= rule->least && bytes <= rule->most && usecs >= DRAIN_RATE_USECS_MIN &&
	       usecs <= DRAIN_RATE_USECS_MAX;
}

static inline bool drain_parse_fetch(const char *text, u64 *value)
{
	bool map = !strcmp(text, "map");

	*value = map ? DRAIN_FETCH_MAP : DRAIN_FETCH_COPY;
	return map || !strcmp(text, "copy");
}

/**
 * drain_tuning_parse() - what a key's text stands for
 * @key: which key
 * @text: its value in xenstore
 * @value: set to the number, DRAIN_FETCH_* or DRAIN_RATE()
 *
 * Return: whether it is allowed; if not, @value is undefined.
 */
static inline bool __must_check drain_tuning_parse(enum drain_tuning_key key, const char *text,
						   u64 *value)
{
	const struct drain_tuning_rule *rule = drain_tuning_rule(key);

	switch (rule->kind) {
	case DRAIN_TUNING_NUMBER:
		return drain_parse_number(text, '\0', value) && *value >= rule->least &&
		       *value <= rule->most;
	case DRAIN_TUNING_FETCH:
		return drain_parse_fetch(text, value);
	case DRAIN_TUNING_RATE:
		return drain_parse_rate(rule, text, value);
	}
	return false;
}

#endif /* DRAIN_TUNING_H */
