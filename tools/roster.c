// SPDX-License-Identifier: GPL-2.0-only
#include "roster.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attend.h"
#include "device.h"
#include "log.h"

/*
 *   NEW ---> ATTENDED          its devices are there, or cannot be
 *       \--> WAITING ---> NEW  when another domain's have been released
 *   any ---> GONE              until they are released
 *       \--> LEFT              what could not be, until the number is used again
 */
struct guest {
	struct guest *next;
	unsigned int domid;
	enum { GUEST_NEW, GUEST_ATTENDED, GUEST_WAITING, GUEST_GONE,
	       GUEST_LEFT } state;
	pid_t pid;		/* of the process that attends to it, or 0 */
	enum { TASK_ATTEND, TASK_RENEW, TASK_RELEASE } task;	/* of that process */
	bool renewed;		/* an interface may be a new one */
	unsigned int releases;	/* when that process began */
};

static struct guest *find_guest(const struct roster *roster, unsigned int domid)
{
	struct guest *guest = roster->guests;

	while (guest && guest->domid != domid)
		guest = guest->next;
	return guest;
}

/* Only the toolstack writes it, so a guest cannot keep us busy with it. */
static void watched_path(unsigned int domid, char path[STORE_PATH_BYTES])
{
	snprintf(path, STORE_PATH_BYTES, "/local/domain/%u/name", domid);
}

/*
 * @releaseDomain comes before the domain has left xenstore, and nothing after
 * it, so its name is watched: that it goes is when the domain is gone.
 */
static void add_guest(struct roster *roster, unsigned int domid, bool is_gone)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	char path[STORE_PATH_BYTES];

	if (!guest)
		return;
	guest->domid = domid;
	guest->state = is_gone ? GUEST_GONE : GUEST_NEW;
	guest->next = roster->guests;
	roster->guests = guest;
	watched_path(domid, path);
	xs_watch(roster->store.xs, path, path);
}

static void forget_guest(struct roster *roster, const struct guest *forgotten)
{
	struct guest **link = &roster->guests;
	char path[STORE_PATH_BYTES];

	while (*link != forgotten)
		link = &(*link)->next;
	*link = forgotten->next;
	watched_path(forgotten->domid, path);
	xs_unwatch(roster->store.xs, path, path);
	free((void *)forgotten);
}

static void find_new(struct roster *roster)
{
	unsigned int *domids;
	size_t i, n;

	domids = store_numbers(&roster->store, "/local/domain", &n);
	for (i = 0; i < n; i++)
		if (domids[i] != BACKEND_DOMID && !find_guest(roster, domids[i]) &&
		    xs_is_domain_introduced(roster->store.xs, domids[i]))
			add_guest(roster, domids[i], false);
	free(domids);
}

static void find_gone(struct roster *roster)
{
	struct guest *guest;
	unsigned int *domids;
	size_t i, n;

	for (guest = roster->guests; guest; guest = guest->next) {
		bool exists = domain_exists(&roster->store, guest->domid);

		if (!exists && guest->state != GUEST_LEFT)
			guest->state = GUEST_GONE;
		else if (exists && guest->state == GUEST_LEFT)
			guest->state = GUEST_NEW;
	}
	/* What went while no daemon was there. */
	domids = device_domains(&roster->store, &n);
	for (i = 0; i < n; i++)
		if (!find_guest(roster, domids[i]) && !domain_exists(&roster->store, domids[i]))
			add_guest(roster, domids[i], true);
	free(domids);
}

static int run_child(const struct roster *roster, const struct guest *guest)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (guest->task == TASK_RELEASE)
		return attend_ruin(guest->domid);
	if (guest->task == TASK_RENEW)
		return attend_renewed(guest->domid);
	return attend_domain(roster->directories, roster->n_directories, guest->domid);
}

/* False if there is nothing to do. */
static bool choose_task(struct guest *guest)
{
	if (guest->state == GUEST_NEW)
		guest->task = TASK_ATTEND;
	else if (guest->state == GUEST_GONE)
		guest->task = TASK_RELEASE;
	else if (guest->renewed)
		guest->task = TASK_RENEW;
	else
		return false;
	/* What is renewed from here on may be too late for the process. */
	if (guest->task == TASK_RENEW)
		guest->renewed = false;
	return true;
}

static void start_child(const struct roster *roster, struct guest *guest)
{
	pid_t pid;

	guest->releases = roster->releases;
	pid = fork();
	if (!pid)
		_exit(run_child(roster, guest));
	if (pid > 0)
		guest->pid = pid;
	else
		log_line(LOG_ERR, "domain %u: cannot attend to it now: %s", guest->domid,
			 strerror(errno));
}

void roster_update(struct roster *roster)
{
	struct guest *guest;

	find_new(roster);
	find_gone(roster);
	for (guest = roster->guests; guest; guest = guest->next)
		if (!guest->pid && choose_task(guest))
			start_child(roster, guest);
}

bool roster_changed(struct roster *roster, const char *path)
{
	unsigned int domid, handle;
	struct guest *guest;
	int end = 0;

	if (sscanf(path, BACKEND_HOME "/backend/vdrain/%u/%u/hotplug-status%n", &domid, &handle,
		   &end) != 2 || !end || path[end])
		return false;
	/* Scripts write it, the backend takes it away with the interface. */
	if (store_exists(&roster->store, path))
		return false;
	guest = find_guest(roster, domid);
	if (guest)
		guest->renewed = true;
	return guest;
}

static void end_waiting(struct roster *roster)
{
	struct guest *guest;

	roster->releases++;
	for (guest = roster->guests; guest; guest = guest->next)
		if (guest->state == GUEST_WAITING)
			guest->state = GUEST_NEW;
}

/* What was waited for may have gone while the process that tells us to wait ran. */
static int state_after(const struct roster *roster, const struct guest *guest, int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != ATTEND_LATER)
		return GUEST_ATTENDED;
	return guest->releases == roster->releases ? GUEST_WAITING : GUEST_NEW;
}

/* It would be found again at once, and without end. */
static bool has_ruins(const struct roster *roster, unsigned int domid)
{
	unsigned int *domids;
	bool found = false;
	size_t i, n;

	domids = device_domains(&roster->store, &n);
	for (i = 0; i < n; i++)
		found |= domids[i] == domid;
	free(domids);
	return found && !domain_exists(&roster->store, domid);
}

void roster_reap(struct roster *roster, pid_t pid, int status)
{
	struct guest *guest = roster->guests;

	while (guest && guest->pid != pid)
		guest = guest->next;
	if (!guest)
		return;
	guest->pid = 0;
	if (!WIFEXITED(status))
		log_line(LOG_ERR, "domain %u: the process that attended to it was killed by signal "
			 "%d", guest->domid, WTERMSIG(status));
	if (guest->task == TASK_RELEASE) {
		if (has_ruins(roster, guest->domid)) {
			log_line(LOG_ERR, "domain %u: gone, its devices cannot be released",
				 guest->domid);
			guest->state = GUEST_LEFT;
		} else {
			forget_guest(roster, guest);
		}
		end_waiting(roster);
	} else if (guest->task == TASK_ATTEND && guest->state == GUEST_NEW) {
		guest->state = state_after(roster, guest, status);
	}
}

bool roster_is_busy(const struct roster *roster)
{
	const struct guest *guest;

	for (guest = roster->guests; guest; guest = guest->next)
		if (guest->pid)
			return true;
	return false;
}
