# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a device that goes away right after a guest was restored, whatever its backend does then, costs the guest that device alone (XSA-465)
# timeout: 600
# shellcheck source=tests/lab/kit/xl.sh
. /lab/kit/xl.sh

[ "$GUEST_TYPE" = pv ] || skip "xl save does not take PVH guests here"

# Of a class for which there is no driver: what there is of it is in xenstore.
fake_device() { # BACKEND-STATE
	local id front back
	id=$(xl domid u1)
	front=/local/domain/$id/device/vdrain/$HANDLE
	back=/local/domain/0/backend/vnone/$id/$HANDLE
	xenstore-write "$front" "" "$back" ""
	xenstore-chmod "$front" "n$id" r0
	xenstore-chmod "$back" n0 "r$id"
	xenstore-write "$back/frontend" "$front" "$back/frontend-id" "$id" "$back/state" "$1" \
		"$back/protocol-min" 1 "$back/protocol-max" 1 "$back/max-queues" 1 "$back/max-ring-pages" 8 \
		"$front/backend" "$back" "$front/backend-id" 0 "$front/handle" "$HANDLE" \
		"$front/mac" "$(mac_of u1)" "$front/state" 1
}

away() { # BACKEND-STATE, or nothing if there are to be no nodes
	local before
	before=$(guest_id u1)
	floods_start u1
	xl save u1 /tmp/u1.save >/dev/null 2>&1 || fail "xl save failed"
	killall -q paced || true
	drain_detach_all "$before"
	xl restore -p /tmp/u1.save >/dev/null 2>&1 || fail "xl restore failed"
	rm /tmp/u1.save
	[ -z "${1-}" ] || fake_device "$1"
	xl unpause u1
	rm -f /run/lab/kit/u1.id
	wait_for 20 guest_run u1 "killall -q paced; true" || fail "the guest does not answer after it was restored"
}

no_interface() {
	! guest_run u1 test -e "/sys/class/net/$DEV"
}

# A node that comes and goes has xenbus look for what is still on its bus.
gone() { # HOW
	local id
	id=$(guest_id u1)
	wait_for 20 no_interface || fail "$1: the interface does not go"
	guest_run u1 true || fail "$1: the guest does not answer"
	xenstore-write "/local/domain/$id/device/vdrain/$HANDLE" "" "/local/domain/0/backend/vnone/$id" ""
	xenstore-rm "/local/domain/$id/device/vdrain/$HANDLE" "/local/domain/0/backend/vnone/$id"
}

again() {
	have_guest u1
	stream_ok world u1 1
}

have_guest u1

note "no backend, and unbound"
away
guest_run u1 "echo vdrain-$HANDLE >/sys/bus/xen/drivers/vdrain/unbind" || fail "unbind refused"
gone "unbound"
again

for state in 1 2 4; do
	note "a backend in state $state, whose device is taken away"
	away $state
	guest_run u1 "ip link set $DEV down; ip link set $DEV up"
	xenstore-rm "/local/domain/$(guest_id u1)/device/vdrain/$HANDLE"
	gone "taken away in state $state"
	again
done

note "a backend that closes, and one of which nothing is left"
for state in 5 6; do
	away $state
	xenstore-rm "/local/domain/0/backend/vnone/$(guest_id u1)"
	guest_run u1 "ip link set $DEV down; ip link set $DEV up"
	drain_guest_unload u1
	gone "backend in state $state, driver unloaded"
	again
done
