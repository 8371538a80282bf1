/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_LOG_H
#define XENDRAIN_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* To standard error, where a service manager takes it from, or to syslog. */
void log_open(bool to_syslog);

/**
 * log_line() - write one line
 * @priority: LOG_INFO, LOG_WARNING or LOG_ERR
 * @format: a sentence without newline; control characters are replaced
 */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
