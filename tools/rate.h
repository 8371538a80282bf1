/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_RATE_H
#define XENDRAIN_RATE_H

#include <stdint.h>

/* What rate_format() writes at most, with its end. */
#define RATE_TEXT_BYTES 9

/* 0 in no time. */
double rate_per_second(uint64_t count, int64_t nanoseconds);

/* Negative, which rate_format() shows as a dash, if there were no frames. */
double rate_per_1000(uint64_t count, uint64_t frames);

/**
 * rate_format() - a number for a column of a table
 * @rate: any; what is negative is shown as a dash
 * @text: one decimal below 100, none up to eight digits, then powers of ten
 */
void rate_format(double rate, char text[RATE_TEXT_BYTES]);

#endif
