# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Cases of a hostile peer, run by lab/dom0/cases.c out of a table, a line each:
# "case | attack | verdict | XSA | what it does"; those that begin with * are
# for every day. Verdicts:
#   gone REGEX         the connection ends, with one sentence
#   refused REGEX      there never was one, and one sentence says why
#   ends REGEX         that, or nothing happens
#   drops COUNTER [N]  so many frames (1) are dropped and counted, and no more
#   passes [N]         so many frames (2) are taken
#   mangled            two frames are taken or dropped, all counted
#   counts COUNTER     it is counted, and goes on
#   unconnected        the connection is not taken, and waits
#   stays, serves      it goes on; the other side is as it was
#   held               pages are missing until they are let go, and then not
# With "cpu" behind it a case may cost the other guest more than a tenth: it is
# a storm, and what it costs is in the table.
#
# What the attacked kernels hold in memory afterwards is what they held before.
# What the other guest, u1, receives is measured before and during each case. In
# virtual time (lab/run --icount) it may not fall by more than a tenth.

# Of what u1 receives all the time. The sender takes precedence in dom0, and must
# leave an instrumented kernel some of it.
RATE=$((3000 / LAB_SLOW)) SIZE=1514

other_starts() {
	have_guest u1
	hush u1
	pace eth1 "$(mac_of u1)" 1000000000 $SIZE $RATE >/dev/null &
	wait_for 20 stat_reaches u1 to_guest_frames_in $RATE || fail "u1 receives nothing"
	case $(guest_run u1 uname -r) in
	*-kasan) quarantine_is_emptied ;;
	esac
}

# KASAN keeps what was freed until somebody allocates who may sleep. Nobody does in a
# guest that only receives: its sk_buffs fill its memory within ten minutes.
quarantine_is_emptied() {
	guest_bg u1 "while sleep 1; do :; done"
}

# The frontend that breaks the protocol, in u2.
hostile_guest_starts() {
	splat_allow 'g.e. 0x[0-9a-f]+ still pending'
	running_guest u2
	guest_run u2 "rmmod xen_drainfront 2>/dev/null; true"
	drain_detach_all "$(guest_id u2)"
	guest_run u2 insmod /lib/lab/lab-hostile.ko
}

# The backend that breaks the protocol, with the real frontend in u2 as its
# prey. It serves devices of a class of its own, beside the real backend.
hostile_backend_starts() {
	splat_allow 'g.e. 0x[0-9a-f]+ still pending'
	insmod /lib/lab/lab-hostile-backend.ko
	running_guest u2
	drain_detach_all "$(guest_id u2)"
	drain_guest_load u2
	guest_run u2 "prey >/dev/null 2>&1 </dev/null &"
}

run_cases() { # guest|backend [quick]
	local table=/lab/kit/hostile-$1.cases out=/run/lab/out/$TEST_NAME.table line
	local count='^[0-9]+ cases, 0 failed$' place attacked="dom0"
	[ "$1" = guest ] || attacked="u2 dom0"
	held_is_judged || attacked=""
	[ -z "${2-}" ] || grep '^\*' "$table" >/tmp/quick.cases
	[ -z "${2-}" ] || table=/tmp/quick.cases
	for place in $attacked; do
		hurry_release "$place"
		held_before "$place"
	done
	# shellcheck disable=SC2046 # an option or nothing
	cases $([ -z "$LAB_ICOUNT" ] || echo --bar) "$1" "$table" "$(guest_id u2)" \
		"/sys/bus/xen-backend/devices/vdrain-$(guest_id u1)-$(handle_of u1)/statistics" 2>&1 |
		while read -r line; do
			note "$line"
			echo "$line" >>"$out"
		done
	grep -qE "$count" "$out" ||
		fail "$(tail -n 1 "$out"): $(grep FAIL "$out" | head -n 3 | tr -s ' ' | paste -sd ';')"
	# VLANs that a guest has sent on are the NIC's until no guest is on it.
	! grep -q '^vlan-all ' "$table" || have_guest u1
	for place in $attacked; do
		expect_nothing_grown "$place" "$(grep -c '^[^#]' "$table")" "after all cases"
	done
	wait_for 20 ping_once world "$(ip4_of u1)" || fail "u1 has lost its connection"
}
