/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_HEALTH_H
#define XENDRAIN_HEALTH_H

#include <stdio.h>

#include "queues.h"

/**
 * health_judge() - say which queues of a device stand still, and who is late
 * @out: gets a line for each direction that does, or one if it is not connected
 * @before: the device at a first look; NULL if it was not there yet
 * @after: at a second
 *
 * Return: how many queues stand still; 1 if the device is not connected.
 */
size_t health_judge(FILE *out, const struct queues *before, const struct queues *after);

#endif
