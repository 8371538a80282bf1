/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_ATTEND_H
#define XENDRAIN_ATTEND_H

#include <stddef.h>

/* Exit statuses of the process that attends to a domain. */
enum attend_result {
	ATTEND_DONE = 0,
	ATTEND_LATER = 1,	/* a domain of the same name has to go first */
};

/**
 * attend_domain() - give a domain the devices that its config lists
 * @directories: where to look for the config
 * @n_directories: how many
 * @domid: the domain
 *
 * Devices that exist are left as they are; a script that has not run yet is
 * run. Waits for drivers and scripts, so it has a process of its own. Says in
 * the log what it did, and what is wrong with an entry; the others go on.
 *
 * Return: an exit status.
 */
enum attend_result attend_domain(const char *const *directories, size_t n_directories,
				 unsigned int domid);

/**
 * attend_renewed() - run the scripts of a domain's interfaces that are new
 * @domid: the domain; it has been attended to before
 *
 * For after the backend was loaded anew, whoever made the devices. In a process
 * of its own, too.
 *
 * Return: an exit status.
 */
enum attend_result attend_renewed(unsigned int domid);

/* Releases the devices of a domain that is gone; in a process of its own, too. */
enum attend_result attend_ruin(unsigned int domid);

#endif
