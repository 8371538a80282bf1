# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests share. A place is "world", "dom0" or a guest's name; each has
# a number, the last part of its addresses.

mkdir -p /run/lab/kit

# shellcheck source=tests/lab/kit/held.sh
. /lab/kit/held.sh

# What xenstore holds, but for two directories that libxl makes for good.
stored_names() {
	xenstore-ls -f / | sed 's/ = .*//' | grep -vxE '/vm|/libxl'
}

if [ ! -e /run/lab/kit/baseline ]; then
	stored_names >/run/lab/kit/baseline.names
	leak_snapshot >/run/lab/kit/baseline
fi

# Ten times where all tests run, three times on the other machines.
rounds() {
	case $(uname -r):$GUEST_TYPE in
	*-debug:*) seq 3 ;;
	6.12*:pv) seq 10 ;;
	*) seq 3 ;;
	esac
}

# --- places -----------------------------------------------------------------

number_of() { # PLACE
	case $1 in
	world) echo 1 ;;
	u1) echo 2 ;;
	dom0) echo 3 ;;
	u[2-9]) echo $((${1#u} + 2)) ;;
	*) fail "no place $1" ;;
	esac
}

ip4_of() { # PLACE
	echo "192.168.77.$(number_of "$1")"
}

ip6_of() { # PLACE
	echo "fd77::$(number_of "$1")"
}

dev_of() { # PLACE; in dom0 DOM0_DEV, where a bridge or switch has the NIC
	case $1 in
	world) echo eth1 ;;
	dom0) echo "${DOM0_DEV:-eth0}" ;;
	*) echo "$(<"/run/lab/kit/$1.dev")" ;;
	esac
}

mac_of() { # PLACE
	case $1 in
	world) echo "$WORLD_MAC" ;;
	dom0) cat /sys/class/net/eth0/address ;;
	*) drain_mac "$(number_of "$1")" ;;
	esac
}

# --- guests -----------------------------------------------------------------

# xl takes a tenth of a second to say it, and it is asked for all the time.
guest_id() { # NAME
	[ -s "/run/lab/kit/$1.id" ] || xl domid "$1" >"/run/lab/kit/$1.id"
	echo "$(<"/run/lab/kit/$1.id")"
}

# A guest with a fresh device, whatever was before: counters at 0, features and
# MTU as a user finds them. Sets HANDLE and DEV; the guest stays for the next
# test of this boot.
have_guest() { # NAME [,KEY=VALUE...]
	local number
	number=$(number_of "$1")
	running_guest "$1"
	drain_load
	drain_detach_all "$(guest_id "$1")"
	HANDLE=$(drain_attach "$1" "$number" "${2-}") || fail "xendrain attach $1 failed"
	DEV=$(drain_up "$1" "$number") || fail "$1: no interface with carrier: $DEV"
	echo "$DEV" >"/run/lab/kit/$1.dev"
	export HANDLE DEV
	wait_for 10 ping_once world "$(ip4_of "$1")" || fail "the world does not reach $1"
}

# A guest without a device. One that does not answer any more is replaced.
running_guest() { # NAME
	rm -f "/run/lab/kit/$1.id"
	if xl domid "$1" >/dev/null 2>&1; then
		ask -t 20 "$1" 'killall -q -9 stream frames paced udp iperf3 ping
			rmmod lab_hostile 2>/dev/null; true' ||
			guest_destroy "$1"
	fi
	xl domid "$1" >/dev/null 2>&1 || guest_create "$1"
	xl domid "$1" >"/run/lab/kit/$1.id"
	guest_keep "$1"
}

# After the guest's interface was made anew.
address_again() { # NAME
	DEV=$(drain_up "$1" "$(number_of "$1")") || fail "$1: no interface with carrier: $DEV"
	echo "$DEV" >"/run/lab/kit/$1.dev"
}

free_nic() { # from all guests, so that a bridge may have it
	local name
	for name in $(xl list | sed 1,2d | awk '{ print $1 }'); do
		drain_detach_all "$(xl domid "$name")"
	done
}

