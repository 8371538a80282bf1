// SPDX-License-Identifier: GPL-2.0-only
/*
 * pty SECONDS COMMAND...: runs it on a terminal of 24 rows and 80 columns,
 * copies what it shows, types Ctrl-C after that time, and ends as it ends.
 */
#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t is_time;

static void on_alarm(int number)
{
	(void)number;
	is_time = 1;
}

/* Reading fails when the command has closed its terminal. */
static void relay(int terminal)
{
	char buffer[4096];
	ssize_t bytes;

	for (;;) {
		bytes = read(terminal, buffer, sizeof(buffer));
		if (!bytes || (bytes < 0 && errno != EINTR))
			return;
		if (bytes > 0)
			fwrite(buffer, 1, bytes, stdout);
		fflush(stdout);
		if (is_time && write(terminal, "\003", 1) == 1)
			is_time = 0;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct sigaction action = { .sa_handler = on_alarm };
	int terminal, status;
	pid_t pid;

	if (argc < 3)
		return 125;
	pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid < 0) {
		perror("pty");
		return 125;
	}
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	sigaction(SIGALRM, &action, NULL);
	alarm(atoi(argv[1]));
	relay(terminal);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
