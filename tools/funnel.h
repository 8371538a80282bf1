/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_FUNNEL_H
#define XENDRAIN_FUNNEL_H

#include "sample.h"

/* Prints both directions of a device, stage by stage, for people. */
void funnel_print(const struct sample *sample);

/* Prints the counters as members of a JSON object, without its braces. */
void funnel_print_json(const struct sample *sample);

#endif
