# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a device without a NIC is an interface in dom0 that vif-bridge puts on a bridge, as good as a vif
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

export DOM0_DEV=xenbr0 # where the bridge is

port_of() { # NAME: its interface in dom0
	echo "vd$(guest_id "$1").$(number_of "$1")"
}

# As libxl runs it.
hotplug() { # NAME online|offline
	local port
	port=$(port_of "$1")
	XENBUS_PATH=$(backend_path "$1") XENBUS_TYPE=vif XENBUS_BASE_PATH=backend vif=$port \
		script=/etc/xen/scripts/vif-bridge /etc/xen/scripts/vif-bridge "$2" type_if=vif ||
		fail "vif-bridge $2 $port: $(tail -n 3 /var/log/xen/xen-hotplug.log)"
	# It writes the MTU where a vif's frontend would read it.
	xenstore-rm "/local/domain/$port" 2>/dev/null || true
}

on_bridge() { # NAME: the backend has made the interface, the script does the rest
	wait_for 10 test -e "/sys/class/net/$(port_of "$1")" || fail "no interface $(port_of "$1")"
	wait_for 10 test "$(xenstore-read "$(backend_path "$1")/state")" -ge 2 || fail "no InitWait"
	hotplug "$1" online
	expect_eq "hotplug-status" "$(xenstore-read "$(backend_path "$1")/hotplug-status")" connected
	[ -e "/sys/class/net/xenbr0/brif/$(port_of "$1")" ] || fail "$(port_of "$1") is not on xenbr0"
}

have_bridged() { # NAME
	local number
	number=$(number_of "$1")
	running_guest "$1"
	drain_load
	drain_detach_all "$(guest_id "$1")"
	MAC=$(mac_of "$1") handmade "$1" "$number" bridge=xenbr0 mtu=9000
	on_bridge "$1"
	address_again "$1"
	guest_run "$1" ip link set "$(dev_of "$1")" mtu 1500
	wait_for 10 ping_once world "$(ip4_of "$1")" || fail "the world does not reach $1"
}

port_count() { # NAME COUNTER...: sum of statistics of its interface in dom0
	local name=$1
	shift
	(cd "/sys/class/net/$(port_of "$name")/statistics" && cat "$@") | awk '{ n += $1 } END { print n }'
}

port_carrier_is() { # NAME 0|1
	[ "$(cat "/sys/class/net/$(port_of "$1")/carrier")" = "$2" ]
}

mtu_everywhere() { # MTU
	local place
	ip link set eth0 mtu "$1"
	world ip link set eth1 mtu "$1"
	for place in u1 u2; do
		ip link set "$(port_of $place)" mtu "$1"
		guest_run $place ip link set "$(dev_of $place)" mtu "$1"
	done
	ip link set xenbr0 mtu "$1"
	wait_for 60 nic_ready || fail "no carrier on eth0 with MTU $1"
}

# Frames of more than an MTU arrive in the guest whole: nobody has segmented them.
stays_whole() { # FROM TO
	local frames bytes
	frames=$(stat_of "$2" to_guest_frames_in) bytes=$(stat_of "$2" to_guest_bytes_in)
	stream_ok "$1" "$2" 20
	frames=$(($(stat_of "$2" to_guest_frames_in) - frames))
	bytes=$(($(stat_of "$2" to_guest_bytes_in) - bytes))
	note "$1 to $2: $bytes bytes in $frames frames"
	[ $((bytes / frames)) -gt 4000 ] || fail "$1 to $2: segmented on the way"
}

leave() {
	local name
	for name in u1 u2; do
		drain_detach_all "$(guest_id $name)"
	done
	netfront_bridge_remove
}
trap leave EXIT

# A NIC that serves guests is nobody's bridge's.
for name in u1 u2; do
	running_guest $name
	drain_detach_all "$(guest_id $name)"
done
netfront_bridge_create
have_bridged u1
have_bridged u2
port=$(port_of u1)

note "an interface as of a vif"
expect_eq "its address" "$(cat "/sys/class/net/$port/address")" fe:ff:ff:ff:ff:ff
for name in tx-checksumming scatter-gather tcp-segmentation-offload generic-receive-offload; do
	ethtool -k "$port" | grep -q "^$name: on" || fail "$name is not on"
done
ethtool -i "$port" | grep -q "^driver: xen-drainback" || fail "ethtool -i: $(ethtool -i "$port")"
ethtool -S "$port" | grep -q "to_guest_flags: [1-9]" || fail "ethtool -S: $(ethtool -S "$port")"

