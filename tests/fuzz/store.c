// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever stands in xenstore, where guests write as well: the tool finds and
 * lists devices without a crash, and prints nothing that steers a terminal.
 *
 * The input is a store, a line for each node: "PATH=VALUE". This file stands
 * in for libxenstore.
 */
#include <errno.h>

#include "refusal.h"

#include "../../tools/device.h"
#include "../../tools/list.h"

#define NODES_MAX 64

static struct node {
	char *path;
	char *value;
} nodes[NODES_MAX];
static size_t n_nodes;

/* A parent exists as soon as a child does, as in xenstored. */
static const struct node *find_node(const char *path, bool *is_parent)
{
	size_t bytes = strlen(path), i;

	*is_parent = false;
	for (i = 0; i < n_nodes; i++) {
		if (!strcmp(nodes[i].path, path))
			return &nodes[i];
		if (!strncmp(nodes[i].path, path, bytes) && nodes[i].path[bytes] == '/')
			*is_parent = true;
	}
	return NULL;
}

void *xs_read(struct xs_handle *xs, xs_transaction_t transaction, const char *path,
	      unsigned int *bytes)
{
	bool is_parent;
	const struct node *node = find_node(path, &is_parent);

	(void)xs;
	(void)transaction;
	claim(path[0] == '/' && strlen(path) < STORE_PATH_BYTES && !bytes);
	if (node)
		return strdup(node->value);
	errno = ENOENT;
	return is_parent ? strdup("") : NULL;
}

/* One block: the pointers, then the names that they point to, as libxenstore does. */
char **xs_directory(struct xs_handle *xs, xs_transaction_t transaction, const char *path,
		    unsigned int *count)
{
	size_t bytes = strlen(path), i;
	char **names = calloc(1, NODES_MAX * (sizeof(*names) + 4096));
	char *name = (char *)(names + NODES_MAX);

	(void)xs;
	(void)transaction;
	claim(names);
	*count = 0;
	for (i = 0; i < n_nodes; i++) {
		if (strncmp(nodes[i].path, path, bytes) || nodes[i].path[bytes] != '/')
			continue;
		snprintf(name, 4096, "%.*s", (int)strcspn(nodes[i].path + bytes + 1, "/"),
			 nodes[i].path + bytes + 1);
		names[(*count)++] = name;
		name += 4096;
	}
	if (*count)
		return names;
	free(names);
	return NULL;
}

static void read_nodes(char *text)
{
	char *line, *equals;

	for (n_nodes = 0; n_nodes < NODES_MAX && (line = strsep(&text, "\n"));) {
		equals = strchr(line, '=');
		if (line[0] != '/' || !equals)
			continue;
		*equals = '\0';
		nodes[n_nodes++] = (struct node){ line, equals + 1 };
	}
}

/* Lines end, and that is all the steering there is. */
static void claim_lines(char *printed)
{
	char *line;

#ifdef MUTATE
	claim(!strstr(printed, "error: fuzz"));
#endif
	while ((line = strsep(&printed, "\n")))
		claim_printable(line);
}

static void check_list(const struct store *store)
{
	FILE *out = stdout;
	size_t bytes;
	char *printed;

	stdout = open_memstream(&printed, &bytes);
	claim(stdout);
	list_devices(store, NULL);
	fclose(stdout);
	stdout = out;
	claim(bytes == strlen(printed));
	claim_lines(printed);
	free(printed);
}

static void check_find(const struct store *store, const char *name, const char *handle)
{
	struct failure failure = { 0 };
	struct domain domain;
	struct device device;

	if (domain_find(store, name, &domain, &failure)) {
		claim_refusal(&failure);
		return;
	}
	claim(domain.id);
	claim_printable(domain.name);
	if (device_find(store, &domain, handle, &device, &failure)) {
		claim_refusal(&failure);
		return;
	}
	claim(device_state_name(device_state(store, device.frontend)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { data, bytes };
	struct store store = { 0 };
	char *text = input_text(&input);
	char *nodes_text = text;
	char *name = strsep(&nodes_text, "\n");
	char *handle = nodes_text ? strsep(&nodes_text, "\n") : "0";

	read_nodes(nodes_text);
	check_list(&store);
	check_find(&store, name, handle);
	free(text);
	return 0;
}
