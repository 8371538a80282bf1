# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: bridge= and vif-route in an xl config, by Xen's scripts as they are: create, reload, reboot, restore or migration
# timeout: 500
# shellcheck source=tests/lab/kit/xl.sh
. /lab/kit/xl.sh

routed=192.168.80.2 # the guest's, behind vif-route
beyond=192.168.81.1 # the world's, on the other side of dom0

export DOM0_DEV=xenbr0 # where the bridge is

port_of() { # HANDLE: its interface in dom0
	echo "vd$(guest_id u1).$1"
}

on_bridge() { # HANDLE
	[ -e "/sys/class/net/xenbr0/brif/$(port_of "$1")" ]
}

has_route() { # the one that vif-route makes
	ip route show "$routed" | grep -q "dev $(port_of 1) .*src $DOM0_IP4 metric 2"
}

handles() {
	xenstore-list "/local/domain/0/backend/vdrain/$(guest_id u1)" | sort -n | paste -sd ' '
}

no_interface() { # DOMID [HANDLE]
	! compgen -G "/sys/class/net/vd$1.${2-}*" >/dev/null
}

# Of a domain, or of a device of u1: in xenstore, and as an interface.
nothing_left() { # DOMID [HANDLE]
	! xenstore-exists "/local/domain/0/backend/vdrain/$1${2:+/$2}" ||
		fail "left: $(xenstore-ls "/local/domain/0/backend/vdrain/$1")"
	wait_for 5 no_interface "$@" || fail "an interface is left: $(ls /sys/class/net)"
	! xenstore-list /local/domain | grep vd || fail "set_mtu has made a domain up"
	[ -z "${2-}" ] || ! xenstore-exists "$(frontend_path u1 "$2")" || fail "the guest's half is left"
}

# A route to the guest from the world, and one back.
route_ok() {
	local dev
	dev=$(guest_dev u1 "$(macs 1)")
	guest_run u1 "ip address replace $routed/32 dev $dev && ip link set $dev up &&
		ip route replace $DOM0_IP4 dev $dev src $routed &&
		ip route replace $beyond via $DOM0_IP4 dev $dev src $routed"
	wait_for 10 has_route || fail "no route to $routed: $(ip route)"
	wait_for 10 ping_once dom0 $routed || fail "dom0 does not reach $routed"
	wait_for 10 world ping -q -c 1 -W 1 -I $beyond $routed >/dev/null ||
		fail "the world does not reach $routed through dom0"
}

scripts_run() { # NUMBER: of those that count; they were all of "online"
	expect_eq "runs of the script" "$(paste -sd ' ' /tmp/runs)" "$(yes online | head -n "$1" | paste -sd ' ')"
}

leave() {
	bring_back $log
	no_guest
	ip route delete $beyond 2>/dev/null
	world ip address delete $beyond/32 dev eth1 2>/dev/null
	world ip route delete $routed 2>/dev/null
	netfront_bridge_remove
}
trap leave EXIT

no_guest
free_nic
netfront_bridge_create
world ip address add $beyond/32 dev eth1
world ip route add $routed via "$DOM0_IP4"
ip route add $beyond dev xenbr0
echo 1 >/proc/sys/net/ipv4/ip_forward
printf '#!/bin/sh\nexit 3\n' >/run/lab/vif-fails
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\necho $1 >>/tmp/runs\nexec /etc/xen/scripts/vif-bridge "$@"\n' >/run/lab/vif-counts
chmod +x /run/lab/vif-fails /run/lab/vif-counts
: >$log
drain_load
daemon_start

note "create"
mac=$(mac_of u1)
export GUEST_EXTRA="on_reboot='restart'
vdrain=[ 'bridge=xenbr0,mac=$mac', 'script=vif-route,ip=$routed,gatewaydev=xenbr0',
	'bridge=nosuch', 'bridge=xenbr0,script=/run/lab/vif-fails', 'bridge=xenbr0,script=vif-none' ]"
guest_create u1
rm -f /run/lab/kit/u1.id
pings_soon
id=$(guest_id u1)
said "domain $id \(u1\): attached vdrain 0, interface vd$id.0, bridge xenbr0, mac $mac"
said "domain $id \(u1\): attached vdrain 1, interface vd$id.1, mac 00:16:3e"
on_bridge 0 || fail "$(port_of 0) is not on xenbr0"
ping_ok u1 dom0
route_ok
first=$(macs 0 1)

note "scripts that fail"
said "vdrain entry 2, 'bridge=nosuch': domain $id, vdrain 2: .*vif-bridge online: Could not find bridge device nosuch"
said "vdrain entry 3, .*: domain $id, vdrain 3: /run/lab/vif-fails online: exit status 3"
said "vdrain entry 4, .*: script=vif-none: cannot run .*vif-none: No such file"
expect_eq "devices" "$(handles)" "0 1"
for handle in 2 3 4; do
	nothing_left "$id" $handle
done
status=0
xendrain attach u1 bridge=nosuch 2>/tmp/complaint || status=$?
expect_eq "status of attach with a script that fails" $status 1
expect_eq "lines" "$(wc -l </tmp/complaint)" 1
grep -q 'vif-bridge online: Could not find bridge device nosuch' /tmp/complaint ||
	fail "attach says: $(cat /tmp/complaint)"
nothing_left "$id" 2

note "the backend is loaded anew"
xendrain attach u1 bridge=xenbr0,script=/run/lab/vif-counts,handle=5 || fail "attach failed"
scripts_run 1
drain_unload
drain_load
said "domain $id \(u1\): vdrain 0 has a new interface, its script has run again"
said "domain $id \(u1\): vdrain 1 has a new"
said "domain $id \(u1\): vdrain 5 has a new"
wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping after the backend came back"
route_ok
on_bridge 5 || fail "a device that was attached by hand is on no bridge"
scripts_run 2
xendrain detach u1 5 || fail "xendrain detach failed"
nothing_left "$id" 5
kill -KILL $daemon
drain_unload
drain_load
usleep 500000
! on_bridge 0 || fail "on a bridge again, and there is no daemon"
daemon_start
said "domain $id \(u1\): completed vdrain 0"
wait_for 20 ping_once world "$(ip4_of u1)" || fail "no ping when the daemon is back"

note "reboot"
reboot_guest
pings_soon
expect_eq "addresses after reboot" "$(macs 0 1)" "$first"
on_bridge 0 || fail "$(port_of 0) is not on xenbr0 after a reboot"
route_ok
nothing_left "$id"

id=$(guest_id u1)
away_and_back 2
expect_eq "addresses afterwards" "$(macs 0 1)" "$first"
on_bridge 0 || fail "$(port_of 0) is not on xenbr0 afterwards"
route_ok
nothing_left "$id"

pings_judged

note "the end"
id=$(guest_id u1)
guest_destroy u1
said "domain $id: gone, released 2 vdrain devices"
nothing_left "$id"
daemon_end
