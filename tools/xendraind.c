// SPDX-License-Identifier: GPL-2.0-only
/*
 * xendraind gives Xen guests the vdrain devices that their xl configs list.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "roster.h"

#define PID_FILE "/run/xendraind.pid"
#define DIRECTORIES_MAX 16

/* The token of the watch that fires for every node of every device in dom0. */
#define DEVICES "devices"

static const char help[] =
	"usage: xendraind [--config-dir DIRECTORY]... [--syslog]\n"
	"Give Xen guests the vdrain network devices that their xl configs list:\n"
	"\n"
	"  vdrain = [ 'nic=eth0,mtu=9000', 'bridge=xenbr0' ]\n"
	"\n"
	"  --config-dir DIRECTORY  where configs are; may be repeated; default: /etc/xen\n"
	"                          and /etc/xen/auto\n"
	"  --syslog                log there, not to standard error\n"
	"  --help                  this text\n"
	"  --version               the version\n"
	"\n"
	"Stays in the foreground until SIGTERM or SIGINT. Exit status: 0 told to end,\n"
	"1 system failed, 2 bad input.\n";

struct settings {
	const char *directories[DIRECTORIES_MAX];
	size_t n_directories;
	bool syslog, help, version;
};

static int add_directory(struct settings *settings, const char *directory,
			 struct failure *failure)
{
	struct stat status;

	if (!directory || !*directory)
		return fail(failure, FAILURE_INPUT,
			    "--config-dir without a directory; allowed is --config-dir DIRECTORY");
	if (stat(directory, &status) || !S_ISDIR(status.st_mode))
		return fail(failure, FAILURE_INPUT,
			    "--config-dir %s: allowed is a directory that exists", directory);
	if (settings->n_directories == DIRECTORIES_MAX)
		return fail(failure, FAILURE_INPUT,
			    "--config-dir %s: one too many, allowed are %d", directory,
			    DIRECTORIES_MAX);
	settings->directories[settings->n_directories++] = directory;
	return 0;
}

static int parse_arguments(char **argv, struct settings *settings, struct failure *failure)
{
	static const char option[] = "--config-dir";
	int ret = 0;

	for (; *argv && !ret; argv++) {
		if (!strcmp(*argv, option))
			ret = add_directory(settings, argv[1], failure) ?: (argv++, 0);
		else if (!strncmp(*argv, option, sizeof(option) - 1) &&
			 (*argv)[sizeof(option) - 1] == '=')
			ret = add_directory(settings, *argv + sizeof(option), failure);
		else if (!strcmp(*argv, "--syslog"))
			settings->syslog = true;
		else if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h"))
			settings->help = true;
		else if (!strcmp(*argv, "--version"))
			settings->version = true;
		else
			ret = fail(failure, FAILURE_INPUT,
				   "%.64s: unknown; allowed are --config-dir, --syslog, --help, "
				   "--version", *argv);
	}
	if (!settings->n_directories) {
		settings->directories[settings->n_directories++] = "/etc/xen";
		settings->directories[settings->n_directories++] = "/etc/xen/auto";
	}
	return ret;
}

/* The lock is this process's alone, and ends with it; children do not have it. */
static int lock_pid_file(struct failure *failure)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(PID_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail(failure, FAILURE_SYSTEM, "cannot open " PID_FILE ": %s",
			    strerror(errno));
	if (fcntl(fd, F_SETLK, &lock)) {
		close(fd);
		return fail(failure, FAILURE_SYSTEM,
			    "runs already (" PID_FILE "); allowed is one");
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		return fail(failure, FAILURE_SYSTEM, "cannot write " PID_FILE ": %s",
			    strerror(errno));
	return 0;
}

/* Before xenstore is opened, whose library has a thread of its own. */
static int open_signals(struct failure *failure)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fail(failure, FAILURE_SYSTEM, "signalfd: %s", strerror(errno));
	return fd;
}

/* Each fires once at once. */
static int open_store(struct store *store, struct failure *failure)
{
	int ret = store_open(store, failure);

	if (!ret && (!xs_watch(store->xs, "@introduceDomain", "domains") ||
		     !xs_watch(store->xs, "@releaseDomain", "domains") ||
		     !xs_watch(store->xs, BACKEND_HOME "/backend/vdrain", DEVICES)))
		ret = fail(failure, FAILURE_SYSTEM, "cannot watch xenstore: %s",
			   strerror(errno));
	return ret;
}

/* Returns whether the daemon is to end. A child that has ended is news. */
static bool take_signals(int fd, struct roster *roster, bool *news)
{
	struct signalfd_siginfo info;
	bool end = false;
	int status;
	pid_t pid;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		end |= info.ssi_signo != SIGCHLD;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		roster_reap(roster, pid, status);
		*news = true;
	}
	return end;
}

/*
 * False if the connection to xenstore is lost. A device's nodes change when its
 * guest connects, which is not worth more than a look at the path.
 */
static bool take_events(struct roster *roster, bool *news)
{
	char **event;

	errno = 0;
	while ((event = xs_check_watch(roster->store.xs))) {
		*news |= strcmp(event[XS_WATCH_TOKEN], DEVICES) ||
			 roster_changed(roster, event[XS_WATCH_PATH]);
		free(event);
		errno = 0;
	}
	return !errno || errno == EAGAIN;
}

/* What has been begun is ended before the daemon is. */
static int serve(struct roster *roster, int signals, struct failure *failure)
{
	struct pollfd fds[] = {
		{ .fd = xs_fileno(roster->store.xs), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	bool ending = false, news;

	while (!ending || roster_is_busy(roster)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return fail(failure, FAILURE_SYSTEM, "poll: %s", strerror(errno));
		news = false;
		if (!take_events(roster, &news))
			return fail(failure, FAILURE_SYSTEM, "lost the connection to xenstore: %s",
				    strerror(errno));
		ending |= take_signals(signals, roster, &news);
		if (news && !ending)
			roster_update(roster);
	}
	log_line(LOG_INFO, "ends");
	return 0;
}

static int run(char **argv, struct settings *settings, struct failure *failure)
{
	struct roster roster = { 0 };
	int signals, ret;

	ret = parse_arguments(argv, settings, failure);
	if (ret)
		return ret;
	if (settings->help || settings->version) {
		fputs(settings->help ? help : "xendraind " XENDRAIN_VERSION "\n", stdout);
		return 0;
	}
	log_open(settings->syslog);
	ret = lock_pid_file(failure);
	if (ret)
		return ret;
	signals = open_signals(failure);
	if (signals < 0)
		return FAILURE_SYSTEM;
	ret = open_store(&roster.store, failure);
	if (ret)
		return ret;
	roster.directories = settings->directories;
	roster.n_directories = settings->n_directories;
	log_line(LOG_INFO, "looks for configs in %s%s%s", settings->directories[0],
		 settings->n_directories > 1 ? ", " : "",
		 settings->n_directories > 1 ? settings->directories[1] : "");
	return serve(&roster, signals, failure);
}

int main(int argc, char **argv)
{
	struct settings settings = { 0 };
	struct failure failure = { 0 };
	int ret;

	ret = run(argv + (argc > 0), &settings, &failure);
	/* Somebody at a terminal is to see it, whatever the log is. */
	if (ret)
		fprintf(stderr, "xendraind: %s\n", failure.text);
	if (ret && settings.syslog)
		log_line(LOG_ERR, "%s", failure.text);
	return ret;
}
