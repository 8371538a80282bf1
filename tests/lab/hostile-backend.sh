# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: whatever a hostile backend does, the guest loses that device at most, with a sentence; others do not notice
# timeout: 2400
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh
# shellcheck source=tests/lab/kit/hostile.sh
. /lab/kit/hostile.sh

guest_grants() {
	local free frames
	{ read -r free && read -r frames; } < <(guest_run u2 kvar gnttab_free_count nr_grant_frames)
	echo "$((frames * 512 - 8 - free)) grants, $(lsevtchn "$(guest_id u2)" | wc -l) event channels"
}

as_before() {
	[ "$(guest_grants)" = "$before" ]
}

other_starts
hostile_backend_starts
before=$(guest_grants)
run_cases backend
wait_for 60 as_before || fail "the guest had $before, and now has $(guest_grants)"

note "sentences in the guest's log: one for each connection that it lost"
guest_run u2 "dmesg | grep -oE 'vdrain-[0-9]+: [0-9]+ .*'" >/run/lab/out/hostile-backend.log
twice=$(sed -E 's/: .*//' /run/lab/out/hostile-backend.log | sort | uniq -d | paste -sd ' ')
[ -s /run/lab/out/hostile-backend.log ] || fail "nothing in the guest's log"
[ -z "$twice" ] || fail "more than one sentence in the guest's log for $twice"

note "the same guest with the real backend"
guest_run u2 killall prey
rmmod lab_hostile_backend
have_guest u2
ping_ok world u2
ping_ok u1 u2
