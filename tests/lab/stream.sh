# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: 200 MB of random bytes each way arrive bit for bit over TCP, part through the NIC
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
note "100 MB each way through the NIC"
stream_both world u1 100
note "100 MB each way between dom0 and the guest"
stream_both dom0 u1 100
expect_eq "upcalls while draining, guest" "$(stat_of u1 to_guest_masked_upcalls)" 0
expect_eq "upcalls while draining, dom0" "$(stat_of u1 to_host_masked_upcalls)" 0
