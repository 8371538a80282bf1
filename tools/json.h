/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENDRAIN_JSON_H
#define XENDRAIN_JSON_H

#include <stdio.h>

/**
 * json_text() - print a JSON string, with its quotes
 * @out: where
 * @text: any bytes; NULL is printed as null
 *
 * What is not UTF-8 becomes U+FFFD, so that the output is JSON (RFC 8259)
 * whatever somebody wrote into xenstore.
 */
void json_text(FILE *out, const char *text);

#endif
