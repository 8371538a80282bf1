# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: xendrain attach, list, stat and detach tell the truth, and the counters agree with each other
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

json() { # COUNTER: from stat --json
	grep -oE "\"$1\": [0-9]+" /tmp/stat.json | head -n 1 | awk '{ print $2 }'
}

have_guest u1
stream_both world u1 5
hush u1
wait_for 10 settled u1 || true

note "stat"
xendrain stat u1 "$HANDLE" --json >/tmp/stat.json || fail "stat --json failed"
for ring in to_guest to_host; do
	expect_eq "$ring: frames_in" "$(json ${ring}_frames_in)" \
		$(($(json ${ring}_frames_out) + $(json ${ring}_consumer_drops)))
	expect_eq "$ring: bytes_in" "$(json ${ring}_bytes_in)" "$(json ${ring}_bytes_out)"
	for pair in batches:frames_in flags:batches drains:frames_in; do
		[ "$(json ${ring}_${pair%:*})" -le "$(json ${ring}_${pair#*:})" ] ||
			fail "$ring: more ${pair%:*} than ${pair#*:}"
		[ "$(json ${ring}_${pair%:*})" -gt 0 ] || fail "$ring: no ${pair%:*}"
	done
	expect_eq "$ring: masked_upcalls" "$(json ${ring}_masked_upcalls)" 0
	# What the guest counts itself is what it tells dom0.
	expect_eq "$ring: the guest's frames" "$(guest_counter u1 ${ring}_frames)" \
		"$(json ${ring}_frames_out)"
	expect_eq "$ring: the guest's bytes" "$(guest_counter u1 ${ring}_bytes)" \
		"$(json ${ring}_bytes_out)"
done
expect_eq "rx_packets" "$(net_count u1 rx_packets)" "$(json to_guest_frames_out)"
expect_eq "tx_packets" "$(net_count u1 tx_packets)" "$(json to_host_frames_in)"
[ "$(json nic_interrupts)" -gt 0 ] || fail "no NIC interrupts"
xendrain stat u1 >/tmp/stat || fail "stat failed"
grep -q 'upcalls while draining' /tmp/stat || fail "stat does not show the mask's counter"
bytes=$(json to_guest_bytes_out)
[ "$bytes" -gt 5000000 ] || fail "to_guest: $bytes bytes after 5 MB of TCP"

note "list"
xendrain list >/tmp/list || fail "list failed"
row=$(awk -v id="$(guest_id u1)" '$1 == id { $1 = $1; print }' /tmp/list)
expect_eq "list" "$row" "$(guest_id u1) u1 $HANDLE $(mac_of u1) eth0 1500 Connected Connected up"
ip link set eth0 down
wait_for 10 carrier_is u1 0 || true
xendrain list u1 | grep -q 'down *$' || fail "list shows a link although the NIC is down"
ip link set eth0 up
dom0_address eth0
wait_for 60 carrier_is u1 1 || fail "no carrier when the NIC is up again"

note "attach by id, addresses that the tool chooses"
id=$(guest_id u1)
said=$(xendrain attach "$id" nic=eth0) || fail "attach by id failed"
expect_eq "what attach says" "${said%mac *}" "domain $id (u1): attached vdrain 1, nic eth0, "
first=${said##*mac }
xendrain detach "$id" 1 || fail "detach by id failed"
said=$(xendrain attach u1 nic=eth0)
expect_eq "the address chosen the second time" "${said##*mac }" "$first"
xendrain detach u1 1

note "without the backend"
drain_unload
status=0
xendrain attach u1 nic=eth0,handle=3 --wait 1 2>/tmp/complaint || status=$?
expect_eq "status of attach without the module" $status 3
expect_eq "lines on stderr" "$(wc -l </tmp/complaint)" 1
status=0
xendrain stat u1 2>/tmp/complaint || status=$?
expect_eq "status of stat without the module" $status 3
drain_load
wait_for 20 state_is "$(frontend_path u1 3)" 4 || fail "a device that waited is not served"
wait_for 20 connected u1 || fail "the old device is not served again"
xendrain detach u1 3
xendrain detach u1 "$HANDLE"
xendrain list u1 | grep -q eth0 && fail "list shows a detached device"
true
