# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest that breaks the ring protocol loses its device with a sentence, dom0 and others do not notice
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

splat_allow 'g.e. 0x[0-9a-f]+ still pending'

# Each has a handle of its own, so that dmesg tells them apart.
next=0
strike() { # ATTACK: by u2, which is connected when it happens, or tries to be
	next=$((next + 1))
	HANDLE=$(drain_attach u2 4 ,handle=$next)
	guest_run u2 insmod /lib/lab/lab-hostile.ko attack="$1"
	[ "$1" = bad-grant ] || wait_for 60 guest_run u2 "dmesg | grep -q 'lab-hostile: $1 done'" ||
		fail "$1: not done"
}

# To the hostile guest, so that the backend has a reason to look at its limits.
provoke() {
	on world "paced eth1 $(drain_mac 4) 500 1514 0" >/dev/null
}

over() {
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "$1: u1 has lost its connection"
	xendrain detach u2 "$HANDLE" --force
	guest_run u2 "rmmod lab_hostile"
}

disabled() { # ATTACK REGEX
	strike "$1"
	provoke
	wait_for 10 error_says u2 "$HANDLE" "$2" ||
		fail "$1: the error node says '$(backend_error u2 "$HANDLE")', expected $2"
	! state_is "$(backend_path u2 "$HANDLE")" 4 || fail "$1: the backend is still connected"
	expect_eq "$1: sentences in dmesg" \
		"$(dmesg | grep -cE "vdrain-$(guest_id u2)-$HANDLE: .*$2")" 1
	over "$1"
}

dropped() { # ATTACK
	strike "$1"
	wait_for 10 stat_is_one to_host_consumer_drops_malformed ||
		fail "$1: $(drain_stat u2 "$HANDLE" to_host_consumer_drops_malformed) frames counted as malformed"
	state_is "$(backend_path u2 "$HANDLE")" 4 || fail "$1: not connected any more"
	over "$1"
}

stat_is_one() { # COUNTER
	[ "$(drain_stat u2 "$HANDLE" "$1")" = 1 ]
}

endured() { # ATTACK
	strike "$1"
	provoke
	over "$1"
}

have_guest u1
running_guest u2
guest_run u2 "rmmod xen_drainfront 2>/dev/null; true"
drain_detach_all "$(guest_id u2)"
stream_ok world u1 60 &

note "indices"
disabled prod-ahead "queue 0: producer is 32800 bytes ahead .* 32768"
disabled prod-far "queue 0: producer is 2147483648 bytes ahead .* 32768"
disabled prod-behind "queue 0: producer is 4294967264 bytes ahead .* 32768"
disabled prod-odd "queue 0: producer is 97 bytes ahead .* multiple of 32 "
disabled limit-ahead "queue 0: consumer's limit is .* ring holds 32768"
disabled limit-behind "queue 0: consumer's limit is .* ring holds 32768"
note "lengths"
disabled length-huge "queue 0: frame of 4294967295 bytes, allowed is 14 to 16352"
disabled length-short "queue 0: frame of 13 bytes, allowed is 14 "
disabled length-beyond "queue 0: frame takes 1568 bytes, .* published 96"
note "grants"
disabled bad-grant "queue 0: .*grant reference 16777215: status"
note "metadata"
dropped offload
dropped gso
dropped gso-fine
note "storms"
endured storm
endured dance
wait_all

note "the same guest with a real driver"
have_guest u2
ping_ok world u2
ping_ok u1 u2
