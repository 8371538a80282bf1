// SPDX-License-Identifier: GPL-2.0-only
#include "hotplug.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sysfs.h"

#define SCRIPTS "/etc/xen/scripts"
#define SCRIPT_SECONDS 40	/* libxl's limit */

int hotplug_find(const char *script, char path[SCRIPT_PATH_BYTES], struct failure *failure)
{
	const char *reason, *name = *script ? script : HOTPLUG_SCRIPT_DEFAULT;
	struct stat status;

	snprintf(path, SCRIPT_PATH_BYTES, "%s%s", *name == '/' ? "" : SCRIPTS "/",
		 name);
	if (stat(path, &status))
		reason = strerror(errno);
	else if (!S_ISREG(status.st_mode))
		reason = "not a file";
	else if (access(path, X_OK))
		reason = strerror(errno);
	else
		return 0;
	return fail(failure, FAILURE_INPUT,
		    "script=%s: cannot run %s: %s; allowed is an executable file, by its path or "
		    "its name in " SCRIPTS, name, path, reason);
}

bool hotplug_has_script(const struct store *store, const struct device *device)
{
	char *script = store_read(store, "%s/script", device->backend);
	bool has_script = script;

	free(script);
	return has_script;
}

static bool has_status(const struct store *store, const struct device *device)
{
	char *status = store_read(store, "%s/hotplug-status", device->backend);
	bool connected = status && !strcmp(status, "connected");

	free(status);
	return connected;
}

bool hotplug_is_due(const struct store *store, const struct device *device)
{
	return hotplug_has_script(store, device) && !has_status(store, device);
}

bool hotplug_is_lost(const struct store *store, const struct device *device)
{
	char path[STORE_PATH_BYTES + sizeof("/hotplug-status")];

	snprintf(path, sizeof(path), "%s/hotplug-status", device->backend);
	return hotplug_has_script(store, device) && !store_exists(store, path);
}

/* What libxl's get_hotplug_env() gives for vifs; a path without / is dom0's own. */
static void set_environment(const struct device *device, const char *script,
			    const char *gateway)
{
	char text[STORE_PATH_BYTES];

	setenv("script", script, 1);
	setenv("XENBUS_TYPE", "vif", 1);
	snprintf(text, sizeof(text), "backend/vdrain/%u/%u", device->domid, device->handle);
	setenv("XENBUS_PATH", text, 1);
	setenv("XENBUS_BASE_PATH", "backend", 1);
	setenv("netdev", gateway ? gateway : "", 1);
	snprintf(text, sizeof(text), "vd%u.%u", device->domid, device->handle);
	setenv("vif", text, 1);
}

static void start_script(const char *script, const char *command)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A group of its own: what it has started ends with it. */
	setpgid(0, 0);
	dup2(null, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execl(script, script, command, "type_if=vif", NULL);
	_exit(127);
}

/* Its wait status, or -1 if it had to be killed. */
static int await_script(pid_t pid)
{
	int pidfd = pidfd_open(pid, 0);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int ended, status;

	while ((ended = poll(&poll_fd, 1, SCRIPT_SECONDS * 1000)) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	if (!ended)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return ended ? status : -1;
}

static int report_script(const struct store *store, const struct device *device,
			 const char *command, int status, struct failure *failure)
{
	char *error = store_read(store, "%s/hotplug-error", device->backend);
	char *script = store_read(store, "%s/script", device->backend);
	char reason[256];

	if (status == -1)
		snprintf(reason, sizeof(reason), "no end within %d s", SCRIPT_SECONDS);
	else if (error)
		snprintf(reason, sizeof(reason), "%s", error);
	else if (WIFSIGNALED(status))
		snprintf(reason, sizeof(reason), "killed by signal %d", WTERMSIG(status));
	else
		snprintf(reason, sizeof(reason), "exit status %d, see "
			 "/var/log/xen/xen-hotplug.log", WEXITSTATUS(status));
	fail(failure, FAILURE_SYSTEM, "domain %u, vdrain %u: %s %s: %s", device->domid,
	     device->handle, script ? script : "script", command, reason);
	free(error);
	free(script);
	return FAILURE_SYSTEM;
}

/*
 * vif-bridge writes the MTU into what it takes for the frontend's directory. It
 * knows vifs' names alone, so for us that is a domain which cannot exist.
 */
static void remove_misplaced_mtu(const struct store *store, const struct device *device)
{
	char *given = store_read(store, "%s/vifname", device->backend);
	char name[NIC_NAME_BYTES * 2], path[STORE_PATH_BYTES];
	const char *rest = name, *dot;
	int domain_bytes;

	snprintf(name, sizeof(name), "vd%u.%u", device->domid, device->handle);
	if (given)
		snprintf(name, sizeof(name), "%s", given);
	free(given);
	if (!strncmp(name, "vif", 3))
		rest += 3;
	dot = strrchr(rest, '.');
	domain_bytes = dot ? dot - rest : (int)strlen(rest);
	if ((int)strspn(rest, "0123456789") >= domain_bytes)
		return;
	snprintf(path, sizeof(path), "/local/domain/%.*s/device/vif/%s/mtu", domain_bytes, rest,
		 dot ? dot + 1 : rest);
	if (store_exists(store, path))
		store_remove(store, path, "/local/domain");
}

static int run_script(const struct store *store, const struct device *device,
		      const char *command, struct failure *failure)
{
	char *script = store_read(store, "%s/script", device->backend);
	char *gateway = store_read(store, "%s/gatewaydev", device->backend);
	int status, ret = 0;
	pid_t pid = 0;

	if (!script)
		goto out;
	pid = fork();
	if (!pid) {
		set_environment(device, script, gateway);
		start_script(script, command);
	}
	if (pid < 0) {
		ret = fail(failure, FAILURE_SYSTEM, "cannot start %s: %s", script,
			   strerror(errno));
		goto out;
	}
	status = await_script(pid);
	remove_misplaced_mtu(store, device);
	if (status)
		ret = report_script(store, device, command, status, failure);
out:
	free(script);
	free(gateway);
	return ret;
}

int hotplug_online(const struct store *store, const struct device *device,
		   struct failure *failure)
{
	int ret;

	if (!hotplug_is_due(store, device))
		return 0;
	ret = run_script(store, device, "online", failure);
	if (ret || has_status(store, device))
		return ret;
	/* So that nobody runs it twice. */
	return store_write(store, device->backend, "hotplug-status", "connected", failure);
}

/*
 * The name that was wanted for the interface may be another's, which is why the
 * device goes: scripts do not look whose it is, and would take that one down.
 */
static void disown_vifname(const struct store *store, const struct device *device)
{
	char *name = store_read(store, "%s/vifname", device->backend);

	if (name && sysfs_exists("/sys/class/net/%s", name) &&
	    !sysfs_exists(DEVICE_SYSFS "/net/%s", device->domid, device->handle, name))
		store_delete(store, device->backend, "vifname");
	free(name);
}

int hotplug_offline(const struct store *store, const struct device *device,
		    struct failure *failure)
{
	disown_vifname(store, device);
	return run_script(store, device, "offline", failure);
}
