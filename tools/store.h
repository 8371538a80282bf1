/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_STORE_H
#define XENDRAIN_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <xenstore.h>

#include "failure.h"

/* Every path that we build is made of fixed words and numbers. */
#define STORE_PATH_BYTES 128

/* A connection to xenstore, and the transaction that is open on it, if any. */
struct store {
	struct xs_handle *xs;
	xs_transaction_t transaction;
};

int store_open(struct store *store, struct failure *failure);
void store_close(struct store *store);

/* A node's text, which the caller frees; NULL if there is none. */
char *store_read(const struct store *store, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The text of @directory/@key, fit for a terminal; as store_read() otherwise. */
char *store_read_clean(const struct store *store, const char *directory, const char *key);

/* False if the node is missing or is not a decimal number. */
bool store_read_number(const struct store *store, unsigned int *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Also true if xenstore does not say: who is gone for good is so by ENOENT alone. */
bool store_exists(const struct store *store, const char *path);

/*
 * The numbers among a directory's children, sorted; the caller frees them.
 * Sets *@count; NULL if there are none.
 */
unsigned int *store_numbers(const struct store *store, const char *path, size_t *count);

int store_write(const struct store *store, const char *directory, const char *key,
		const char *value, struct failure *failure);
int store_write_number(const struct store *store, const char *directory, const char *key,
		       unsigned int value, struct failure *failure);

/* Nothing happens if there is no such node. */
void store_delete(const struct store *store, const char *directory, const char *key);

/* An empty directory that domain @owner owns and domain @reader may read. */
int store_make_directory(const struct store *store, const char *path, unsigned int owner,
			 unsigned int reader, struct failure *failure);

/* Removes @path, then those of its parents below @keep that have become empty. */
void store_remove(const struct store *store, const char *path, const char *keep);

/**
 * store_transaction() - all of it or nothing
 * @store: the connection
 * @body: reads and writes through the store it is given; it is called again
 *        if somebody else changed what it had read; an error rolls back
 * @context: handed to @body
 * @failure: why not
 *
 * Return: 0, what @body returned, or FAILURE_SYSTEM.
 */
int store_transaction(struct store *store,
		      int (*body)(const struct store *store, void *context,
				  struct failure *failure),
		      void *context, struct failure *failure);

/**
 * store_wait() - wait until the nodes below a directory say so
 * @store: the connection
 * @path: watched; @done is asked at once and after every change below it
 * @seconds: how long at most
 * @done: true ends the wait
 * @context: handed to @done
 *
 * Return: whether @done was true in time.
 */
bool store_wait(struct store *store, const char *path, unsigned int seconds,
		bool (*done)(const struct store *store, void *context), void *context);

#endif
