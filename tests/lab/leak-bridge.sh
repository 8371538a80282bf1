# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: cycles of attach, reload of either side and detach cost no memory for a device on a bridge, either
# shellcheck source=tests/lab/kit/leak.sh
. /lab/kit/leak.sh

attach_one() {
	xendrain attach u1 "bridge=xenbr0,mac=$(mac_of u1)" | sed -nE 's/.*attached vdrain ([0-9]+).*/\1/p'
}

running_guest u1
drain_load
free_nic
netfront_bridge_create
trap 'drain_detach_all "$(guest_id u1)"; netfront_bridge_remove' EXIT
# Which puts the interface on the bridge again after a reload.
mkdir -p /tmp/none
xendraind --config-dir /tmp/none 2>/tmp/xendraind.log &
cycles_cost_nothing
! compgen -G '/sys/class/net/vd*' || fail "an interface is left"
