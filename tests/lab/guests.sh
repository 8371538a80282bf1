# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: two guests, dom0 and the world on one NIC reach each other, all at the same time
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
have_guest u2
pairs="u1:u2 u1:dom0 u2:dom0 u1:world u2:world dom0:world"
for pair in $pairs; do
	ping_ok "${pair%:*}" "${pair#*:}"
	ping_ok "${pair#*:}" "${pair%:*}"
done
note "every pair, both ways, one after the other"
for pair in $pairs; do
	stream_both "${pair%:*}" "${pair#*:}" 5
done
note "every pair, both ways, at the same time"
for pair in $pairs; do
	stream_ok "${pair%:*}" "${pair#*:}" 5 &
	stream_ok "${pair#*:}" "${pair%:*}" 5 &
done
wait_all

note "what goes from guest to guest stays off the wire"
hush u1 u2
wire=$(net_count dom0 tx_packets)
frames_ok u1 u2 60 1514
frames_ok u2 u1 60 1514
expect_eq "frames sent by the NIC meanwhile" $(($(net_count dom0 tx_packets) - wire)) 0
