# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: the frontend is unbound and bound again under streams, which survive it; nothing leaks
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

driver=/sys/bus/xen/drivers/vdrain

have_guest u1
snapshot_before
flows_start u1
for round in 1 2 3 4 5; do
	guest_run u1 "echo vdrain-$HANDLE >$driver/unbind" || fail "unbind refused, round $round"
	! guest_run u1 test -e "/sys/class/net/$DEV" || fail "the interface is still there, round $round"
	guest_run u1 "echo vdrain-$HANDLE >$driver/bind" || fail "bind refused, round $round"
	address_again u1
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping in round $round"
	flows_advance u1
done
flows_judged u1
expect_nothing_lost /tmp/before "after five rounds"
