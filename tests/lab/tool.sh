# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: xendrain attach, list, stat and detach tell the truth, to people and as JSON, and the counters agree
# shellcheck source=tests/lab/kit/kit.sh
. /lab/kit/kit.sh

stat_json() { # COUNTER: of the first device in stat --json
	json 0 "$1" </tmp/stat.json
}

list_json() { # MEMBER: of the first device in list --json
	json 0 "$1" </tmp/list.json
}

rates() { # ROW: its columns in the last table that stat --watch printed
	tr -d '*' </tmp/watch | awk -v row="$1" '$0 ~ "^" row " " { sub(row, ""); last = $0 }
		END { $0 = last; $1 = $1; print }'
}

between() { # WHAT NUMBER LEAST MOST
	awk -v n="$2" -v least="$3" -v most="$4" \
		'BEGIN { exit !(n ~ /^[0-9.]+$/ && n + 0 >= least && n + 0 <= most) }' ||
		fail "$1 is $2, expected $3 to $4; table: $(rates "to guest"); $(rates "to host")"
}

per_second() { # COUNT MICROSECONDS: since then
	echo $(($1 * 1000000 / (${EPOCHREALTIME/./} - $2)))
}

watch_started() { # sets WATCH; SIGINT is for people, a shell's background ignores it
	: >/tmp/watch
	xendrain stat u1 --watch 1 >/tmp/watch &
	WATCH=$!
	wait_for 60 grep -q '^domain' /tmp/watch || fail "stat --watch shows nothing"
}

watch_stopped() { # by a signal, cleanly
	local status=0
	kill -TERM "$WATCH"
	wait "$WATCH" || status=$?
	expect_eq "status of stat --watch after SIGTERM" $status 0
}

