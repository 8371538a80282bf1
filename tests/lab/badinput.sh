# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: xendrain refuses bad input with exit 2 and one line that names it, and xenstore stays as it was
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

whole_store() {
	xenstore-ls -f /
}

refused() { # NAMED ARGUMENT...: of xendrain; the message must contain NAMED
	local named=$1 status=0 after
	shift
	xendrain "$@" >/tmp/said 2>/tmp/complaint || status=$?
	after=$(whole_store)
	expect_eq "status of xendrain $*" $status 2
	expect_eq "lines on stderr of xendrain $*" "$(wc -l </tmp/complaint)" 1
	[ ! -s /tmp/said ] || fail "xendrain $*: said on stdout: $(head -n 1 /tmp/said)"
	grep -qF -- "$named" /tmp/complaint || fail "xendrain $*: does not name $named: $(cat /tmp/complaint)"
	[ "$before" = "$after" ] || fail "xendrain $*: xenstore changed: $(diff <(echo "$before") <(echo "$after") | head -n 3)"
}

have_guest u1
mac=$(mac_of u1)
before=$(whole_store)

note "domains"
for domain in nobody 999 0 Domain-0 -1 '' 99999999999 'u1 ' u1x; do
	refused "$domain" attach "$domain" nic=eth0
done
refused nobody detach nobody 0
refused nobody stat nobody
refused nobody list nobody

note "NICs"
for nic in eth9 lo '' ../eth0 eth0/x . a:b 0123456789abcdef; do
	refused "$nic" attach u1 "nic=$nic"
done
ip link add br8 type bridge
refused br8 attach u1 nic=br8
ip link add v8a type veth peer name v8b
ip link set v8a master br8
refused v8a attach u1 nic=v8a
ip link delete br8
ip link delete v8a
refused nic attach u1 mac=00:16:3e:00:00:09

note "bridges and scripts"
refused vif-nothing attach u1 bridge=xenbr0,script=vif-nothing
refused ../vif-bridge attach u1 script=../vif-bridge
refused bridge attach u1 nic=eth0,bridge=xenbr0
refused 'a b' attach u1 'bridge=a b'
refused 'vifname=a/b' attach u1 bridge=xenbr0,vifname=a/b
refused 'ip=x;y' attach u1 'bridge=xenbr0,ip=x;y'
refused 'gatewaydev=' attach u1 bridge=xenbr0,gatewaydev=
refused '--wait 0' attach u1 bridge=xenbr0 --wait 0

note "addresses"
for bad in 00:16:3e:00:00 01:00:5e:00:00:01 ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 \
	00:16:3e:00:00:zz 00163e000001 00:16:3e:00:00:01:02 '' x; do
	refused "$bad" attach u1 "nic=eth0,mac=$bad"
done
refused "$mac" attach u1 "nic=eth0,mac=$mac"
refused "$(mac_of dom0)" attach u1 "nic=eth0,mac=$(mac_of dom0)"

note "numbers"
for bad in 0 67 65522 99999999999 -1 1e3 0x10 '' ' 1500' 1500x; do
	refused "$bad" attach u1 "nic=eth0,mtu=$bad"
done
for bad in 0 17 -1 x ''; do
	refused "$bad" attach u1 "nic=eth0,queues=$bad"
done
for bad in 0 1 4 7 9 100 512 -8 x ''; do
	refused "$bad" attach u1 "nic=eth0,ring-pages=$bad"
done
for bad in 256 -1 x ''; do
	refused "$bad" attach u1 "nic=eth0,handle=$bad"
done
refused "$HANDLE" attach u1 "nic=eth0,handle=$HANDLE"

note "tuning keys"
for bad in coalesce-usecs=10001 coalesce-adaptive=2 fetch=steal drain-pages=0 copybreak=2049 \
	rate=1b/s rate=100 rate=1Gb/s@1us spoof-check=yes; do
	refused "$bad" tune u1 "$HANDLE" fetch=copy "$bad"
	refused "$bad" attach u1 "nic=eth0,$bad"
done
refused mtu=1400 tune u1 mtu=1400
refused colour tune u1 colour=red
refused fetch=map tune u1 fetch=map fetch=map
refused 9 tune u1 9 fetch=map
refused nobody tune nobody fetch=map
refused '' tune

note "words"
refused colour attach u1 nic=eth0,colour=red
refused eth0 attach u1 eth0
refused nic attach u1 nic=eth0,nic=eth0
refused '' attach u1 nic=eth0,
refused '' attach u1 ''
refused '' attach u1
refused '' attach
refused '' detach
refused '' detach u1
refused frobnicate frobnicate
refused '' ''
refused --wait attach u1 nic=eth0 --wait
refused 3601 attach u1 nic=eth0 --wait 3601
refused --bogus attach u1 nic=eth0 --bogus
refused x detach u1 x
refused 255 detach u1 255
refused 9 stat u1 9
refused 0 stat u1 "$HANDLE" --interval 0
refused 0 stat u1 --watch 0
refused 3601 stat u1 --watch=3601
refused --json stat u1 --watch --json
refused --interval stat u1 --watch --interval 2
refused nobody stat nobody --watch
refused 9 stat u1 9 --watch
refused nobody list nobody --json
refused nobody dump nobody
refused 9 dump u1 9
refused --json dump u1 --json
refused nobody health nobody
refused 9 health u1 9
refused 0 health u1 --interval 0
refused arguments list u1 extra

ping_ok world u1
