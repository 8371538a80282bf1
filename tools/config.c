// SPDX-License-Identifier: GPL-2.0-only
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_BYTES_MAX (1 << 20)

static int copy_entries(const XLU_ConfigList *list, int count, struct domain_config *config)
{
	const char *entry;
	int i;

	config->entries = calloc(count + 1, sizeof(*config->entries));
	if (!config->entries)
		return -1;
	for (i = 0; i < count; i++) {
		entry = xlu_cfg_get_listitem(list, i);
		config->entries[i] = entry ? strdup(entry) : NULL;
	}
	config->count = count;
	return 0;
}

static int read_list(XLU_Config *xlu, const char *file, struct domain_config *config,
		     struct failure *failure)
{
	XLU_ConfigList *list;
	int count, ret;

	ret = xlu_cfg_get_list(xlu, "vdrain", &list, &count, 1);
	if (ret == ESRCH)
		return 0;
	if (ret)
		return fail(failure, FAILURE_INPUT,
			    "%s: vdrain is not a list; allowed is vdrain = [ 'nic=eth0', ... ]",
			    file);
	if (copy_entries(list, count, config))
		return fail(failure, FAILURE_SYSTEM, "%s: no memory", file);
	return 0;
}

/* The library's own words, which begin with the name of the file. */
static int report_syntax(const char *report, const char *file, struct failure *failure)
{
	int line_bytes = strcspn(report, "\n");

	if (line_bytes)
		return fail(failure, FAILURE_INPUT, "%.*s", line_bytes, report);
	return fail(failure, FAILURE_INPUT, "%s: not in the syntax of xl.cfg", file);
}

static int parse_with(XLU_Config *xlu, const char *text, size_t bytes, const char *file,
		      const char *name, struct domain_config *config, bool *is_syntax,
		      struct failure *failure)
{
	const char *its_name;

	*is_syntax = xlu_cfg_readdata(xlu, text, bytes);
	if (*is_syntax)
		return FAILURE_INPUT;
	if (xlu_cfg_get_string(xlu, "name", &its_name, 1) || strcmp(its_name, name))
		return 0;
	snprintf(config->file, sizeof(config->file), "%s", file);
	return read_list(xlu, file, config, failure);
}

int config_parse(const char *text, size_t bytes, const char *file, const char *name,
		 struct domain_config *config, struct failure *failure)
{
	bool is_syntax = false;
	char *report = NULL;
	size_t report_bytes;
	XLU_Config *xlu;
	FILE *stream;
	int ret;

	/* libxlutil ends the whole process at one that stands in a string. */
	if (memchr(text, '\0', bytes))
		return fail(failure, FAILURE_INPUT, "%s: has a zero byte, allowed is text", file);
	stream = open_memstream(&report, &report_bytes);
	xlu = stream ? xlu_cfg_init(stream, file) : NULL;
	if (xlu)
		ret = parse_with(xlu, text, bytes, file, name, config, &is_syntax, failure);
	else
		ret = fail(failure, FAILURE_SYSTEM, "%s: no memory", file);
	if (xlu)
		xlu_cfg_destroy(xlu);
	if (stream)
		fclose(stream);
	if (is_syntax)
		ret = report_syntax(report, file, failure);
	free(report);
	return ret;
}

/* Whole, with a 0 behind it; NULL if it is no config of a sensible size. */
static char *read_file(const char *file, size_t *bytes)
{
	char *text = malloc(CONFIG_BYTES_MAX);
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t got = -1;

	*bytes = 0;
	if (text && fd >= 0 && !fstat(fd, &status) && S_ISREG(status.st_mode) &&
	    status.st_size < CONFIG_BYTES_MAX)
		while ((got = read(fd, text + *bytes, CONFIG_BYTES_MAX - 1 - *bytes)) > 0)
			*bytes += got;
	if (fd >= 0)
		close(fd);
	if (got) {
		free(text);
		return NULL;
	}
	text[*bytes] = '\0';
	return text;
}

/* Not hidden, not what an editor or dpkg has put aside. */
static int is_config_name(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t bytes = strlen(name);

	return name[0] != '.' && name[bytes - 1] != '~' && !strstr(name, ".dpkg-") &&
	       !strstr(name, ".ucf-");
}

struct search {
	const char *name;
	struct domain_config *config;
	struct failure *failure;
	int ret;
};

/*
 * The domain's own config has the last word. One that cannot be parsed is of
 * interest only if it looks like it, and no other is the domain's.
 */
static void try_file(struct search *search, const char *file)
{
	struct failure failure = { 0 };
	size_t bytes;
	char *text = read_file(file, &bytes);
	int ret;

	if (!text)
		return;
	ret = config_parse(text, bytes, file, search->name, search->config, &failure);
	if (search->config->file[0] ||
	    (ret && !search->ret && strstr(text, "vdrain") && strstr(text, search->name))) {
		search->ret = ret;
		*search->failure = failure;
	}
	free(text);
}

static void try_directory(struct search *search, const char *directory)
{
	struct dirent **entries;
	char file[PATH_MAX];
	int i, n;

	n = scandir(directory, &entries, is_config_name, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", directory, entries[i]->d_name);
		if (!search->config->file[0])
			try_file(search, file);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int config_find(const char *const *directories, size_t n_directories, const char *name,
		struct domain_config *config, struct failure *failure)
{
	struct search search = { .name = name, .config = config, .failure = failure };
	size_t i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < n_directories && !config->file[0]; i++)
		try_directory(&search, directories[i]);
	return search.ret;
}

void config_free(struct domain_config *config)
{
	size_t i;

	for (i = 0; i < config->count; i++)
		free(config->entries[i]);
	free(config->entries);
	config->entries = NULL;
	config->count = 0;
}
