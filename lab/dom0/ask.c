// SPDX-License-Identifier: GPL-2.0-only
/*
 * ask [-t SECONDS] GUEST COMMAND   run a shell command in the guest: its
 *                                  output on stdout, its status as ours
 * ask [-t SECONDS] -b GUEST COMMAND   start it there and come back
 * ask [-t SECONDS] -r GUEST        wait until the guest answers at all
 *
 * dom0's end of console.h. It writes to the pty that xenconsoled publishes in
 * xenstore and reads xenconsoled's log of the console, which any number of
 * readers may follow. Status 124: no answer in time. 125: no such guest.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <xenstore.h>

#include "../console/console.h"

#define LOG_DIR		"/var/log/xen/console"
#define AGAIN_MS	3000	/* of silence, before asking again */

struct reply {
	unsigned long id;
	size_t lines, got;
	int status;
	uint8_t **parts;
	size_t *bytes;
};

struct follower {
	int log, notify;
	char line[LINE_BYTES * 4];
	size_t used;
};

static const char *guest;

static void die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "ask: %s: ", guest);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static char *read_key(struct xs_handle *store, const char *domid,
		      const char *key)
{
	char path[256];

	snprintf(path, sizeof(path), "/local/domain/%s/%s", domid, key);
	return xs_read(store, XBT_NULL, path, NULL);
}

/* The pty of the newest domain of that name: an old one may be dying. */
static char *find_pty(void)
{
	struct xs_handle *store = xs_open(0);
	unsigned int i, count = 0;
	long best = -1;
	char **ids, *name, *pty = NULL;

	if (!store)
		die(125, "xenstore: %m");
	ids = xs_directory(store, XBT_NULL, "/local/domain", &count);
	for (i = 0; ids && i < count; i++) {
		name = read_key(store, ids[i], "name");
		if (name && !strcmp(name, guest) && atol(ids[i]) > best) {
			best = atol(ids[i]);
			free(pty);
			pty = read_key(store, ids[i], "console/tty");
		}
		free(name);
	}
	free(ids);
	xs_close(store);
	return pty;
}

/* xenconsoled names the log by what the domain was called when it came. */
static int open_log(void)
{
	static const char *const suffixes[] = { "", "--incoming" };
	struct stat stat, newest = {};
	int i, fd, best = -1;
	char path[512];

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), LOG_DIR "/guest-%s%s.log", guest,
			 suffixes[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		fstat(fd, &stat);
		if (best < 0 || stat.st_mtime > newest.st_mtime) {
			best = fd;
			newest = stat;
		}
	}
	return best;
}

