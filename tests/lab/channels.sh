# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest with event channels for one queue has that one; with none it says so, loses nothing, and the backend goes on
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

highest_port() { # NAME: of those that it uses without a device
	lsevtchn "$(guest_id "$1")" | awk '{ n = $1 + 0 > n ? $1 + 0 : n } END { print n }'
}

with_room_for() { # CHANNELS: u3, with so many to spare
	GUEST_EXTRA=max_event_channels=$((ports + $1)) guest_create u3 "" 256 2
}

guest_says() { # REGEX: in its error node
	grep -Eq "$1" <<<"$(frontend_error u3 "$HANDLE")"
}

have_guest u1
guest_create u3 "" 256 2
running_guest u3
ports=$(highest_port u3)
[ "$ports" -gt 4 ] || fail "u3 uses ports up to $ports: $(lsevtchn "$(guest_id u3)")"
guest_destroy u3

note "two queues wanted, a channel for one"
with_room_for 1
have_guest u3 ,queues=2
expect_eq "queues" "$(xenstore-read "$(frontend_path u3)/queues")" 1
guest_run u3 dmesg | grep -q 'no memory, grants or event channels for 2 queues of 128 ring pages' ||
	fail "nothing in the guest's log"
ping_ok world u3
stream_both world u3 2
drain_detach u3 "$HANDLE" || fail "detach refused"
guest_destroy u3

note "a channel for none"
with_room_for 0
running_guest u3
drain_guest_load u3
snapshot_before
HANDLE=$(drain_attach u3 5) || fail "attach refused"
wait_for 20 guest_says 'no memory, grants or event channels for 1 queue of 8 ring pages' ||
	fail "the guest's error node says: $(frontend_error u3 "$HANDLE")"
ping_ok world u1
xendrain detach u3 "$HANDLE" --force || fail "detach refused"
expect_nothing_lost /tmp/before "after a device that could not be"
guest_run u3 true || fail "u3 does not answer"
guest_destroy u3
ping_ok world u1
