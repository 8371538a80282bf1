# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: 200 times attached and detached, 50 guests created and destroyed, under streams: no memory, grant or channel is lost
# timeout: 3300
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

attach_detach() { # CYCLE
	drain_attach u1 12 ,handle=7 >/dev/null || fail "attach failed in cycle $1"
	wait_for 20 state_is "$(backend_path u1 7)" 4 || fail "not connected in cycle $1"
	drain_detach u1 7 || fail "detach failed in cycle $1"
}

create_destroy() { # CYCLE
	have_guest u2
	stream_ok world u2 1
	guest_destroy u2
}

begin() {
	snapshot >/tmp/before
	held_before u1
	held_before dom0
}

judge() { # CYCLES WHAT
	local place
	expect_nothing_lost /tmp/before "after $1 times $2"
	for place in u1 dom0; do
		expect_nothing_grown $place "$1" "after $1 times $2"
	done
}

cycles() { # COUNT WARM-UP COMMAND...
	local cycle begun
	for ((cycle = 1; cycle <= $2; cycle++)); do
		"${@:3}" "$cycle of the warm-up"
	done
	begin
	begun=$SECONDS
	for ((cycle = 1; cycle <= $1; cycle++)); do
		"${@:3}" "$cycle"
		[ $((cycle % 10)) != 0 ] || flows_advance u1
	done
	note "$((SECONDS - begun)) s"
	judge "$1" "$3"
}

have_guest u1
hurry_release dom0
hurry_release u1
# Slow ones: it is the cycles that are to have the processor.
flows_start u1 125000
cycles 200 10 attach_detach
cycles 50 3 create_destroy
flows_judged u1
