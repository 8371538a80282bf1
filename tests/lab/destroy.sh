# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a guest is destroyed and shut down with traffic running, another one does not notice
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

domain_gone() { # ID
	! xl list "$1" >/dev/null 2>&1
}

device_gone() { # ID
	[ -z "$(ls -d "/sys/bus/xen-backend/devices/vdrain-$1-"* 2>/dev/null)" ]
}

have_guest u1
have_guest u2
snapshot_before
flows_start u1 125000
for how in destroy shutdown; do
	note "xl $how"
	id=$(guest_id u2)
	floods_start u2
	rm -f /run/lab/keep/u2
	flows_advance u1
	xl $how u2
	wait_for 60 domain_gone "$id" || fail "the guest is still there after xl $how"
	wait_for 20 device_gone "$id" || fail "the backend still has the device after xl $how"
	floods_stop u2
	flows_advance u1
	# xl does not know the backend's directory; the next attach removes it.
	have_guest u2
	! xenstore-exists "/local/domain/0/backend/vdrain/$id" ||
		fail "xenstore still has $(xenstore-ls "/local/domain/0/backend/vdrain/$id")"
	expect_nothing_lost /tmp/before "after xl $how and a new guest"
done
flows_judged u1
