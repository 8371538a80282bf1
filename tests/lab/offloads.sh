# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: TCP arrives bit for bit with all offloads on, and with each one off
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

all_ways() { # MEGABYTES
	stream_both world u1 "$1"
	stream_both dom0 u1 "$1"
}

feature_is() { # NAME VALUE
	guest_run u1 ethtool -k "$DEV" | grep -q "^$1: $2"
}

# Whether the guest hands frames of more than an MTU to dom0.
sends_whole() {
	local frames bytes
	frames=$(stat_of u1 to_host_frames_in) bytes=$(stat_of u1 to_host_bytes_in)
	stream_ok u1 dom0 5
	frames=$(($(stat_of u1 to_host_frames_in) - frames))
	bytes=$(($(stat_of u1 to_host_bytes_in) - bytes))
	echo "$bytes bytes in $frames frames"
	[ $((bytes / frames)) -gt 2000 ]
}

have_guest u1
for name in rx-checksumming tx-checksumming scatter-gather tcp-segmentation-offload \
	generic-segmentation-offload generic-receive-offload; do
	feature_is $name on || fail "$name is not on by itself"
done
feature_is $'\ttx-checksum-ip-generic' off || fail "the guest leaves sums of any protocol to dom0"
note "all offloads on"
all_ways 10
for offload in rx tx sg tso gso gro; do
	note "$offload off"
	guest_run u1 ethtool -K "$DEV" $offload off >/dev/null
	all_ways 6
	guest_run u1 ethtool -K "$DEV" rx on tx on sg on tso on gso on gro on >/dev/null
done
note "the ring carries what tso says"
sends_whole || fail "with TSO on the guest segments"
guest_run u1 ethtool -K "$DEV" tso off >/dev/null
! sends_whole || fail "with TSO off the guest does not segment"
! guest_run u1 "ethtool -K $DEV rx-gro-hw on 2>&1" >/tmp/said || fail "a fixed feature was changed"
note "all offloads off"
guest_run u1 ethtool -K "$DEV" rx off tx off sg off tso off gso off gro off >/dev/null
all_ways 5
expect_eq "malformed frames, guest" "$(guest_counter u1 to_guest_drops_malformed)" 0
expect_eq "malformed frames, dom0" "$(stat_of u1 to_host_consumer_drops_malformed)" 0
