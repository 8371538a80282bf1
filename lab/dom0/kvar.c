// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvar SYMBOL...: the values of 32-bit variables of the running kernel, one a
 * line, read through /proc/kcore. The count of free grant references is such
 * a variable, and nothing exports it.
 */
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEGMENTS_MAX	64

/* Listing all symbols takes seconds under emulation: remember the answer. */
static uint64_t address_of(const char *symbol)
{
	char path[288], line[512], name[256];
	uint64_t address = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/kvar.%s", symbol);
	file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%" SCNx64, &address) != 1)
			address = 0;
		fclose(file);
	}
	if (address)
		return address;
	file = fopen("/proc/kallsyms", "r");
	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, symbol) &&
		    sscanf(line, "%" SCNx64 " %*c %255s", &address, name) == 2 &&
		    !strcmp(name, symbol))
			break;
	if (!file || feof(file) || !address) {
		fprintf(stderr, "kvar: no symbol %s\n", symbol);
		exit(1);
	}
	fclose(file);
	file = fopen(path, "w");
	if (file) {
		fprintf(file, "%" PRIx64 "\n", address);
		fclose(file);
	}
	return address;
}

static off_t offset_of(int kcore, uint64_t address)
{
	Elf64_Phdr segments[SEGMENTS_MAX];
	Elf64_Ehdr header;
	int i;

	if (pread(kcore, &header, sizeof(header), 0) != sizeof(header) ||
	    header.e_phnum > SEGMENTS_MAX ||
	    pread(kcore, segments, header.e_phnum * sizeof(*segments),
		  header.e_phoff) < 0)
		return -1;
	for (i = 0; i < header.e_phnum; i++)
		if (segments[i].p_type == PT_LOAD &&
		    address - segments[i].p_vaddr < segments[i].p_filesz)
			return segments[i].p_offset +
			       (address - segments[i].p_vaddr);
	return -1;
}

int main(int argc, char **argv)
{
	int kcore = open("/proc/kcore", O_RDONLY);
	uint32_t value;
	off_t at;
	int i;

	for (i = 1; i < argc; i++) {
		at = offset_of(kcore, address_of(argv[i]));
		if (at < 0 ||
		    pread(kcore, &value, sizeof(value), at) != sizeof(value)) {
			fprintf(stderr, "kvar: cannot read %s\n", argv[i]);
			return 1;
		}
		printf("%" PRIu32 "\n", value);
	}
	return 0;
}
