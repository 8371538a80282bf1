// SPDX-License-Identifier: GPL-2.0-only
#include "nic.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

#define NET "/sys/class/net"
#define IRQS_MAX 1024
#define WHY_BYTES 96

#define ARPHRD_ETHER 1
#define ARPHRD_LOOPBACK 772

/* True, or @why completes a sentence that starts with the interface's name. */
static bool nic_is_usable(const char *nic, char *why, size_t bytes)
{
	char master[NIC_NAME_BYTES];
	uint64_t type;

	if (!sysfs_read_number(&type, NET "/%s/type", nic))
		snprintf(why, bytes, "no such network interface");
	else if (type == ARPHRD_LOOPBACK)
		snprintf(why, bytes, "is the loopback interface");
	else if (type != ARPHRD_ETHER)
		snprintf(why, bytes, "is not Ethernet");
	else if (sysfs_exists(NET "/%s/bridge", nic))
		snprintf(why, bytes, "is a bridge, for which there is bridge=%s", nic);
	else if (sysfs_read_link(master, sizeof(master), NET "/%s/brport/bridge", nic))
		snprintf(why, bytes, "is a port of bridge %s, for which there is bridge=%s",
			 master, master);
	else if (sysfs_exists(NET "/%s/brport", nic))
		snprintf(why, bytes, "is a port of a bridge");
	else if (sysfs_read_link(master, sizeof(master), NET "/%s/master", nic))
		snprintf(why, bytes, "belongs to %s", master);
	else
		return true;
	return false;
}

static void list_usable(char *list, size_t bytes)
{
	DIR *directory = opendir(NET);
	struct dirent *entry;
	size_t used = 0;
	char why[WHY_BYTES];

	list[0] = '\0';
	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || !nic_is_usable(entry->d_name, why, sizeof(why)))
			continue;
		used += snprintf(list + used, bytes - used, "%s%s", used ? ", " : "",
				 entry->d_name);
		if (used >= bytes)
			break;
	}
	closedir(directory);
}

int nic_check(const char *nic, struct failure *failure)
{
	char why[WHY_BYTES], usable[128];

	if (nic_is_usable(nic, why, sizeof(why)))
		return 0;
	list_usable(usable, sizeof(usable));
	return fail(failure, FAILURE_INPUT,
		    "nic=%s: %s; allowed is an Ethernet interface that belongs to no bridge or "
		    "bond; here: %s", nic, why, usable[0] ? usable : "none");
}

bool nic_mtu(const char *nic, unsigned int *mtu)
{
	uint64_t value;

	if (!sysfs_read_number(&value, NET "/%s/mtu", nic) || value > UINT32_MAX)
		return false;
	*mtu = value;
	return true;
}

bool nic_address(const char *nic, uint8_t mac[MAC_BYTES])
{
	char text[64];

	return sysfs_read_text(text, sizeof(text), NET "/%s/address", nic) &&
	       mac_parse(text, mac);
}

bool nic_has_carrier(const char *nic)
{
	uint64_t carrier;

	return sysfs_read_number(&carrier, NET "/%s/carrier", nic) && carrier;
}

/* Without MSI there is one line, named by the device's irq file. */
static size_t find_irqs(const char *nic, unsigned int *irqs, size_t room)
{
	char path[SYSFS_PATH_BYTES];
	struct dirent *entry;
	DIR *directory;
	uint64_t irq;
	size_t n = 0;

	snprintf(path, sizeof(path), NET "/%s/device/msi_irqs", nic);
	directory = opendir(path);
	while (directory && n < room && (entry = readdir(directory)))
		if (number_parse(entry->d_name, &irqs[n]))
			n++;
	if (directory)
		closedir(directory);
	if (!n && sysfs_read_number(&irq, NET "/%s/device/irq", nic) && irq)
		irqs[n++] = irq;
	return n;
}

static unsigned int count_cpus(const char *header)
{
	unsigned int cpus = 0;

	while ((header = strstr(header, "CPU"))) {
		header += 3;
		cpus++;
	}
	return cpus;
}

/* The sum over CPUs if @line belongs to one of @irqs, else 0. */
static uint64_t line_interrupts(const char *line, unsigned int cpus,
				const unsigned int *irqs, size_t n)
{
	uint64_t interrupts = 0;
	unsigned long irq;
	char *rest;
	size_t i;

	irq = strtoul(line, &rest, 10);
	if (rest == line || *rest != ':')
		return 0;
	for (i = 0; i < n && irqs[i] != irq; i++)
		;
	if (i == n)
		return 0;
	for (rest++; cpus; cpus--)
		interrupts += strtoull(rest, &rest, 10);
	return interrupts;
}

bool nic_interrupts(const char *nic, uint64_t *interrupts)
{
	unsigned int irqs[IRQS_MAX];
	size_t n = find_irqs(nic, irqs, IRQS_MAX);
	size_t line_bytes = 0;
	unsigned int cpus = 0;
	char *line = NULL;
	FILE *file;

	*interrupts = 0;
	file = n ? fopen("/proc/interrupts", "re") : NULL;
	if (!file)
		return false;
	if (getline(&line, &line_bytes, file) > 0)
		cpus = count_cpus(line);
	while (getline(&line, &line_bytes, file) > 0)
		*interrupts += line_interrupts(line, cpus, irqs, n);
	free(line);
	fclose(file);
	return cpus > 0;
}
