/* SPDX-License-Identifier: GPL-2.0-only */
/* What cmocka.h needs before it, in the order that it needs it. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif /* UNIT_UNIT_H */