nic_ready() { # with a carrier, both ends of the cable
	[ "$(cat /sys/class/net/eth0/carrier 2>/dev/null)" = 1 ] &&
		[ "$(world cat /sys/class/net/eth1/carrier 2>/dev/null)" = 1 ]
}

carrier_is() { # NAME 0|1
	[ "$(guest_run "$1" "cat /sys/class/net/$(dev_of "$1")/carrier")" = "$2" ]
}

stat_of() { # NAME COUNTER: of the backend's
	drain_stat "$1" "$(handle_of "$1")" "$2"
}

stat_reaches() { # NAME COUNTER VALUE
	[ "$(stat_of "$1" "$2")" -ge "$3" ]
}

handle_of() { # NAME: of its first device
	xenstore-list "/local/domain/0/backend/vdrain/$(guest_id "$1")" | sort -n | head -n 1
}

backend_path() { # NAME [HANDLE]
	echo "/local/domain/0/backend/vdrain/$(guest_id "$1")/${2:-$(handle_of "$1")}"
}

frontend_path() { # NAME [HANDLE]
	echo "/local/domain/$(guest_id "$1")/device/vdrain/${2:-$(handle_of "$1")}"
}

backend_error() { # NAME [HANDLE]: the sentence in the error node
	xenstore-read "/local/domain/0/error/$(backend_path "$@" | cut -d/ -f5-)/error" 2>/dev/null
}

frontend_error() { # NAME [HANDLE]: what the guest says
	xenstore-read "$(frontend_path "$@" | sed 's|/device/|/error/device/|')/error" 2>/dev/null
}

error_says() { # NAME HANDLE REGEX
	backend_error "$1" "$2" | grep -Eq "$3"
}

state_is() { # PATH STATE
	[ "$(xenstore-read "$1/state" 2>/dev/null)" = "$2" ]
}

connected() { # NAME
	state_is "$(backend_path "$1")" 4 && state_is "$(frontend_path "$1")" 4
}

# --- traffic ----------------------------------------------------------------

ping_once() { # FROM ADDRESS
	on "$1" ping -q -c 1 -W 2 "$2" >/dev/null 2>&1
}

ping_ok() { # FROM TO [ADDRESS]: ten pings, ten answers, none twice
	local said
	said=$(on "$1" ping -q -c 10 -i 0.05 -W 5 "${3:-$(ip4_of "$2")}" 2>&1) ||
		fail "ping from $1 to $2: $said"
	grep -q '10 received, 0% packet loss' <<<"$said" || fail "ping from $1 to $2: $said"
	! grep -q duplicates <<<"$said" || fail "ping from $1 to $2: $said"
}

next_port() {
	(
		flock 9
		port=$(($(cat /run/lab/kit/port 2>/dev/null || echo 20000) + 1))
		echo "$port" | tee /run/lab/kit/port
	) 9>/run/lab/kit/port.lock
}

# Random bytes over TCP; the receiver computes the same and compares.
stream_ok() { # FROM TO MEGABYTES [ADDRESS]
	local address=${4:-$(ip4_of "$2")} bytes=$(($3 * 1000000)) port seed
	port=$(next_port)
	seed=$((port * 1000003))
	on "$2" "stream recv $port $bytes $seed >/tmp/stream.$port 2>&1 </dev/null &"
	wait_for 60 on "$2" grep -q ready "/tmp/stream.$port" ||
		fail "stream recv in $2: $(on "$2" cat "/tmp/stream.$port")"
	GUEST_TIMEOUT=250 on "$1" "stream send $address $port $bytes $seed" \
		>"/tmp/sent.$port" 2>&1 ||
		fail "stream from $1 to $2: $(tail -n 1 "/tmp/sent.$port");" \
			"receiver: $(on "$2" tail -n 1 "/tmp/stream.$port")"
	echo "$1 to $2: $(tail -n 1 "/tmp/sent.$port")"
}

