/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_TABLE_H
#define XENDRAIN_TABLE_H

#include <stdio.h>

#include "sample.h"

/**
 * table_print() - what devices and their queues do, per second
 * @out: where; 80 columns but for long names
 * @now: the devices
 * @before: an earlier look; a device that is not in it has no rates yet
 */
void table_print(FILE *out, const struct samples *now, const struct samples *before);

/**
 * table_clip() - as much of a text as a terminal can show
 * @out: the terminal; what was in these lines is erased
 * @text: lines
 * @rows: of the terminal; the last one stays free for the cursor
 * @columns: of the terminal
 */
void table_clip(FILE *out, const char *text, unsigned int rows, unsigned int columns);

#endif
