# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: what guests send obeys dom0's egress rules, and is in a shape that NICs can stand
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

rule() { # PARAMETER
	cat "/sys/module/lab_egress/parameters/$1"
}

have_guest u1
insmod /lib/lab/lab-egress.ko
note "frames of no protocol, 128 bytes of each in one piece"
frames_ok u1 world 60 1514 7
frames=$(rule frames)
[ "$frames" -ge 200 ] || fail "dom0's rule has seen $frames frames, 208 were sent"
expect_eq "frames with a head shorter than 128 bytes" "$(rule shallow)" 0

note "dom0 drops them"
dropped=$(stat_of u1 to_host_consumer_drops_nic)
echo 1 >/sys/module/lab_egress/parameters/drop
frames_expect world denied -f 100 -t 149 -w 4000
frames_send u1 -m "$WORLD_MAC" -f 100 -t 149
expect_eq "frames that dom0's rule let pass:" "$(frames_judged world denied)" \
	"intact 0 missing 50 corrupt 0 duplicate 0"
expect_eq "frames counted" "$(($(stat_of u1 to_host_consumer_drops_nic) - dropped))" 50
ping_ok world u1
rmmod lab_egress

note "what dom0 itself sends still reaches the guest"
ping_ok dom0 u1

note "segments of 88 bytes"
world ip route replace "$(ip4_of u1)/32" dev eth1 advmss 88
stream_ok u1 world 1
stream_ok world u1 1
world ip route delete "$(ip4_of u1)/32" dev eth1
expect_eq "frames dropped as malformed" "$(stat_of u1 to_host_consumer_drops_malformed)" 0