tenths() { # FROM TO: of a Mbit/s, what a stream of 2 MB makes
	stream_ok "$1" "$2" 2 | sed -nE 's/.* ([0-9]+)\.([0-9]) Mbit.*/\1\2/p'
}

# Both ways, one after the other.
stream_both() { # PLACE PLACE MEGABYTES
	stream_ok "$1" "$2" "$3"
	stream_ok "$2" "$1" "$3"
}

# A stream each way, checked byte by byte, which go on until they are judged.
# 5 Mbit/s each: what happens meanwhile is to have a processor, too.
flows_start() { # NAME [BYTES_A_SECOND]
	local port rate=${2:-625000}
	port=$(next_port)
	on "$1" "stream recv $port 0 1 >/tmp/streams.in 2>&1 </dev/null &"
	# Not by way of a function: it is the stream that is to get the signal.
	ip netns exec world stream recv "$port" 0 2 >"/tmp/streams.$1.in" 2>&1 </dev/null &
	echo $! >"/run/lab/kit/$1.receiver"
	wait_for 20 on "$1" grep -q ready /tmp/streams.in || fail "no receiver in $1"
	wait_for 20 grep -q ready "/tmp/streams.$1.in" || fail "no receiver in the world"
	ip netns exec world stream send "$(ip4_of "$1")" "$port" 0 1 "$rate" >"/tmp/streams.$1.out" 2>&1 &
	echo $! >"/run/lab/kit/$1.sender"
	on "$1" "stream send $WORLD_IP4 $port 0 2 $rate >/tmp/streams.out 2>&1 </dev/null &
		echo \$! >/tmp/streams.pid"
	flows_advance "$1"
}

# Both have moved since the last time, so what happened in between did happen
# to streams that ran.
flows_advance() { # NAME
	wait_for 60 traffic_moved "$1" ||
		fail "the streams of $1 stand still: $(cat "/tmp/streams.$1.out"); $(on "$1" cat /tmp/streams.out)"
}

traffic_moved() { # NAME: so much more each way than when it said yes last
	local file=/run/lab/kit/$1.moved to_guest to_host had
	to_guest=$(stat_of "$1" to_guest_bytes_in) to_host=$(stat_of "$1" to_host_bytes_out)
	read -r -a had < <(cat "$file" 2>/dev/null)
	[ "${had[0]-0}" -le "$to_guest" ] && [ "${had[1]-0}" -le "$to_host" ] || had=(0 0)
	[ $((to_guest - ${had[0]-0})) -ge 200000 ] && [ $((to_host - ${had[1]-0})) -ge 200000 ] ||
		return 1
	echo "$to_guest $to_host" >"$file"
}

flows_judged() { # NAME
	kill -TERM "$(cat "/run/lab/kit/$1.sender")"
	on "$1" "kill -TERM \$(cat /tmp/streams.pid)"
	wait "$(cat "/run/lab/kit/$1.sender")" ||
		fail "stream into $1: $(cat "/tmp/streams.$1.out"); it says: $(on "$1" cat /tmp/streams.in)"
	wait_for 60 on "$1" grep -q '^sent' /tmp/streams.out ||
		fail "stream out of $1: $(on "$1" cat /tmp/streams.out); the world: $(cat "/tmp/streams.$1.in")"
	grep -q '^received' "/tmp/streams.$1.in" || fail "stream out of $1: $(cat "/tmp/streams.$1.in")"
	note "into $1: $(cat "/tmp/streams.$1.out"); out: $(on "$1" cat /tmp/streams.out)"
}

flows_abandon() { # NAME: that is no more
	kill -KILL "$(cat "/run/lab/kit/$1.sender")" "$(cat "/run/lab/kit/$1.receiver")" || true
}

# Frames both ways, until told to stop. A sender that is late does not sleep any
# more, and comes before all else in dom0: an instrumented kernel, four times as
# slow, does not do 250 a second each way beside the rest.
floods_start() { # NAME [RATE]
	local rate=${2:-$((1000 / LAB_SLOW / LAB_SLOW))}
	on world "paced eth1 $(mac_of "$1") 1000000000 60 $rate >/dev/null 2>&1 </dev/null &"
	on "$1" "paced $(dev_of "$1") $WORLD_MAC 1000000000 1514 $rate >/dev/null 2>&1 </dev/null &"
}

