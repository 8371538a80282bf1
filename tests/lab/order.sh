# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: what a guest sends in frames of 64 KB arrives in order, though the receiver shares dom0's processor
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

# Two lines a protocol: names, values.
out_of_order() { # frames that came ahead of others, to any socket of the world
	world awk '$1 == "TcpExt:" { if (split(line, name) == NF)
			for (i = 2; i <= NF; i++) if (name[i] == "TCPOFOQueue") print $i
		line = $0 }' /proc/net/netstat
}

[ -n "$LAB_ICOUNT" ] || skip "in real time a busy processor loses frames whoever sends them: lab/run --icount"
have_guest u1
before=$(out_of_order)
stream_ok u1 world 100
expect_eq "frames that came ahead of others" $(($(out_of_order) - before)) 0
