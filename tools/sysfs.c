// SPDX-License-Identifier: GPL-2.0-only
#include "sysfs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_line(char *line, size_t bytes, const char *path)
{
	FILE *file = fopen(path, "re");
	bool is_read;

	if (!file)
		return false;
	is_read = fgets(line, bytes, file);
	fclose(file);
	if (is_read)
		line[strcspn(line, "\n")] = '\0';
	return is_read;
}

bool sysfs_exists(const char *format, ...)
{
	char path[SYSFS_PATH_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return !access(path, F_OK);
}

bool sysfs_read_text(char *text, size_t bytes, const char *format, ...)
{
	char path[SYSFS_PATH_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return read_line(text, bytes, path);
}

bool sysfs_read_number(uint64_t *value, const char *format, ...)
{
	char path[SYSFS_PATH_BYTES];
	char line[64], *end;
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (!read_line(line, sizeof(line), path))
		return false;
	errno = 0;
	*value = strtoull(line, &end, line[0] == '0' && line[1] == 'x' ? 16 : 10);
	return end != line && !*end && !errno;
}

bool sysfs_read_link(char *name, size_t bytes, const char *format, ...)
{
	char path[SYSFS_PATH_BYTES], target[SYSFS_PATH_BYTES];
	ssize_t length;
	va_list args;
	char *slash;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, bytes, "%s", slash ? slash + 1 : target);
	return true;
}
