# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: whatever a hostile guest does, it loses its device at most, with a sentence; dom0 and others do not notice
# timeout: 2400
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
# shellcheck source=tests/lab/kit/hostile.sh
. /lab/kit/hostile.sh

other_starts
hostile_guest_starts
run_cases guest

note "the same guest with a real driver"
guest_run u2 rmmod lab_hostile
have_guest u2
ping_ok world u2
ping_ok u1 u2
