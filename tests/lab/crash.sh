# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest crashes, panics, halts, reboots, is shut down or destroyed under streams: another's go on, nothing is left
# timeout: 900
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# What the guest itself says when it is told to die.
splat_allow 'Kernel panic|Call Trace|sysrq|crashed|domain_crash'

domain_gone() { # ID
	! xl list "$1" >/dev/null 2>&1
}

device_gone() { # ID
	[ -z "$(ls -d "/sys/bus/xen-backend/devices/vdrain-$1-"* 2>/dev/null)" ]
}

end_of() { # HOW: of u2
	case $1 in
	panic) ask -b -t 5 u2 'echo c >/proc/sysrq-trigger' ;;
	reboot) ask -b -t 5 u2 'reboot -f' ;;
	halt) ask -b -t 5 u2 'poweroff -f' ;;
	shutdown) xl shutdown u2 ;;
	destroy) xl destroy u2 ;;
	esac
}

have_guest u1
have_guest u2
id=$(guest_id u2)
guest_destroy u2
wait_for 20 domain_gone "$id" || fail "u2 does not go"
snapshot_before
flows_start u1
for how in panic reboot halt shutdown destroy; do
	note "$how"
	have_guest u2
	id=$(guest_id u2)
	flows_start u2
	rm -f /run/lab/keep/u2
	end_of $how || true
	wait_for 60 domain_gone "$id" || fail "the guest is still there after $how"
	wait_for 20 device_gone "$id" || fail "the backend still has the device after $how"
	flows_abandon u2
	flows_advance u1
	expect_nothing_lost /tmp/before "after $how"
done
flows_judged u1
