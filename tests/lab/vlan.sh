# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: frames with a VLAN tag pass between the world and the guest, untagged ones beside them
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

vlan_up() { # PLACE ID
	on "$1" "modprobe 8021q
		ip link add link $(dev_of "$1") name vlan$2 type vlan id $2 &&
		ip address add 192.168.$2.$(number_of "$1")/24 dev vlan$2 &&
		ip link set vlan$2 up"
}

vlan_down() { # PLACE ID
	on "$1" "ip link delete vlan$2 2>/dev/null; true"
}
cleanup() {
	vlan_down world 110
	vlan_down world 111
	world ethtool -K eth1 txvlan on rxvlan on >/dev/null
}
trap cleanup EXIT

have_guest u1
note "tags made by the VLAN driver"
vlan_up world 110
vlan_up u1 110
# The NIC lets a VLAN in once the guest has been heard on it.
ping_ok u1 world 192.168.110.1
ping_ok world u1 192.168.110.2
stream_ok world u1 20 192.168.110.2
stream_ok u1 world 20 192.168.110.1
note "tagged and untagged at the same time"
stream_ok world u1 20 192.168.110.2 &
stream_ok world u1 20 &
stream_ok u1 world 20 192.168.110.1 &
wait_all
note "tags that are inside the frame"
frames_ok world u1 60 1514 3 -v 110
frames_ok u1 world 60 1514 3 -v 110

note "tags that the stack puts into the frame, both ends: checksums and segments are still to be made"
world_offload() { # on|off; which resets the world's NIC
	world ethtool -K eth1 txvlan "$1" rxvlan "$1" >/dev/null || fail "ethtool -K in the world"
	wait_for 20 ping_once world 192.168.110.2 || fail "no ping after ethtool -K in the world"
}
guest_run u1 ethtool -K "$DEV" txvlan off >/dev/null || fail "ethtool -K txvlan off"
world_offload off
stream_ok world u1 10 192.168.110.2
stream_ok u1 world 10 192.168.110.1
world_offload on
guest_run u1 ethtool -K "$DEV" txvlan on >/dev/null || fail "ethtool -K txvlan on"

note "a VLAN that the guest does not have"
vlan_up world 111
! on world ping -q -c 2 -i 0.1 -W 1 192.168.111.2 >/dev/null || fail "an answer from VLAN 111"
