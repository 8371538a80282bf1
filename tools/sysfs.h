/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_SYSFS_H
#define XENDRAIN_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSFS_PATH_BYTES 512

bool sysfs_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The first line of a file, without its end; false if it cannot be read. */
bool sysfs_read_text(char *text, size_t bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A decimal, or with 0x a hexadecimal, number. */
bool sysfs_read_number(uint64_t *value, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The last word of a symbolic link's target. */
bool sysfs_read_link(char *name, size_t bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
