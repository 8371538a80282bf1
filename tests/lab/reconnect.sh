# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest that reconnects without end is slowed down: neither dom0's log nor xenstore's thread is its own
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
running_guest u2
guest_run u2 "rmmod xen_drainfront 2>/dev/null; true"
drain_detach_all "$(guest_id u2)"
xenstore-write "/local/domain/$(guest_id u2)/data/attack" reconnect_long
guest_run u2 insmod /lib/lab/lab-hostile.ko
handle=$(drain_attach u2 4)
back=$(backend_path u2 "$handle")
splat_allow 'g.e. 0x[0-9a-f]+ still pending'
wait_for 10 xenstore-exists "$back/connection" || fail "u2 was never connected"

note "ten at once, and one a second after that"
sleep 1
started=$SECONDS
taken=$(while [ $((SECONDS - started)) -lt 8 ]; do
	xenstore-read "$back/connection"
	usleep 20000
done | sort -u | wc -l)
[ "$taken" -ge 3 ] || fail "$taken offers taken in 8 s: the guest is not served any more"
[ "$taken" -le 20 ] || fail "$taken offers taken in 8 s, allowed is one a second after the first ten"

note "others are served meanwhile"
before=${EPOCHREALTIME/./}
other=$(drain_attach u1 5 ,handle=9)
wait_for 30 state_is "$(backend_path u1 "$other")" 4 || fail "another guest's device is not connected in 30 s"
note "connected after $(((${EPOCHREALTIME/./} - before) / 1000)) ms"
ping_ok world u1
drain_detach u1 "$other"

# An earlier device of the same number, from before this test, may have said so too.
lines=$(dmesg | tac | sed '/xendrain-lab: mark/q' |
	grep -c "vdrain-$(guest_id u2)-$handle: \(dis\)*connected")
[ "$lines" -ge 2 ] || fail "nothing in dmesg of u2's device"
[ "$lines" -le 20 ] || fail "$lines lines in dmesg, at most 20 a minute are allowed"
wait_for 60 xenstore-exists "$(frontend_path u2 "$handle")/struck" || fail "not done"
xendrain detach u2 "$handle" --force
wait_for 20 guest_run u2 rmmod lab_hostile || fail "lab_hostile cannot be unloaded"

note "the same guest with a real driver"
have_guest u2
ping_ok world u2
