# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: frames of every size from 60 to 1514 bytes arrive bit for bit, both ways
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
for far in world dom0; do
	frames_ok $far u1 60 1514
	frames_ok u1 $far 60 1514
done
