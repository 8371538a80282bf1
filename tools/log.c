// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "failure.h"

#define LINE_BYTES 1024

static bool uses_syslog;

void log_open(bool to_syslog)
{
	uses_syslog = to_syslog;
	if (to_syslog)
		openlog("xendraind", LOG_PID, LOG_DAEMON);
}

void log_line(int priority, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	clean_text(line);
	if (uses_syslog)
		syslog(priority, "%s", line);
	else
		fprintf(stderr, "xendraind: %s\n", line);
}
