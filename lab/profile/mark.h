/* SPDX-License-Identifier: GPL-2.0-only */
/* The marks: nopl disp32(%rax,%rax,1), by their bytes. */
#ifndef LAB_MARK_H
#define LAB_MARK_H

#define MARK(disp)	0x0f, 0x1f, 0x84, 0x00, (disp), 0x6b, 0x72, 0x61
#define MARK_SIZE	8
#define MARK_START	0x01
#define MARK_STOP	0x02

#endif /* LAB_MARK_H */
