/* SPDX-License-Identifier: GPL-2.0-only */
/* What a refusal of the tool must look like. */
#ifndef FUZZ_REFUSAL_H
#define FUZZ_REFUSAL_H

#include "fuzz.h"

#include "../../tools/failure.h"

/* Nothing that steers a terminal. */
static inline void claim_printable(const char *text)
{
	for (; *text; text++)
		claim((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* The user's fault, and one clean line that says so. */
static inline void claim_refusal(const struct failure *failure)
{
	claim(failure->code == FAILURE_INPUT && failure->text[0]);
	claim_printable(failure->text);
}

#endif /* FUZZ_REFUSAL_H */
