/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_NIC_H
#define XENDRAIN_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "options.h"

/**
 * nic_check() - can the backend take this network interface?
 * @nic: its name, in the form that attach_options_parse() lets pass
 * @failure: why not, and which interfaces it could take
 *
 * The backend asks again, under the kernel's locks; this is for the message.
 *
 * Return: 0 or FAILURE_INPUT.
 */
int nic_check(const char *nic, struct failure *failure);

/* The following are false when the kernel does not say. */
bool nic_mtu(const char *nic, unsigned int *mtu);
bool nic_address(const char *nic, uint8_t mac[MAC_BYTES]);
bool nic_has_carrier(const char *nic);

/* Interrupts of all its vectors on all CPUs since its driver was loaded. */
bool nic_interrupts(const char *nic, uint64_t *interrupts);

#endif
