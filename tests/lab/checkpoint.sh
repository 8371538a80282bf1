# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest that maps its rings can be checkpointed, and goes on mapping them
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

maps() { # WHEN
	local calls
	calls=$(guest_counter u1 to_guest_hypercalls)
	stream_both world u1 2
	expect_eq "hypercalls $1" "$(guest_counter u1 to_guest_hypercalls)" "$calls"
}

have_guest u1
xendrain tune u1 fetch=map || fail "xendrain tune failed"
usleep 500000
maps "of a guest that maps"
snapshot_before
xl save -c u1 /tmp/saved || fail "xl save -c failed"
rm /tmp/saved
wait_for 20 ping_once world "$(ip4_of u1)" || fail "the guest is not reached after a checkpoint"
usleep 500000
maps "after a checkpoint"
expect_nothing_lost /tmp/before "after a checkpoint"
