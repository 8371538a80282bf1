# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a device is detached, idle and under traffic, and attached again; two in one guest work
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

gone() { # what remains of a device after its detachment
	local path id
	id=$(guest_id u1)
	for path in "/local/domain/0/backend/vdrain/$id/$1" "/local/domain/$id/device/vdrain/$1" \
		"/local/domain/0/error/backend/vdrain/$id/$1"; do
		! xenstore-exists "$path" || fail "$path is still there after detach"
	done
	[ ! -e "/sys/bus/xen-backend/devices/vdrain-$id-$1" ] || fail "vdrain-$id-$1 is still in sysfs"
	wait_for 10 no_interface || fail "the guest still has its interface after detach"
}

no_interface() {
	! guest_run u1 test -e "/sys/class/net/$DEV"
}

again() {
	HANDLE=$(drain_attach u1)
	address_again u1
	ping_ok world u1
}

have_guest u1
note "idle"
drain_detach u1 "$HANDLE" || fail "detach of an idle device failed"
gone "$HANDLE"
again

note "under traffic"
floods_start u1
wait_for 10 stat_reaches u1 to_guest_frames_out 1000 || fail "no traffic"
drain_detach u1 "$HANDLE" || fail "detach under traffic failed"
gone "$HANDLE"
note "attached again while frames still come"
again
floods_stop u1

note "five times in a row"
for _ in 1 2 3 4 5; do
	drain_detach u1 "$HANDLE"
	gone "$HANDLE"
	again
done

note "a second device in the same guest"
second=$(drain_attach u1 12 ,handle=7)
expect_eq "the second handle" "$second" 7
dev2=$(guest_address u1 "$(drain_mac 12)" 12) || fail "no second interface: $dev2"
[ "$dev2" != "$DEV" ] || fail "both devices are $DEV"
guest_run u1 "sysctl -q -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2"
ping_ok world u1
on world ping -q -c 10 -i 0.05 192.168.77.12 >/dev/null || fail "no ping to the second device"
stream_ok world u1 5 &
stream_ok world u1 5 192.168.77.12 &
wait_all
drain_detach u1 7
ping_ok world u1

note "by force, while the guest has it open"
xendrain detach u1 "$HANDLE" --force || fail "detach --force failed"
gone "$HANDLE"
again
