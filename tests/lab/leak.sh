# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: all that ran in this boot left no grant, event channel or xenstore node, and cycles cost no memory
# shellcheck source=tests/lab/kit/leak.sh
. /lab/kit/leak.sh

attach_one() {
	drain_attach u1
}

cycles_cost_nothing

note "without guests and modules, against the start of this boot"
for name in $(xl list | sed 1,2d | awk '{ print $1 }'); do
	drain_detach_all "$(guest_id "$name")"
	guest_destroy "$name"
done
drain_unload
leak_snapshot >/tmp/end
echo "start: $(paste -sd ' ' /run/lab/kit/baseline)"
echo "end:   $(paste -sd ' ' /tmp/end)"
left=$(stored_names | grep -vxF -f /run/lab/kit/baseline.names | paste -sd ' ') || true
[ -z "$left" ] || fail "left in xenstore: $left"
for what in grants event_channels; do
	same "since the start of this boot" $what /run/lab/kit/baseline /tmp/end
done