note "what is preset for a device on a bridge"
spoof_check() { # what the tool says of it: value, default
	xendrain tune u1 | awk '$1 == "spoof-check" { print $2, $3 }'
}
expect_eq "spoof-check" "$(spoof_check)" "0 0"
xendrain tune u1 spoof-check=1 || fail "xendrain tune u1 spoof-check=1"
expect_eq "spoof-check=1" "$(spoof_check)" "1 0"
xendrain tune u1 spoof-check=default || fail "xendrain tune u1 spoof-check=default"
expect_eq "spoof-check=default" "$(spoof_check)" "0 0"

note "everybody reaches everybody, bit for bit"
for pair in u1:u2 u1:dom0 u1:world; do
	ping_ok "${pair%:*}" "${pair#*:}"
	ping_ok "${pair#*:}" "${pair%:*}"
done
stays_whole u1 u2
stays_whole dom0 u1
stream_both world u1 20
stream_ok u1 dom0 20
frames_ok u1 u2 60 1514 7
frames_ok u2 world 60 1514 7

note "MTU 9000"
mtu_everywhere 9000
frames_ok u1 u2 1515 9014 31
frames_ok world u1 1515 9014 31
stream_both u1 dom0 10
mtu_everywhere 1500

note "down and up again"
ip link set "$port" down
wait_for 10 carrier_is u1 0 || fail "the guest has a carrier while $port is down"
ip link set "$port" up
wait_for 10 carrier_is u1 1 || fail "the guest has no carrier while $port is up"
wait_for 10 ping_once world "$(ip4_of u1)" || fail "no ping after $port was down"

note "a sender in dom0 is stopped, and nothing is dropped"
hush u1
for size in 60 1514; do
	sent=20000
	received=$(net_count u1 rx_packets) dropped=$(port_count u1 tx_dropped)
	paced xenbr0 "$(mac_of u1)" $sent $size 0
	wait_for 20 settled u1 || fail "the ring does not drain"
	expect_eq "frames of $size bytes dropped" "$(port_count u1 tx_dropped)" "$dropped"
	expect_eq "frames of $size bytes received" $(($(net_count u1 rx_packets) - received)) $sent
done

note "a guest that does not run"
before=$(port_count u1 tx_packets tx_dropped)
xl pause u1
timeout 60 paced "$port" "$(mac_of u1)" 20000 60 0 >/tmp/paced ||
	fail "a sender in dom0 hangs on a guest that does not run"
wait_for 5 port_carrier_is u1 0 || fail "$port has a carrier"
sent=$(awk '/^sent/ { print $2 }' /tmp/paced)
expect_eq "frames in the ring or dropped" $(($(port_count u1 tx_packets tx_dropped) - before)) "$sent"
[ "$(port_count u1 tx_dropped)" -gt "$dropped" ] || fail "a ring that nobody drains took all"
ping_ok u2 world
xl unpause u1
wait_for 10 port_carrier_is u1 1 || fail "$port has no carrier although the guest runs again"
wait_for 10 settled u1 || fail "the ring does not drain"
wait_for 10 ping_once world "$(ip4_of u1)" || fail "no ping when the guest runs again"
stream_both world u1 5

note "modules go and come"
index=$(cat "/sys/class/net/$port/ifindex")
drain_guest_unload u1
wait_for 10 port_carrier_is u1 0 || fail "$port has a carrier without a guest"
address_again u1
expect_eq "index of $port" "$(cat "/sys/class/net/$port/ifindex")" "$index"
wait_for 10 ping_once world "$(ip4_of u1)" || fail "no ping after the frontend came back"
drain_unload || fail "rmmod xen_drainback refused"
[ ! -e "/sys/class/net/$port" ] || fail "$port has survived its module"
drain_load
for name in u1 u2; do
	on_bridge $name
	wait_for 20 ping_once world "$(ip4_of $name)" || fail "no ping after the backend came back"
done
stream_both u1 u2 10

hotplug u1 offline
[ ! -e "/sys/class/net/xenbr0/brif/$port" ] || fail "$port is still on xenbr0"
xendrain detach u1 "$(handle_of u1)" || fail "xendrain detach u1 failed"
# The backend hears of it from xenstore.
wait_for 5 test ! -e "/sys/class/net/$port" || fail "$port has survived its device"
