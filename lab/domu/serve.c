// SPDX-License-Identifier: GPL-2.0-only
/*
 * serve: the guest's end of console.h. It is the guest's init: it starts
 * commands as they are asked for, keeps their output, answers when they end,
 * and reaps whatever is orphaned. Several commands may run at once.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include "../console/console.h"

#define JOBS		64	/* answers that can still be asked for again */
#define REQUEST_BYTES	(256 << 10)

struct job {
	unsigned long id;
	pid_t pid;		/* 0 when it has ended */
	int fd;			/* its output, -1 at the end of it */
	int status;
	uint8_t *output;
	size_t bytes;
};

static struct job jobs[JOBS];
static unsigned int newest;
static char request[REQUEST_BYTES];
static size_t request_bytes;
static int child_pipe[2];

static void say(const char *line, size_t bytes)
{
	ssize_t n;

	while (bytes) {
		n = write(STDOUT_FILENO, line, bytes);
		if (n <= 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			line += n;
			bytes -= n;
		}
	}
}

static void answer(const struct job *job, size_t from)
{
	size_t lines = job->bytes / CHUNK_BYTES + 1;
	char line[LINE_BYTES], text[CHUNK_BYTES * 4 / 3 + 8];
	size_t at, step;
	int n;

	for (; from < lines; from++) {
		at = from * CHUNK_BYTES;
		step = job->bytes - at;
		if (step > CHUNK_BYTES)
			step = CHUNK_BYTES;
		base64_encode(job->output + at, step, text);
		/* The newline in front ends what the kernel left half said. */
		n = snprintf(line, sizeof(line), "\n@R %lu %zu %zu %d %u %s\n",
			     job->id, from, lines, job->status, sum_of(text),
			     text);
		say(line, n);
	}
}

static struct job *find_job(unsigned long id)
{
	unsigned int i;

	for (i = 0; i < JOBS; i++)
		if (jobs[i].id == id)
			return &jobs[i];
	return NULL;
}

static struct job *new_job(unsigned long id)
{
	struct job *job;
	unsigned int i;

	for (i = 0; i < JOBS; i++) {
		job = &jobs[++newest % JOBS];
		if (!job->id || (!job->pid && job->fd < 0)) {
			free(job->output);
			*job = (struct job){ .id = id, .fd = -1 };
			return job;
		}
	}
	return NULL;
}

static void run_child(const char *command, int out)
{
	int in = open("/dev/null", O_RDONLY);

	setsid();
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	signal(SIGCHLD, SIG_DFL);
	execl("/bin/bash", "bash", "-c", command, NULL);
	_exit(127);
}

static void start(struct job *job, const char *command)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return;
	job->pid = fork();
	if (!job->pid)
		run_child(command, ends[1]);
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	job->fd = ends[0];
}

/* Nobody waits for a background command: its output goes to a file. */
static void start_background(struct job *job, char *command)
{
	if (!fork())
		run_child(command, open("/tmp/background", O_CREAT | O_APPEND |
					O_WRONLY | O_CLOEXEC, 0644));
	answer(job, 0);
}

static void take_command(char kind, unsigned long id, uint32_t sum, char *text)
{
	struct job *job;
	size_t bytes;

	/* Asked twice when the first request looked lost: run it once. */
	if (find_job(id) || sum_of(text) != sum)
		return;
	job = new_job(id);
	if (!job)
		return;
	bytes = base64_decode(text, (uint8_t *)text);
	text[bytes] = 0;
	if (kind == 'B')
		start_background(job, text);
	else
		start(job, text);
}

static void take_line(char *line)
{
	unsigned long id;
	struct job *job;
	uint32_t sum;
	size_t from;
	int at = 0;
	char kind;

	if (sscanf(line, "@A %lu %zu", &id, &from) == 2) {
		job = find_job(id);
		if (job && !job->pid && job->fd < 0)
			answer(job, from);
	} else if (sscanf(line, "@%c %lu %u %n", &kind, &id, &sum, &at) == 3 &&
		   at && (kind == 'C' || kind == 'B')) {
		take_command(kind, id, sum, line + at);
	}
}

static void read_requests(void)
{
	char *line = request, *end;
	ssize_t n;

	n = read(STDIN_FILENO, request + request_bytes,
		 sizeof(request) - 1 - request_bytes);
	if (n <= 0)
		return;
	request_bytes += n;
	request[request_bytes] = 0;
	while ((end = strpbrk(line, "\r\n"))) {
		*end = 0;
		take_line(line);
		line = end + 1;
	}
	request_bytes -= line - request;
	memmove(request, line, request_bytes);
	if (request_bytes == sizeof(request) - 1)
		request_bytes = 0;
}

static void read_output(struct job *job)
{
	uint8_t chunk[4096], *grown;
	ssize_t n;

	while ((n = read(job->fd, chunk, sizeof(chunk))) > 0) {
		grown = realloc(job->output, job->bytes + n);
		if (!grown)
			break;
		job->output = grown;
		memcpy(grown + job->bytes, chunk, n);
		job->bytes += n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close(job->fd);
	job->fd = -1;
}

/*
 * A command that left something running with its output open has ended all
 * the same: the answer is what had been said by then.
 */
static void end_job(struct job *job, int status)
{
	job->status = WIFEXITED(status) ? WEXITSTATUS(status) :
					  128 + WTERMSIG(status);
	if (job->fd >= 0)
		read_output(job);
	if (job->fd >= 0)
		close(job->fd);
	job->fd = -1;
	job->pid = 0;
	answer(job, 0);
}

static void reap(void)
{
	char drained[64];
	unsigned int i;
	int status;
	pid_t pid;

	while (read(child_pipe[0], drained, sizeof(drained)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < JOBS; i++)
			if (jobs[i].pid == pid)
				end_job(&jobs[i], status);
}

static void wake_up(int signal)
{
	int saved = errno;

	(void)signal;
	if (write(child_pipe[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

static void prepare(void)
{
	struct termios raw;

	if (!tcgetattr(STDIN_FILENO, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (pipe2(child_pipe, O_CLOEXEC | O_NONBLOCK))
		exit(1);
	signal(SIGCHLD, wake_up);
	signal(SIGPIPE, SIG_IGN);
	say("\n" READY_LINE "\n", sizeof("\n" READY_LINE "\n") - 1);
}

int main(void)
{
	struct pollfd fds[JOBS + 2];
	struct job *polled[JOBS + 2];
	unsigned int i, n;

	prepare();
	for (;;) {
		fds[0] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
		fds[1] = (struct pollfd){ child_pipe[0], POLLIN, 0 };
		for (i = 0, n = 2; i < JOBS; i++) {
			if (!jobs[i].id || jobs[i].fd < 0)
				continue;
			polled[n] = &jobs[i];
			fds[n++] = (struct pollfd){ jobs[i].fd, POLLIN, 0 };
		}
		if (poll(fds, n, -1) < 0)
			continue;
		if (fds[0].revents)
			read_requests();
		for (i = 2; i < n; i++)
			if (fds[i].revents)
				read_output(polled[i]);
		if (fds[1].revents)
			reap();
	}
}
