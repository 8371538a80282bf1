# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: a bad value of a tuning key is answered in the error node, and the old one stays in force
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

in_force() { # KEY
	cat "/sys/bus/xen-backend/devices/vdrain-$(guest_id u1)-$HANDLE/tuning/$1"
}

in_force_is() { # KEY VALUE
	[ "$(in_force "$1")" = "$2" ]
}

no_error() {
	[ -z "$(backend_error u1 "$HANDLE")" ]
}

bad() { # KEY VALUE ALLOWED
	local path old
	path=$(backend_path u1 "$HANDLE")
	old=$(in_force "$1")
	store "$path" "$1=$2"
	wait_for 10 error_says u1 "$HANDLE" "$1 is \"$2\", allowed is $3" ||
		fail "$1=$2: the error node says '$(backend_error u1 "$HANDLE")'"
	expect_eq "$1 after $2" "$(in_force "$1")" "$old"
	ping_once world "$(ip4_of u1)" || fail "the guest is not reached after $1=$2"
}

mended() { # KEY
	xenstore-rm "$(backend_path u1 "$HANDLE")/$1"
	wait_for 10 no_error || fail "$1 is mended, and the error node says '$(backend_error u1 "$HANDLE")'"
}

have_guest u1 ,copybreak=128,rate=1Gb/s
expect_eq "copybreak given at attach" "$(in_force copybreak)" 128
expect_eq "rate given at attach" "$(in_force rate)" 6250000,50000

note "values that the drivers refuse"
for value in 2049 -1 '' x 99999999999; do
	bad copybreak "$value" "0 to 2048"
done
mended copybreak
wait_for 10 in_force_is copybreak 1536 || fail "without the key copybreak is $(in_force copybreak)"
bad coalesce-usecs 10001 "0 to 10000"
mended coalesce-usecs
bad coalesce-adaptive 2 "0 to 1"
mended coalesce-adaptive
bad fetch steal "copy or map"
mended fetch
bad drain-pages 0 "1 to 64"
bad drain-pages 65 "1 to 64"
mended drain-pages
bad rate 100Mb/s BYTES,USECS
bad rate 1,1 BYTES,USECS
mended rate
bad spoof-check yes "0 to 1"
mended spoof-check

note "two at once"
bad spoof-check 2 "0 to 1"
bad fetch steal "copy or map"
xenstore-rm "$(backend_path u1 "$HANDLE")/fetch"
wait_for 10 error_says u1 "$HANDLE" spoof-check || fail "the older error does not come back"
mended spoof-check

note "at the start"
bad drain-pages 1000 "1 to 64"
drain_unload
status=0
xendrain tune u1 copybreak=300 2>/tmp/complaint || status=$?
expect_eq "status of tune without the module" $status 3
grep -q 'not loaded' /tmp/complaint || fail "tune without the module says $(cat /tmp/complaint)"
drain_load
wait_for 20 connected u1 || fail "a device with a bad key is not served"
expect_eq "copybreak, set while there was no module" "$(in_force copybreak)" 300
expect_eq "drain-pages, bad from the start" "$(in_force drain-pages)" 64
error_says u1 "$HANDLE" "drain-pages is \"1000\"" || fail "no error for a key that is bad from the start"
xendrain tune u1 >/tmp/shown || fail "tune failed"
grep -q 'error: .*drain-pages' /tmp/shown || fail "tune does not show the error"
expect_eq "drain-pages as shown" "$(awk '$1 == "drain-pages" { print $2 }' /tmp/shown)" 64
xendrain tune u1 "$HANDLE" drain-pages=32 || fail "tune does not mend drain-pages"
no_error || fail "drain-pages is mended, and the error node says '$(backend_error u1 "$HANDLE")'"
expect_eq "drain-pages, mended" "$(in_force drain-pages)" 32
stream_both world u1 2