completes() { # LINE EXPECTED: what Tab offers after it
	local offered
	offered=$(bash -c '. /usr/share/bash-completion/completions/xendrain
		COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$2
		_xendrain
		echo "${COMPREPLY[*]}"' completes "$1" $' \t\n"=:')
	expect_eq "what Tab offers after '$1'" "$offered" "$2"
}

have_guest u1
stream_both world u1 5
hush u1
wait_for 10 settled u1 || true

note "stat"
xendrain stat u1 "$HANDLE" --json >/tmp/stat.json || fail "stat --json failed"
for ring in to_guest to_host; do
	expect_eq "$ring: frames_in" "$(stat_json ${ring}_frames_in)" \
		"$(stat_json ${ring}_frames_out)"
	expect_eq "$ring: bytes_in" "$(stat_json ${ring}_bytes_in)" "$(stat_json ${ring}_bytes_out)"
	for pair in batches:frames_in flags:batches drains:frames_in; do
		[ "$(stat_json ${ring}_${pair%:*})" -le "$(stat_json ${ring}_${pair#*:})" ] ||
			fail "$ring: more ${pair%:*} than ${pair#*:}"
		[ "$(stat_json ${ring}_${pair%:*})" -gt 0 ] || fail "$ring: no ${pair%:*}"
	done
	expect_eq "$ring: masked_upcalls" "$(stat_json ${ring}_masked_upcalls)" 0
	# What the guest counts itself is what it tells dom0.
	expect_eq "$ring: the guest's frames" "$(guest_counter u1 ${ring}_frames)" \
		"$(stat_json ${ring}_frames_out)"
	expect_eq "$ring: the guest's bytes" "$(guest_counter u1 ${ring}_bytes)" \
		"$(stat_json ${ring}_bytes_out)"
done
expect_eq "rx_packets" "$(net_count u1 rx_packets)" \
	$(($(stat_json to_guest_frames_out) - $(stat_json to_guest_consumer_drops)))
expect_eq "tx_packets" "$(net_count u1 tx_packets)" "$(stat_json to_host_frames_in)"
[ "$(stat_json nic_interrupts)" -gt 0 ] || fail "no NIC interrupts"
xendrain stat u1 >/tmp/stat || fail "stat failed"
xendrain stat --json >/tmp/all.json || fail "stat --json of all domains failed"
expect_eq "devices in stat --json of all domains" "$(json length </tmp/all.json)" 1
grep -q 'upcalls while draining' /tmp/stat || fail "stat does not show the mask's counter"
for word in "domain_id $(guest_id u1)" "domain u1" "handle $HANDLE" "nic eth0" \
	"mac $(mac_of u1)" "backend Connected" "frontend Connected"; do
	expect_eq "stat --json: ${word% *}" "$(stat_json "${word% *}")" "${word#* }"
done
bytes=$(stat_json to_guest_bytes_out)
[ "$bytes" -gt 5000000 ] || fail "to_guest: $bytes bytes after 5 MB of TCP"

xendrain stat u1 "$HANDLE" --interval 1 --json >/tmp/stat.json || fail "stat --interval failed"
[ "$(stat_json to_guest_frames_out)" -lt 10 ] || fail "stat --interval 1 shows more than a second of silence"

note "list"
xendrain list >/tmp/list || fail "list failed"
row=$(awk -v id="$(guest_id u1)" '$1 == id { $1 = $1; print }' /tmp/list)
expect_eq "list" "$row" "$(guest_id u1) u1 $HANDLE $(mac_of u1) eth0 1500 Connected Connected up"
xendrain list --json >/tmp/list.json || fail "list --json failed"
for word in "domain_id $(guest_id u1)" "domain u1" "handle $HANDLE" "mac $(mac_of u1)" \
	"nic eth0" "bridge null" "mtu 1500" "backend Connected" "frontend Connected" "link true" "error null"; do
	expect_eq "list --json: ${word% *}" "$(list_json "${word% *}")" "${word#* }"
done
ip link set eth0 down
wait_for 10 carrier_is u1 0 || true
expect_eq "link in list --json although the NIC is down" \
	"$(xendrain list u1 --json | json 0 link)" false
xendrain list u1 | grep -q 'down *$' || fail "list shows a link although the NIC is down"
ip link set eth0 up
dom0_address eth0
wait_for 60 carrier_is u1 1 || fail "no carrier when the NIC is up again"

note "watch"
out=$(stat_of u1 to_host_frames_out)
floods_start u1 200
# The guest's sender starts when the guest gets round to it.
wait_for 30 stat_reaches u1 to_host_frames_out $((out + 50)) || fail "the guest does not send"
begun=${EPOCHREALTIME/./} in=$(stat_of u1 to_guest_frames_in) out=$(stat_of u1 to_host_frames_out)
watch_started
usleep 3000000
watch_stopped
in=$(per_second $(($(stat_of u1 to_guest_frames_in) - in)) "$begun")
out=$(per_second $(($(stat_of u1 to_host_frames_out) - out)) "$begun")
[ "$(grep -c '^domain' /tmp/watch)" -ge 2 ] || fail "stat --watch 1: $(grep -c '^domain' /tmp/watch) tables in 3 s"
! grep -q "$(printf '\033')" /tmp/watch || fail "stat --watch steers a terminal that is none"
read -r frames mbits flags upcalls drops per_upcalls per_hypercalls < <(rates "to guest")
# The sender is told 200 a second; how many it makes depends on the machine.
between "frames to the guest a second" "$frames" $((in / 2)) $((in * 2))
between "Mbit/s to the guest" "$mbits" "$(awk "BEGIN { print $frames * 480 / 1e6 - 0.2 }")" \
	"$(awk "BEGIN { print $frames * 480 / 1e6 + 0.2 }")"
between "flags a second" "$flags" 1 $((in * 2))
between "upcalls a second" "$upcalls" 1 3000
between "drops a second" "$drops" 0 0
between "upcalls per 1000 frames" "$per_upcalls" 1 3000
between "hypercalls per 1000 frames" "$per_hypercalls" 1 3000
read -r frames mbits _ < <(rates "to host")
between "frames to the host a second" "$frames" $((out / 2)) $((out * 2))
between "Mbit/s to the host" "$mbits" "$(awk "BEGIN { print $frames * 12112 / 1e6 - 1 }")" \
	"$(awk "BEGIN { print $frames * 12112 / 1e6 + 1 }")"
grep -q 'NIC interrupts: [1-9][0-9.]* a second, [1-9]' /tmp/watch || fail "no NIC interrupts"

note "watch on a terminal"
status=0
pty $((6 * LAB_SLOW)) xendrain stat --watch >/tmp/screen || status=$?
expect_eq "status of stat --watch after Ctrl-C" $status 0
homes=$(tr '\033' '\n' </tmp/screen | grep -c '^\[H')
[ "$homes" -ge 3 ] || fail "stat --watch went to the top of the screen $homes times"
floods_stop u1

note "watch what goes away"
watch_started
xendrain attach u1 nic=eth0,handle=7 >/dev/null
wait_for 10 grep -q 'vdrain 7, nic eth0' /tmp/watch || fail "stat --watch does not show a new device"
xendrain detach u1 7
wait_for 10 grep -q 'vdrain 7 has gone' /tmp/watch || fail "stat --watch does not say that a device has gone"
watch_stopped

note "attach by id, addresses that the tool chooses"
id=$(guest_id u1)
said=$(xendrain attach "$id" nic=eth0) || fail "attach by id failed"
expect_eq "what attach says" "${said%mac *}" "domain $id (u1): attached vdrain 1, nic eth0, "
first=${said##*mac }
xendrain detach "$id" 1 || fail "detach by id failed"
said=$(xendrain attach u1 nic=eth0)
expect_eq "the address chosen the second time" "${said##*mac }" "$first"
xendrain detach u1 1

note "help fits a screen"
for command in "" attach detach dump health list stat tune; do
	# shellcheck disable=SC2086 # no word, or one
	xendrain $command --help >/tmp/help || fail "xendrain $command --help failed"
	[ "$(wc -l </tmp/help)" -le 24 ] || fail "xendrain $command --help: $(wc -l </tmp/help) lines"
	[ "$(awk '{ if (length > n) n = length } END { print n }' /tmp/help)" -le 80 ] ||
		fail "xendrain $command --help: a line of more than 80 columns"
done

note "completion"
completes "xendrain det" detach
completes "xendrain stat " u1
completes "xendrain stat u1 " "$HANDLE"
completes "xendrain stat --w" --watch
completes "xendrain attach u1 ni" nic=
completes "xendrain attach u1 nic=eth" eth0
completes "xendrain attach u1 nic=eth0,mac=00:16:3e:00:00:01,fetch=" "copy map"
completes "xendrain attach u1 nic=eth0,ring" eth0,ring-pages=
completes "xendrain detach u1 $HANDLE " ""
id=$(guest_id u1)
xenstore-write "/local/domain/$id/name" "\$(touch /tmp/run-by-tab)"
completes "xendrain stat " '\$\(touch\ /tmp/run-by-tab\)'
xenstore-write "/local/domain/$id/name" u1
[ ! -e /tmp/run-by-tab ] || fail "completion runs what a domain's name says"

note "without the backend"
drain_unload
status=0
xendrain attach u1 nic=eth0,handle=3 --wait 1 2>/tmp/complaint || status=$?
expect_eq "status of attach without the module" $status 3
expect_eq "lines on stderr" "$(wc -l </tmp/complaint)" 1
status=0
xendrain stat u1 2>/tmp/complaint || status=$?
expect_eq "status of stat without the module" $status 3
expect_eq "stat --json without the module" "$(xendrain stat u1 --json 2>/dev/null | json length)" 0
drain_load
wait_for 20 state_is "$(frontend_path u1 3)" 4 || fail "a device that waited is not served"
wait_for 20 connected u1 || fail "the old device is not served again"
xendrain detach u1 3
xendrain detach u1 "$HANDLE"
xendrain list u1 | grep -q eth0 && fail "list shows a detached device"
true
