# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest that breaks the protocol loses its device with a sentence, dom0 and others do not notice
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
# shellcheck source=tests/lab/kit/hostile.sh
. /lab/kit/hostile.sh

# Those for every day; hostile-guest.sh has all of them.
other_starts
hostile_guest_starts
mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing
echo 1 >/sys/kernel/tracing/events/xen_drainback/drain_error/enable
run_cases guest quick
broken=$(grep -c '| gone' /tmp/quick.cases)
expect_eq "drain_error in the trace" "$(grep -c drain_error: /sys/kernel/tracing/trace)" "$broken"
echo 0 >/sys/kernel/tracing/events/xen_drainback/drain_error/enable

note "the same guest with a real driver"
guest_run u2 rmmod lab_hostile
have_guest u2
ping_ok world u2
ping_ok u1 u2
