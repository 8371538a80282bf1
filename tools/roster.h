/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_ROSTER_H
#define XENDRAIN_ROSTER_H

#include <sys/types.h>

#include "store.h"

struct guest;

/* The domains that the daemon knows, and the processes that attend to them. */
struct roster {
	struct store store;
	const char *const *directories;
	size_t n_directories;
	struct guest *guests;
	unsigned int releases;	/* of domains, so far */
};

/**
 * roster_update() - compare with what is in xenstore, attend to what is new
 * @roster: zeroed but for its store and directories at first
 *
 * To be called after every event. A domain is attended to once, when it has
 * been introduced, and once when it is gone; and in between when an interface of
 * its devices is made anew. One after the other.
 */
void roster_update(struct roster *roster);

/**
 * roster_changed() - take note that a node of a device in dom0 has changed
 * @roster: the roster
 * @path: the node, below "/local/domain/0/backend/vdrain"
 *
 * Return: true if roster_update() is to be called for it.
 */
bool roster_changed(struct roster *roster, const char *path);

/* Notes that one of the processes has ended. */
void roster_reap(struct roster *roster, pid_t pid, int status);

bool roster_is_busy(const struct roster *roster);

#endif
