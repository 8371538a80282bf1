/* SPDX-License-Identifier: GPL-2.0-only */
/* The marks: nopl DISPLACEMENT(%rax,%rax,1), which nothing else uses with these. */
#ifndef LAB_MARK_H
#define LAB_MARK_H

#define MARK_START	0x61726b01
#define MARK_STOP	0x61726b02

#endif /* LAB_MARK_H */