floods_stop() { # NAME: if it is still there
	killall -q paced || true
	ask -t 20 "$1" "killall -q paced; true" 2>/dev/null || true
}

# For what was started with "&"; who failed has said why.
wait_all() {
	local pid failed=0
	for pid in $(jobs -p); do
		wait "$pid" || failed=1
	done
	[ $failed = 0 ] || fail "one of the parallel parts failed"
}

# Frames bit for bit. A receiver is started under a name, asked under it.
frames_expect() { # PLACE NAME OPTION...: of "frames recv"
	local place=$1 name=$2
	shift 2
	on "$place" "frames recv -d $(dev_of "$place") $* >/tmp/frames.$name 2>&1 </dev/null &"
	wait_for 10 on "$place" grep -q ready "/tmp/frames.$name" ||
		fail "frames recv in $place: $(on "$place" cat "/tmp/frames.$name")"
}

frames_send() { # PLACE OPTION...: of "frames send"
	local place=$1
	shift
	on "$place" "frames send -d $(dev_of "$place") $*" >/tmp/frames.sent ||
		fail "frames send in $place failed"
}

frames_judged() { # PLACE NAME: prints the verdict
	wait_for 60 on "$1" grep -q ^intact "/tmp/frames.$2" || fail "frames recv in $1: no end"
	on "$1" grep ^intact "/tmp/frames.$2"
}

# Every size from FIRST to LAST, or every STEPth. On a machine that is busy with
# other things a ring may overflow, which flood.sh is about, so there are three
# tries; a frame that is damaged or comes twice is an end at once.
frames_ok() { # FROM TO FIRST LAST [STEP] [OPTION...]
	local from=$1 to=$2 count try verdict
	local range="-f $3 -t $4 -s ${5:-1} ${*:6}"
	count=$((($4 - $3) / ${5:-1} + 1))
	for try in 1 2 3; do
		frames_expect "$to" "$from-$to-$try" "-w 5000 $range"
		frames_send "$from" -m "$(mac_of "$to")" "$range"
		verdict=$(frames_judged "$to" "$from-$to-$try")
		[ "$verdict" != "intact $count missing 0 corrupt 0 duplicate 0" ] || return 0
		grep -q 'corrupt 0 duplicate 0' <<<"$verdict" || break
	done
	fail "frames of $3 to $4 bytes from $from to $to, try $try: $verdict; first:" \
		"$(on "$to" sed -n 2,4p "/tmp/frames.$from-$to-$try" | paste -sd ' ')"
}

# --- counting ---------------------------------------------------------------

# So that what is counted is what a test sends, and nothing else.
hush() { # NAME...
	local name place
	for name; do
		for place in world dom0 "$@"; do
			introduce "$place" "$name"
			introduce "$name" "$place"
		done
	done
	for name; do
		wait_for 30 silent "$name" || fail "$name does not fall silent"
	done
}

introduce() { # PLACE NAME: tells it the other's address for good
	[ "$1" = "$2" ] ||
		on "$1" "ip neigh replace $(ip4_of "$2") lladdr $(mac_of "$2") dev $(dev_of "$1") nud permanent"
}

silent() { # NAME: no frame in two seconds
	local before after
	before=$(stat_of "$1" to_guest_frames_in) after=$(stat_of "$1" to_host_frames_out)
	usleep 2000000
	[ "$before $after" = "$(stat_of "$1" to_guest_frames_in) $(stat_of "$1" to_host_frames_out)" ]
}

# The ring and the guest hold nothing any more.
settled() { # NAME
	[ "$(stat_of "$1" to_guest_frames_in)" = "$(stat_of "$1" to_guest_frames_out)" ]
}

filter() { # what of multicast u1 gets
	cat "/sys/bus/xen-backend/devices/vdrain-$(guest_id u1)-$HANDLE/rx_filter"
}

