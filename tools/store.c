// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "options.h"

/* A guest that keeps writing its own nodes may disturb us, not stop us for ever. */
#define TRANSACTION_TRIES 100

#define WATCH_TOKEN "xendrain"

int store_open(struct store *store, struct failure *failure)
{
	store->transaction = XBT_NULL;
	store->xs = xs_open(0);
	if (store->xs)
		return 0;
	return fail(failure, FAILURE_SYSTEM,
		    "cannot reach xenstore: %s; run as root in dom0 of a running Xen host",
		    strerror(errno));
}

void store_close(struct store *store)
{
	xs_close(store->xs);
	store->xs = NULL;
}

char *store_read(const struct store *store, const char *format, ...)
{
	char path[STORE_PATH_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return xs_read(store->xs, store->transaction, path, NULL);
}

char *store_read_clean(const struct store *store, const char *directory, const char *key)
{
	char *text = store_read(store, "%s/%s", directory, key);

	if (text)
		clean_text(text);
	return text;
}

bool store_read_number(const struct store *store, unsigned int *value, const char *format, ...)
{
	char path[STORE_PATH_BYTES];
	va_list args;
	char *text;
	bool is_number;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	text = xs_read(store->xs, store->transaction, path, NULL);
	is_number = text && number_parse(text, value);
	free(text);
	return is_number;
}

bool store_exists(const struct store *store, const char *path)
{
	char *text = xs_read(store->xs, store->transaction, path, NULL);
	bool exists = text || errno != ENOENT;

	free(text);
	return exists;
}

static int compare_numbers(const void *left, const void *right)
{
	unsigned int a = *(const unsigned int *)left;
	unsigned int b = *(const unsigned int *)right;

	return (a > b) - (a < b);
}

unsigned int *store_numbers(const struct store *store, const char *path, size_t *count)
{
	unsigned int i, entries = 0;
	unsigned int *numbers;
	char **names;

	*count = 0;
	names = xs_directory(store->xs, store->transaction, path, &entries);
	if (!names)
		return NULL;
	numbers = calloc(entries + 1, sizeof(*numbers));
	for (i = 0; numbers && i < entries; i++)
		if (number_parse(names[i], &numbers[*count]))
			(*count)++;
	free(names);
	if (*count)
		qsort(numbers, *count, sizeof(*numbers), compare_numbers);
	return numbers;
}

int store_write(const struct store *store, const char *directory, const char *key,
		const char *value, struct failure *failure)
{
	char path[STORE_PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", directory, key);
	if (xs_write(store->xs, store->transaction, path, value, strlen(value)))
		return 0;
	return fail(failure, FAILURE_SYSTEM, "cannot write %s in xenstore: %s", path,
		    strerror(errno));
}

int store_write_number(const struct store *store, const char *directory, const char *key,
		       unsigned int value, struct failure *failure)
{
	char text[sizeof("4294967295")];

	snprintf(text, sizeof(text), "%u", value);
	return store_write(store, directory, key, text, failure);
}

void store_delete(const struct store *store, const char *directory, const char *key)
{
	char path[STORE_PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", directory, key);
	xs_rm(store->xs, store->transaction, path);
}

int store_make_directory(const struct store *store, const char *path, unsigned int owner,
			 unsigned int reader, struct failure *failure)
{
	struct xs_permissions permissions[] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};

	if (xs_mkdir(store->xs, store->transaction, path) &&
	    xs_set_permissions(store->xs, store->transaction, path, permissions, 2))
		return 0;
	return fail(failure, FAILURE_SYSTEM, "cannot create %s in xenstore: %s", path,
		    strerror(errno));
}

void store_remove(const struct store *store, const char *path, const char *keep)
{
	char parent[STORE_PATH_BYTES];
	unsigned int entries;
	char **names;
	bool exists;

	xs_rm(store->xs, store->transaction, path);
	snprintf(parent, sizeof(parent), "%s", path);
	for (;;) {
		*strrchr(parent, '/') = '\0';
		if (strlen(parent) <= strlen(keep))
			return;
		entries = 0;
		names = xs_directory(store->xs, store->transaction, parent, &entries);
		exists = names;
		free(names);
		if (entries)
			return;
		if (exists)
			xs_rm(store->xs, store->transaction, parent);
	}
}

int store_transaction(struct store *store,
		      int (*body)(const struct store *store, void *context,
				  struct failure *failure),
		      void *context, struct failure *failure)
{
	xs_transaction_t transaction;
	int tries, ret;

	for (tries = 0; tries < TRANSACTION_TRIES; tries++) {
		store->transaction = xs_transaction_start(store->xs);
		if (!store->transaction)
			break;
		ret = body(store, context, failure);
		transaction = store->transaction;
		store->transaction = XBT_NULL;
		if (xs_transaction_end(store->xs, transaction, ret != 0))
			return ret;
		if (ret)
			return ret;
		if (errno != EAGAIN)
			break;
	}
	return fail(failure, FAILURE_SYSTEM, "xenstore refused the transaction: %s",
		    strerror(errno));
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void forget_watch_events(const struct store *store)
{
	char **event;

	while ((event = xs_check_watch(store->xs)))
		free(event);
}

bool store_wait(struct store *store, const char *path, unsigned int seconds,
		bool (*done)(const struct store *store, void *context), void *context)
{
	struct pollfd poll_fd = { .fd = xs_fileno(store->xs), .events = POLLIN };
	int64_t left_ms, end_ms = now_ms() + seconds * 1000LL;
	bool is_done;

	if (!xs_watch(store->xs, path, WATCH_TOKEN))
		return done(store, context);
	for (;;) {
		forget_watch_events(store);
		is_done = done(store, context);
		left_ms = end_ms - now_ms();
		if (is_done || left_ms <= 0)
			break;
		poll(&poll_fd, 1, left_ms);
	}
	xs_unwatch(store->xs, path, WATCH_TOKEN);
	forget_watch_events(store);
	return is_done;
}
