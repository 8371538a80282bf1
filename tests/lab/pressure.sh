# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: with next to no memory in the guest, then in dom0, streams go on, what cannot be had is refused, all comes back
# timeout: 400
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# What a kernel says that has nothing left for an interrupt.
splat_allow 'Call Trace'

available_mb() { # PLACE
	on "$1" "awk '/^MemAvailable:/ { print int(\$2 / 1024) }' /proc/meminfo"
}

hog() { # PLACE LEAVE-MB: takes all but so much
	local take
	on "$1" "mkdir -p /mnt/hog && mount -t tmpfs -o size=100% hog /mnt/hog"
	take=$(($(available_mb "$1") - $2))
	[ "$take" -gt 0 ] || fail "$1 has $((take + $2)) MB to begin with"
	on "$1" "dd if=/dev/zero of=/mnt/hog/zeroes bs=1M count=$take 2>/dev/null"
	note "$1: took $take MB, $(available_mb "$1") MB are left"
}

let_go() { # PLACE
	on "$1" "umount /mnt/hog"
}
trap 'umount /mnt/hog 2>/dev/null || true' EXIT

# Either it works, or it says why; and it can be taken away.
attach_anyway() {
	local handle=7
	if drain_attach u1 12 ,handle=7 >/tmp/said 2>&1; then
		wait_for 10 settled_somehow || note "the second device is in no final state"
		note "a second device: $(xenstore-read "$(backend_path u1 7)/state") $(backend_error u1 7 || true)"
	else
		note "refused: $(cat /tmp/said)"
	fi
	! xenstore-exists "$(backend_path u1 7)" || xendrain detach u1 $handle >/dev/null 2>&1 ||
		xendrain detach u1 $handle --force ||
		fail "the second device cannot be taken away"
}

settled_somehow() { # connected, or given up
	case $(xenstore-read "$(backend_path u1 7)/state") in
	4 | 5 | 6) return 0 ;;
	esac
	return 1
}

have_guest u1
snapshot_before
flows_start u1

note "a guest whose memory is taken by the balloon, and given back"
xl mem-set u1 176 || fail "xl mem-set failed"
flows_advance u1
xl mem-set u1 256
flows_advance u1

note "a guest with next to nothing"
hog u1 4
flows_advance u1
attach_anyway
flows_advance u1
let_go u1

note "dom0 with next to nothing"
hog dom0 24
flows_advance u1
attach_anyway
flows_advance u1
let_go dom0
flows_advance u1
flows_judged u1
expect_nothing_lost /tmp/before "afterwards"
ping_ok world u1
