# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: no upcall comes between the first and the last fetch of a drain, and one upcall brings many frames
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

have_guest u1
stream_ok world u1 30 &
stream_ok u1 world 30 &
wait_all
# A slow machine does not send so fast that the guest asks for a gap by itself.
xendrain tune u1 coalesce-usecs=2000 coalesce-adaptive=0 || fail "xendrain tune"
on world "paced eth1 $(mac_of u1) 50000 60 0" >/dev/null
wait_for 20 settled u1 || fail "the ring does not drain"
# The guest is also told of room for what it sends, when the host gives it back:
# an eighth of the ring at a time while frames keep coming.
room=$(($(stat_of u1 to_host_bytes_out) / (128 * 4096 / 8)))
for ring in to_guest to_host; do
	frames=$(stat_of u1 ${ring}_frames_out)
	upcalls=$(stat_of u1 ${ring}_upcalls)
	drains=$(stat_of u1 ${ring}_drains)
	note "$ring: $frames frames, $upcalls upcalls, $drains drains," \
		"$(stat_of u1 ${ring}_hypercalls) hypercalls"
	expect_eq "$ring: upcalls while draining" "$(stat_of u1 ${ring}_masked_upcalls)" 0
	[ "$upcalls" -gt 0 ] || fail "$ring: no upcalls at all"
	[ "$drains" -gt 0 ] || fail "$ring: no drains at all"
	[ "$upcalls" -lt "$frames" ] || fail "$ring: $upcalls upcalls for $frames frames"
	[ "$upcalls" -le $(($(stat_of u1 ${ring}_flags) + room + 20)) ] ||
		fail "$ring: $upcalls upcalls, only $(stat_of u1 ${ring}_flags) flags were raised"
	room=0
done
[ "$(stat_of u1 to_guest_upcalls)" -lt $(($(stat_of u1 to_guest_frames_out) / 2)) ] ||
	fail "to_guest: more than one upcall for two frames"
