/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a peer did wrong, as a sentence for the log and the error node: put
 * together where it is found, said where it may sleep.
 */
#ifndef DRAIN_LINUX_FAULT_H
#define DRAIN_LINUX_FAULT_H

#include <linux/kernel.h>

/**
 * struct drain_fault - a peer's sin
 * @text: what, with the value seen and the value allowed
 */
struct drain_fault {
	char text[96];
};

/**
 * drain_fault() - write down a fault
 * @fault: where to
 * @format: as for printf()
 *
 * Context: any.
 * Return: -EPROTO, for the caller to return.
 */
static inline __printf(2, 3) int drain_fault(struct drain_fault *fault, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return -EPROTO;
}

#endif /* DRAIN_LINUX_FAULT_H */
