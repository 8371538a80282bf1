// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "sample.h"
#include "table.h"

#define CLOCK_TEXT_BYTES sizeof("00:00:00")
#define GONE_TEXT_BYTES 256

struct watch {
	const struct store *store;
	const struct stat_request *request;
	struct failure *failure;
	struct samples before;
	char gone[GONE_TEXT_BYTES];	/* the last device that went, or "" */
};

static void now_as_text(char text[CLOCK_TEXT_BYTES])
{
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(text, CLOCK_TEXT_BYTES, "%T", &local);
}

/* Blocked and waited for, so that none is missed between two looks. */
static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigprocmask(SIG_BLOCK, signals, NULL);
}

/* False if it was a signal that ended it. */
static bool sleep_unless_told(const sigset_t *signals, unsigned int seconds)
{
	struct timespec timeout = { .tv_sec = seconds };
	int ret;

	/* EINTR: stopped and continued; the table is then a little early. */
	ret = sigtimedwait(signals, NULL, &timeout);
	return ret < 0 && (errno == EAGAIN || errno == EINTR);
}

static void note_gone(struct watch *watch, const struct samples *now)
{
	char at[CLOCK_TEXT_BYTES];
	const struct sample *was;
	size_t i;

	for (i = 0; i < watch->before.count; i++) {
		was = &watch->before.sample[i];
		if (samples_find(now, was))
			continue;
		now_as_text(at);
		snprintf(watch->gone, sizeof(watch->gone), "%s  domain %u (%s): vdrain %u has gone",
			 at, was->domain.id, was->domain.name, was->device.handle);
	}
}

static void print_block(FILE *out, const struct watch *watch, const struct samples *now)
{
	char at[CLOCK_TEXT_BYTES];

	now_as_text(at);
	fprintf(out, "%s  every %u s   * the guest's own word, or with it\n", at,
		watch->request->interval_seconds);
	table_print(out, now, &watch->before);
	if (watch->gone[0])
		fprintf(out, "%s\n", watch->gone);
}

/* From the top of the screen; what is left below is erased. */
static void redraw(const char *text)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	fputs("\033[H", stdout);
	table_clip(stdout, text, size.ws_row, size.ws_col);
	fputs("\033[J", stdout);
}

static int show(struct watch *watch, const struct samples *now, bool in_place)
{
	char *text = NULL;
	size_t bytes;
	FILE *out;

	out = open_memstream(&text, &bytes);
	if (!out)
		return fail(watch->failure, FAILURE_SYSTEM, "out of memory");
	print_block(out, watch, now);
	fclose(out);
	if (in_place)
		redraw(text);
	else
		printf("%s\n", text);
	free(text);
	if (fflush(stdout) || ferror(stdout))
		return fail(watch->failure, FAILURE_SYSTEM, "cannot write the output: %s",
			    strerror(errno));
	return 0;
}

static int look(struct watch *watch, bool in_place)
{
	const struct stat_request *request = watch->request;
	struct samples now;
	int ret;

	if (request->domain && !domain_exists(watch->store, request->domain->id))
		return fail(watch->failure, FAILURE_TIMEOUT, "domain %u (%s) has gone",
			    request->domain->id, request->domain->name);
	ret = samples_take(watch->store, request->domain, request->device, &now, watch->failure);
	if (!ret) {
		note_gone(watch, &now);
		ret = show(watch, &now, in_place);
	}
	/* Elsewhere than on a screen it has been said once and for all. */
	if (!in_place)
		watch->gone[0] = '\0';
	samples_free(&watch->before);
	watch->before = now;
	return ret;
}

int watch_devices(const struct store *store, const struct stat_request *request,
		  struct failure *failure)
{
	struct watch watch = { .store = store, .request = request, .failure = failure };
	bool in_place = isatty(STDOUT_FILENO);
	sigset_t signals;
	int ret;

	block_signals(&signals);
	ret = samples_take(store, request->domain, request->device, &watch.before, failure);
	if (in_place)
		fputs("\033[H\033[J", stdout);
	fflush(stdout);
	while (!ret && sleep_unless_told(&signals, request->interval_seconds))
		ret = look(&watch, in_place);
	samples_free(&watch.before);
	return ret;
}
