# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: vif-openvswitch, as it is, puts a device into Open vSwitch and into a VLAN of it, again after a reload, and out
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

export DOM0_DEV=ovsbr0 # where the switch is

switch_start() {
	local module
	while read -r module; do
		insmod "/lab/openvswitch/$module" 2>/dev/null || true
	done </lab/openvswitch/modules
	[ -e /sys/module/openvswitch ] || fail "no module openvswitch"
	mkdir -p /etc/openvswitch /run/openvswitch /var/log/openvswitch
	ovsdb-tool create /etc/openvswitch/conf.db /lab/openvswitch/vswitch.ovsschema
	ovsdb-server --remote=punix:/run/openvswitch/db.sock --detach --pidfile \
		/etc/openvswitch/conf.db || fail "ovsdb-server does not start"
	ovs-vsctl --no-wait init
	ovs-vswitchd --detach --pidfile --log-file || fail "ovs-vswitchd does not start"
	ovs-vsctl --timeout=30 add-br ovsbr0 -- add-port ovsbr0 eth0 || fail "no switch"
	ip address flush dev eth0
	ip link set ovsbr0 up
	dom0_address ovsbr0
}

switch_end() {
	no_guest
	ovs-vsctl --timeout=30 del-br ovsbr0
	kill "$(cat /run/openvswitch/ovs-vswitchd.pid)" "$(cat /run/openvswitch/ovsdb-server.pid)"
	world ip link delete eth1.5 2>/dev/null
	dom0_address eth0
}

no_guest() {
	! xl domid u1 >/dev/null 2>&1 || drain_detach_all "$(xl domid u1)"
}

port_of() {
	echo "vd$(guest_id u1).0"
}

is_port() {
	ovs-vsctl --timeout=30 list-ports ovsbr0 | grep -qx "$(port_of)"
}

is_no_port() {
	! is_port
}

attach() { # BRIDGE
	xendrain attach u1 "bridge=$1,script=vif-openvswitch,mac=$(mac_of u1)" || fail "attach to $1 failed"
	is_port || fail "$(port_of) is no port: $(ovs-vsctl show)"
	address_again u1
}

about() { # KEY: of what the script says about the port
	ovs-vsctl --timeout=30 get interface "$(port_of)" "external-ids:$1" | tr -d '"'
}

[ -e /lab/openvswitch ] || skip "dom0 has no Open vSwitch: take lab/extras for lab/run --dom0"
running_guest u1
drain_load
free_nic
trap switch_end EXIT
switch_start
xendraind --config-dir /run/lab 2>/tmp/xendraind.log &
daemon=$!

note "in the switch"
attach ovsbr0
expect_eq "the guest's name, of the port" "$(about xen-vm-name)" u1
expect_eq "the guest's address, of the port" "$(about attached-mac)" "$(mac_of u1)"
wait_for 10 ping_once world "$(ip4_of u1)" || fail "the world does not reach u1"
ping_ok u1 dom0
stream_both world u1 10
stream_ok u1 dom0 10

note "the backend is loaded anew"
drain_unload
drain_load
wait_for 20 grep -q 'vdrain 0 has a new interface' /tmp/xendraind.log ||
	fail "xendraind: $(cat /tmp/xendraind.log)"
is_port || fail "$(port_of) is no port any more"
wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after the backend came back"
xendrain detach u1 0 || fail "xendrain detach failed"
is_no_port || fail "$(port_of) is still a port: $(ovs-vsctl show)"

note "in a VLAN of the switch"
world ip link add link eth1 name eth1.5 type vlan id 5
world ip address add 192.168.85.1/24 dev eth1.5
world ip link set eth1.5 up
attach ovsbr0.5
expect_eq "tag of the port" "$(ovs-vsctl --timeout=30 get port "$(port_of)" tag)" 5
guest_run u1 ip address add 192.168.85.2/24 dev "$DEV"
wait_for 10 ping_once world 192.168.85.2 || fail "no ping in the VLAN"
! ping_once world "$(ip4_of u1)" || fail "a guest in a VLAN is reached outside of it"

note "what cannot be"
status=0
xendrain attach u1 bridge=nosuch,script=vif-openvswitch 2>/tmp/complaint || status=$?
expect_eq "status of attach to a switch that does not exist" $status 1
expect_eq "lines" "$(wc -l </tmp/complaint)" 1
wait_for 5 test ! -e "/sys/class/net/vd$(guest_id u1).1" || fail "an interface is left"
xendrain detach u1 0 || fail "xendrain detach failed"
kill -TERM $daemon