static void send_text(const char *text)
{
	size_t bytes = strlen(text);
	char *pty = find_pty();
	ssize_t n;
	int fd;

	if (!pty)
		die(125, "no such guest, or it has no console");
	fd = open(pty, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		die(125, "%s: %m", pty);
	/* Requests of several callers must not mix. */
	flock(fd, LOCK_EX);
	while (bytes) {
		n = write(fd, text, bytes);
		if (n < 0 && errno != EINTR)
			die(125, "%s: %m", pty);
		if (n > 0) {
			text += n;
			bytes -= n;
		}
	}
	close(fd);
	free(pty);
}

static void send_command(char kind, unsigned long id, const char *command)
{
	size_t bytes = strlen(command);
	char *text = malloc(bytes * 4 / 3 + 8);
	char *line = malloc(bytes * 4 / 3 + 64);

	if (!text || !line)
		die(125, "no memory");
	base64_encode((const uint8_t *)command, bytes, text);
	sprintf(line, "\n@%c %lu %u %s\n", kind, id, sum_of(text), text);
	send_text(line);
	free(text);
	free(line);
}

static void expect_lines(struct reply *reply, size_t lines)
{
	if (reply->lines)
		return;
	reply->parts = calloc(lines, sizeof(*reply->parts));
	reply->bytes = calloc(lines, sizeof(*reply->bytes));
	if (!reply->parts || !reply->bytes)
		die(125, "no memory");
	reply->lines = lines;
}

static void take_line(struct reply *reply, const char *line)
{
	char text[LINE_BYTES];
	size_t part, lines;
	unsigned long id;
	uint32_t sum;
	int status;

	if (sscanf(line, "@R %lu %zu %zu %d %u %1023s", &id, &part, &lines,
		   &status, &sum, text) != 6 ||
	    id != reply->id || part >= lines || sum_of(text) != sum)
		return;
	expect_lines(reply, lines);
	if (part >= reply->lines || reply->parts[part])
		return;
	reply->parts[part] = malloc(LINE_BYTES);
	if (!reply->parts[part])
		die(125, "no memory");
	reply->bytes[part] = base64_decode(text, reply->parts[part]);
	reply->status = status;
	reply->got++;
}

/* Returns the first whole line, if any, having taken it off the buffer. */
static bool next_line(struct follower *f, char *line)
{
	char *end = memchr(f->line, '\n', f->used);
	size_t bytes;

	if (!end)
		return false;
	bytes = end - f->line;
	memcpy(line, f->line, bytes);
	while (bytes && line[bytes - 1] == '\r')
		bytes--;
	line[bytes] = 0;
	f->used -= end + 1 - f->line;
	memmove(f->line, end + 1, f->used);
	return true;
}

static bool read_more(struct follower *f)
{
	ssize_t n;

	if (f->used == sizeof(f->line))
		f->used = 0;
	n = read(f->log, f->line + f->used, sizeof(f->line) - f->used);
	if (n > 0)
		f->used += n;
	return n > 0;
}

static void wait_for_more(struct follower *f, int64_t deadline)
{
	struct pollfd pollfd = { f->notify, POLLIN, 0 };
	int64_t left = deadline - now_ms();
	char events[4096];

	if (left > 0 && poll(&pollfd, 1, left) > 0 &&
	    read(f->notify, events, sizeof(events)) < 0)
		die(125, "inotify: %m");
}

/* The log appears some time after the guest is created. */
static void follow(struct follower *f, int64_t deadline)
{
	f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (inotify_add_watch(f->notify, LOG_DIR, IN_MODIFY | IN_CREATE) < 0)
		die(125, LOG_DIR ": %m");
	while ((f->log = open_log()) < 0) {
		if (now_ms() >= deadline)
			die(124, "its console has no log");
		wait_for_more(f, deadline);
	}
}

static bool is_complete(const struct reply *reply)
{
	return reply->lines && reply->got == reply->lines;
}

static void ask_again(const struct reply *reply)
{
	char line[64];
	size_t first = 0;

	while (first < reply->lines && reply->parts[first])
		first++;
	snprintf(line, sizeof(line), "\n@A %lu %zu\n", reply->id, first);
	send_text(line);
}

static bool await_reply(struct follower *f, struct reply *reply,
			int64_t deadline)
{
	int64_t again = now_ms() + AGAIN_MS;
	char line[sizeof(f->line)];

	for (;;) {
		while (next_line(f, line)) {
			take_line(reply, line);
			again = now_ms() + AGAIN_MS;
		}
		if (is_complete(reply))
			return true;
		if (read_more(f))
			continue;
		if (now_ms() >= deadline)
			return false;
		if (now_ms() >= again) {
			ask_again(reply);
			again = now_ms() + AGAIN_MS;
		}
		wait_for_more(f, again < deadline ? again : deadline);
	}
}

static int print_reply(const struct reply *reply)
{
	size_t i;

	for (i = 0; i < reply->lines; i++)
		fwrite(reply->parts[i], 1, reply->bytes[i], stdout);
	fflush(stdout);
	return reply->status;
}

static int run(char kind, const char *command, int64_t deadline)
{
	struct reply reply = {};
	struct follower f = {};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	reply.id = now.tv_sec * 1000000000UL + now.tv_nsec;
	follow(&f, deadline);
	lseek(f.log, 0, SEEK_END);
	send_command(kind, reply.id, command);
	if (!await_reply(&f, &reply, deadline))
		die(124, "no answer in time to: %s", command);
	return print_reply(&reply);
}

/* Whoever creates the guest has moved the log of an earlier one aside. */
static int wait_ready(int64_t deadline)
{
	char line[sizeof(((struct follower *)NULL)->line)];
	struct follower f = {};

	follow(&f, deadline);
	for (;;) {
		while (next_line(&f, line))
			if (!strcmp(line, READY_LINE))
				return 0;
		if (read_more(&f))
			continue;
		if (now_ms() >= deadline)
			return 124;
		wait_for_more(&f, deadline);
	}
}

/* An instrumented kernel takes longer for everything: lab/run says how much. */
static int64_t patience_ms(double seconds)
{
	const char *slow = getenv("LAB_SLOW");

	return seconds * 1000 * (slow ? atof(slow) : 1);
}

int main(int argc, char **argv)
{
	int64_t deadline = patience_ms(60);
	bool ready = false;
	char kind = 'C';
	int c;

	while ((c = getopt(argc, argv, "t:br")) != -1) {
		if (c == 't')
			deadline = patience_ms(atof(optarg));
		else if (c == 'b')
			kind = 'B';
		else if (c == 'r')
			ready = true;
		else
			return 2;
	}
	deadline += now_ms();
	if (argc - optind != (ready ? 1 : 2)) {
		fprintf(stderr, "usage: ask [-t S] [-b] GUEST COMMAND | -r GUEST\n");
		return 2;
	}
	guest = argv[optind];
	return ready ? wait_ready(deadline) :
		       run(kind, argv[optind + 1], deadline);
}
