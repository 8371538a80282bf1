// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU (TCG) plugin: how often each vCPU executes each translation block
 * between a start and a stop mark. A mark is a nop with a displacement that
 * nothing else uses; see mark.c. After each stop mark the counts are written
 * to the file named by the argument out=FILE.N, N counting from 0, as lines of
 *
 *   vcpu address instructions executions
 *
 * A block that an exception or device access leaves early is counted whole.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "qemu-api.h"

#define VCPUS	4
#define BUCKETS	(1 << 18)

struct block {
	struct block *next;
	uint64_t address;
	uint64_t executions[VCPUS];
	unsigned int instructions;
};

static struct block *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool counting;
static const char *out;

/* Kept for ever: QEMU may drop its translations and make them again. */
static struct block *block_of(uint64_t address, unsigned int instructions)
{
	struct block **head = &buckets[(address ^ address >> 18) % BUCKETS], *block;

	for (block = *head; block; block = block->next)
		if (block->address == address && block->instructions == instructions)
			return block;
	block = calloc(1, sizeof(*block));
	if (!block)
		abort();
	block->address = address;
	block->instructions = instructions;
	block->next = *head;
	*head = block;
	return block;
}

static void executed(unsigned int vcpu, void *data)
{
	struct block *block = data;

	if (counting && vcpu < VCPUS)
		block->executions[vcpu]++;
}

static void start(unsigned int vcpu, void *data)
{
	counting = true;
}

static void write_block(FILE *file, struct block *block)
{
	int vcpu;

	for (vcpu = 0; vcpu < VCPUS; vcpu++) {
		if (block->executions[vcpu])
			fprintf(file, "%d %016" PRIx64 " %u %" PRIu64 "\n", vcpu, block->address,
				block->instructions, block->executions[vcpu]);
		block->executions[vcpu] = 0;
	}
}

static void stop(unsigned int vcpu, void *data)
{
	static int number;
	struct block *block;
	char path[4096];
	FILE *file;
	int i;

	if (!counting)
		return;
	counting = false;
	snprintf(path, sizeof(path), "%s.%d", out, number++);
	file = fopen(path, "w");
	if (!file) {
		perror(path);
		exit(1);
	}
	pthread_mutex_lock(&lock);
	for (i = 0; i < BUCKETS; i++)
		for (block = buckets[i]; block; block = block->next)
			write_block(file, block);
	pthread_mutex_unlock(&lock);
	fclose(file);
}

/* The displacement of a mark's instruction, 0 for any other. */
static uint32_t mark_of(const struct qemu_plugin_insn *insn)
{
	static const uint8_t nop[] = { 0x0f, 0x1f, 0x84, 0x00 };
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	uint32_t displacement;

	if (qemu_plugin_insn_size(insn) != sizeof(nop) + sizeof(displacement) ||
	    memcmp(bytes, nop, sizeof(nop)))
		return 0;
	memcpy(&displacement, bytes + sizeof(nop), sizeof(displacement));
	return displacement;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, instructions = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;

	pthread_mutex_lock(&lock);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, CB_NO_REGS,
					     block_of(qemu_plugin_tb_vaddr(tb), instructions));
	pthread_mutex_unlock(&lock);
	for (i = 0; i < instructions; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (mark_of(insn) == MARK_START)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, start, CB_NO_REGS, NULL);
		else if (mark_of(insn) == MARK_STOP)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, stop, CB_NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "profile: the plugin wants out=FILE\n");
		return 1;
	}
	out = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