filter_has() { # WORD
	[[ " $(filter) " == *" $1 "* ]]
}

guest_counter() { # NAME COUNTER: of ethtool -S
	guest_run "$1" ethtool -S "$(dev_of "$1")" | awk -v c="$2:" '$1 == c { print $2 }'
}

net_count() { # PLACE COUNTER...: the sum of statistics of its interface
	local place=$1
	shift
	on "$place" "cd /sys/class/net/$(dev_of "$place")/statistics && cat $*" |
		awk '{ n += $1 } END { print n + 0 }'
}

# --- leaks ------------------------------------------------------------------

# Pages that the peer still had mapped when they were given up are released by
# a timer, ten a second; that is late, not lost.
hurry_release() { # PLACE
	on "$1" "echo 1000 >/sys/module/grant_table/parameters/free_per_iteration" 2>/dev/null || true
}

released() { # no grant has come back for two seconds
	local free
	free=$(kvar gnttab_free_count)
	sleep 2
	[ "$(kvar gnttab_free_count)" = "$free" ]
}

every_kernel() {
	echo dom0
	xl list | awk 'NR > 2 { print $1 }'
}

# leak_snapshot of dom0, then the same of each guest. A guest's lines have its
# domain's id: one that lives on is compared, one that was created anew is not.
snapshot() {
	local name id
	leak_snapshot
	while read -r name id _; do
		echo "grants_of_$name-$id $(guest_run "$name" kvar gnttab_free_count nr_grant_frames </dev/null |
			paste -sd ' ' | awk '{ print $2 * 512 - 8 - $1 }')"
		echo "event_channels_of_$name-$id $(lsevtchn "$id" | wc -l)"
	done < <(xl list | sed 1,2d)
}

# /tmp/before, when nothing is on its way back any more of what was before: a
# guest that maps had all of its device's pages in use.
snapshot_before() {
	local place
	for place in $(every_kernel); do
		hurry_release "$place"
	done
	wait_for 60 released || fail "pages of what was before are still on their way back"
	snapshot >/tmp/before
}

# Pages that a guest held when it died, or a backend when it went, come back by
# a timer of the kernel's, so there is something to wait for.
nothing_lost() { # BEFORE: a snapshot; the new one is /tmp/now
	snapshot >/tmp/now
	awk '!/^(grants|event_channels)/ { next }
		NR == FNR { had[$1] = $2; next }
		$1 in had && $2 != had[$1] { exit 1 }' "$1" /tmp/now
}

expect_nothing_lost() { # BEFORE WHEN
	local place
	wait_for 30 nothing_lost "$1" ||
		fail "$2: before: $(paste -sd ' ' "$1"), now: $(paste -sd ' ' /tmp/now)"
	[ -z "$LAB_TWICE" ] || for place in $(every_kernel); do
		held_again "$place" "$2"
	done
}

# --- hand-made devices ------------------------------------------------------

store() { # PATH KEY=VALUE...: in xenstore, as the toolstack would
	local path=$1 pair
	shift
	for pair; do
		xenstore-write -- "$path/${pair%%=*}" "${pair#*=}"
	done
}

# Past the tool and its checks. MAC is the address that the guest is told.
handmade() { # NAME HANDLE KEY=VALUE...: of the backend's directory
	local id handle=$2 front back mac=${MAC:-00:16:3e:77:02:01}
	id=$(guest_id "$1")
	shift 2
	front=/local/domain/$id/device/vdrain/$handle
	back=/local/domain/0/backend/vdrain/$id/$handle
	# What is made in a directory has its permissions.
	xenstore-write "$front" '' "$back" ''
	xenstore-chmod "$front" "n$id" r0
	xenstore-chmod "$back" n0 "r$id"
	store "$front" backend="$back" backend-id=0 handle="$handle" mac="$mac" state=1
	store "$back" frontend="$front" frontend-id="$id" online=1 handle="$handle" \
		mac="$mac" mtu=1500 "$@" state=1
}
