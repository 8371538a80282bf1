# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# proves: how fast, and at what cost, each driver carries the same traffic
# timeout: 7200
#
# For lab/bench: one boot, one driver after the other: the NIC itself (native),
# the in-tree pair on a bridge, xendrain with either way of fetching, first on
# the NIC, then on the same bridge. Writes lines of
#
#	SCENARIO DRIVER METRIC VALUE
#
# Instructions are counted by the QEMU plugin between two marks; a line "SCENARIO
# DRIVER units UNITS" in the file "sections" says what to divide the next count by.
# Every vCPU of dom0 is on one CPU, every guest's on the other.

# shellcheck source=/dev/null
[ ! -e /lab/bench.conf ] || . /lab/bench.conf
export GUEST_EXTRA="cpus='1'"
# A PVH guest needs a native TSC here, and has it.
[ "$GUEST_TYPE" = pvh ] || GUEST_EXTRA+="
tsc_mode='${TSC:-default}'"
figures=/run/lab/out/bench.figures sections=/run/lab/out/bench.sections
repeats=${REPEATS:-1} only=${ONLY:-.} drivers=${DRIVERS:-native netfront copy map}
seconds=1

put() { # METRIC VALUE: of the scenario and driver at hand
	echo "$scenario $driver $1 $2" >>"$figures"
}

chosen() { # SCENARIO: becomes the one at hand, if it is asked for
	scenario=$1
	[[ $scenario =~ $only ]]
}

heard_frames=0 heard_timed=0 heard_ns=0

# --- counting ---------------------------------------------------------------

# What is counted in one moment, as assignments for eval.
counters() { # PREFIX
	local flags=null hypercalls=null drops
	drops=$(nic_drops)
	case $driver in
	xendrain_*)
		flags=$(drain_stat u1 "$handle" to_guest_flags)
		hypercalls=$(drain_stat u1 "$handle" to_guest_hypercalls)
		drops=$((drops + $(drain_stat u1 "$handle" to_guest_drops) +
			$(drain_stat u1 "$handle" to_guest_consumer_drops)))
		;;
	netfront) drops=$((drops + $(cat "/sys/class/net/vif$id.0/statistics/tx_dropped"))) ;;
	esac
	echo "$1_drops=$drops $1_flags=$flags $1_hypercalls=$hypercalls" \
		"$1_nic=$(nic_interrupts eth0)"
}

upcalls() {
	if [ "$driver" = native ]; then echo 0; else guest_upcalls u1; fi
}

# What an idle guest takes: for being asked, and in a second.
learn_idle() {
	local before
	idle_asked=0 idle_second=0
	[ "$driver" != native ] || return 0
	before=$(upcalls)
	idle_asked=$(($(upcalls) - before))
	before=$(upcalls)
	usleep 1000000
	idle_second=$(($(upcalls) - before - idle_asked))
	note "$driver: an idle guest takes $idle_second upcalls a second, $idle_asked to be asked"
}

per_thousand() { # METRIC COUNT FRAMES
	[ "$2" = null ] || [ "$3" = 0 ] || put "$1_per_1000" "$(awk -v n="$2" -v f="$3" \
		'BEGIN { printf "%.2f", n * 1000 / f }')"
}

counted() { # COMMAND...: between the marks; what it prints is in /run/lab/said
	mark start
	"$@" >/run/lab/said
	mark stop
}

units() { # FRAMES-OR-4K
	echo "$scenario $driver units $1" >>"$sections"
}

# --- frames -----------------------------------------------------------------

send_from() { # PLACE DEV MAC COUNT SIZE RATE [SPREAD]
	on "$1" "echo ${*:2} >/proc/pacer && cat /proc/pacer"
	usleep 100000
}

frames() { # SCENARIO FROM DEV MAC TO COUNT SIZE RATE
	local before after sent ns woken
	chosen "$1" || return 0
	listen "$5" 64
	before=$(counters a)
	woken=$(upcalls)
	counted send_from "$2" "$3" "$4" "$6" "$7" "$8"
	woken=$(($(upcalls) - woken))
	after=$(counters b)
	read -r _ sent _ ns </run/lab/said
	heard "$5"
	units "$heard_frames"
	eval "$before $after"
	# shellcheck disable=SC2154 # set by eval
	{
		put lost $((sent - heard_frames))
		put lost_counted $((b_drops - a_drops))
		put offered "$(awk -v n="$sent" -v t="$ns" 'BEGIN { printf "%.0f", n * 1e9 / t }')"
		put rate "$(awk -v n="$heard_timed" -v t="$heard_ns" \
			'BEGIN { printf "%.0f", t ? (n - 1) * 1e9 / t : 0 }')"
		per_thousand nic_interrupts $((b_nic - a_nic)) "$heard_frames"
		[ "$a_flags" = null ] ||
			per_thousand events $((b_flags - a_flags)) "$heard_frames"
		[ "$a_hypercalls" = null ] || per_thousand copy_hypercalls \
			$((b_hypercalls - a_hypercalls)) "$heard_frames"
	}
	[ "$driver" = native ] || per_thousand upcalls "$(awk -v w=$woken -v a="$idle_asked" \
		-v s="$idle_second" -v t="$ns" \
		'BEGIN { n = w - a - s * (t / 1e9 + 0.1); printf "%.0f", (n > 0 ? n : 0) }')" "$heard_frames"
	note "$driver $scenario: $(cat /run/lab/said), $heard_frames arrived, $woken upcalls"
}

delays() { # SCENARIO MAC COUNT SIZE RATE: world to guest, each frame timed
	local which ns
	chosen "$1" || return 0
	listen u1 1
	send_from world eth1 "$2" "$3" "$4" "$5" >/dev/null
	heard u1
	for which in min p50 p99; do
		ns=heard_${which}_ns
		put delay_${which}_us "$(awk -v n="${!ns}" 'BEGIN { printf "%.1f", n / 1000 }')"
	done
}

# --- connections ------------------------------------------------------------

serve() { # PLACE
	case $1 in
	dom0) pidof iperf3 >/dev/null || iperf3 -s -D >/dev/null ;;
	*) guest_run "$1" 'pidof iperf3 >/dev/null || iperf3 -s -D' ;;
	esac
}

tcp() { # SCENARIO FROM ADDRESS [-R] [-P N]
	local mbps blocks
	chosen "$1" || return 0
	iperf3_again
	counted on "$2" iperf3 -f k -t $seconds -c "$3" "${@:4}"
	# The last line of a receiver is the sum, if there are several streams.
	read -r mbps blocks < <(awk '/receiver/ {
			for (i = 3; i < NF; i++)
				if ($i == "sec") { time = $(i - 1); kbps = $(i + 3) } }
		END { sub(".*-", "", time)
			printf "%.1f %d\n", kbps / 1000, time * kbps * 125 / 4096 }' /run/lab/said)
	put rate "$mbps"
	units "$blocks"
	put retransmits "$(awk '/sender/ { n = $(NF - 1) } END { print n + 0 }' /run/lab/said)"
	note "$driver $scenario: $mbps Mbit/s"
}

round_trips() { # FROM ADDRESS
	if chosen nic_ping; then
		counted on "$1" ping -q -c 100 -i 0.02 "$2"
		units 100
		put rtt_avg_us "$(awk -F/ '/^rtt/ { printf "%.1f", $5 * 1000 }' /run/lab/said)"
	fi
	if chosen nic_rr; then
		counted on "$1" rr "$2" 7777 2000
		units 2000
		read -r _ _ _ rr_avg _ rr_p50 _ rr_p99 </run/lab/said
		put rate "$(awk -v a="$rr_avg" 'BEGIN { printf "%.0f", 1e6 / a }')"
		put rtt_avg_us "$rr_avg"
		put rtt_p50_us "$rr_p50"
		put delay_p99_us "$rr_p99"
		note "$driver nic_rr: $rr_avg us"
	fi
}

serve_rr() { # PLACE: one conversation
	chosen nic_rr || return 0
	case $1 in
	dom0) rr serve 7777 & ;;
	*) guest_bg "$1" rr serve 7777 ;;
	esac
	usleep 100000
}

# --- scenarios --------------------------------------------------------------

through_the_nic() { # PLACE DEV ADDRESS MAC: what is behind the NIC
	local rate
	for rate in 5 10 20 40 80; do
		frames nic_60_paced_${rate}k world eth1 "$4" "$1" $((rate * 500)) 60 ${rate}000
	done
	[ "$1" = dom0 ] || delays nic_60_paced_20k "$4" 10000 60 20000
	frames nic_60_unpaced world eth1 "$4" "$1" 40000 60 0
	frames nic_400_unpaced world eth1 "$4" "$1" 40000 400 0
	frames nic_1514_unpaced world eth1 "$4" "$1" 40000 1514 0
	frames nic_60_out "$1" "$2" "$WORLD_MAC" dom0 40000 60 0
	frames nic_1514_out "$1" "$2" "$WORLD_MAC" dom0 40000 1514 0
	tcp nic_tcp_in world "$3"
	tcp nic_tcp_out world "$3" -R
	tcp nic_tcp8_in world "$3" -P 8
	tcp nic_tcp8_out world "$3" -R -P 8
	serve_rr "$1"
	round_trips world "$3"
}

to_and_from_dom0() { # GUEST-DEV MAC DOM0-DEV: frames go by the device, TCP by the bridge
	local bridge_mac
	bridge_mac=$(cat /sys/class/net/xenbr0/address)
	ip neigh replace "$GUEST_IP4" lladdr "$2" dev xenbr0 nud permanent
	guest_run u1 ip neigh replace "$DOM0_IP4" lladdr "$bridge_mac" dev "$1" nud permanent
	frames net_60_unpaced dom0 "$3" "$2" u1 40000 60 0
	frames net_400_unpaced dom0 "$3" "$2" u1 40000 400 0
	frames net_1514_unpaced dom0 "$3" "$2" u1 40000 1514 0
	frames net_60_out u1 "$1" "$bridge_mac" dom0 40000 60 0
	frames net_1514_out u1 "$1" "$bridge_mac" dom0 40000 1514 0
	tcp net_tcp_in dom0 "$GUEST_IP4"
	tcp net_tcp_out dom0 "$GUEST_IP4" -R
}

# A device's interrupts in the guest, and in dom0 for it.
device_events() { # GUEST-DEV
	local grep="awk -v d=$1 '\$NF ~ \"^\" d \"(-|\$)\" || /drain/ { n += \$2 } END { print n + 0 }'"
	echo $(($(guest_run u1 "$grep /proc/interrupts") +
		$(awk '/vif[0-9]|vdrain/ { n += $2 } END { print n + 0 }' /proc/interrupts)))
}

idle() { # GUEST-DEV
	local before
	chosen idle || return 0
	before=$(device_events "$1")
	usleep 10000000
	put events_in_10s $(($(device_events "$1") - before))
}

# --- several guests ---------------------------------------------------------

attach_for() { # NAME N: by the driver at hand; sets handles[N]
	case $driver in
	netfront) netfront_up "$1" "$2" >/dev/null ;;
	xendrain_*)
		handles[$2]=$(drain_attach "$1" "$2" ",fetch=${driver#xendrain_}")
		drain_up "$1" "$2" >/dev/null
		;;
	esac
}

detach_for() { # NAME N
	case $driver in
	netfront) netfront_down "$1" "$2" ;;
	xendrain_*) drain_detach "$1" "${handles[$2]}" ;;
	esac
}

dom0_has() { # prints grants in use, and KB of memory
	leak_snapshot | awk '/^grants/ { g = $2 } /^free_kb/ { f = $2 } END { print g, f }'
}

share() { # SCENARIO MAC COUNT GUESTS: 20,000 frames a second to all in turn
	local i heard_all=0
	for ((i = 1; i <= $4; i++)); do
		[ "$driver" = native ] || listen "u$i" 64
	done
	[ "$driver" != native ] || listen dom0 64
	scenario=$1
	counted send_from world eth1 "$2" "$3" 60 20000 "$4"
	for ((i = 1; i <= $4; i++)); do
		[ "$driver" = native ] && break
		heard "u$i"
		heard_all=$((heard_all + heard_frames))
	done
	[ "$driver" != native ] || { heard dom0 && heard_all=$heard_frames; }
	units "$heard_all"
	put rate $((heard_all * 20000 / $3))
	put lost $(($3 - heard_all))
	note "$driver $scenario: $heard_all of $3"
}

# One guest more after the other; the world's frames go to consecutive addresses.
bench_guests() {
	local count=1 i mac before after handles=()
	chosen guests_ || return 0
	mac=$(drain_mac 2)
	[ "$driver" != netfront ] || mac=$(netfront_mac 2)
	for ((i = 1; i <= 8; i++)); do
		guest_there "u$i"
	done
	before=$(dom0_has)
	for count in 1 2 4 8; do
		for ((i = count == 1 ? 1 : count / 2 + 1; i <= count; i++)); do
			attach_for "u$i" $((i + 1))
		done
		sleep 3
		share "guests_$count" "$mac" 10000 "$count"
		[ "$count" != 2 ] || guest_to_guest
	done
	after=$(dom0_has)
	put grants_per_guest $(((${after% *} - ${before% *}) / 8))
	put dom0_kb_per_guest $(((${before#* } - ${after#* }) / 8))
	for ((i = 1; i <= 8; i++)); do
		detach_for "u$i" $((i + 1))
	done
}

guest_there() { # NAME
	xl domid "$1" >/dev/null 2>&1 || guest_create "$1" "$GUEST_TYPE" 192
}

guest_to_guest() {
	serve u1
	tcp guest_to_guest_tcp u2 "$GUEST_IP4"
}

# --- drivers ----------------------------------------------------------------

ready() { # DEV MAC
	introduce_u1 "$1" "$2"
	world ping -q -c 5 -i 0.1 "$GUEST_IP4" >/dev/null || fail "$driver: no ping"
	serve u1
	# Address detection and multicast reports would count as frames.
	sleep 3
	learn_idle
}

bench_native() {
	local mac
	driver=native
	mac=$(cat /sys/class/net/eth0/address)
	world ip neigh replace "$DOM0_IP4" lladdr "$mac" dev eth1 nud permanent
	ip neigh replace "$WORLD_IP4" lladdr "$WORLD_MAC" dev eth0 nud permanent
	serve dom0
	learn_idle
	repeat through_the_nic dom0 eth0 "$DOM0_IP4" "$mac"
	[[ ! guests_1 =~ $only ]] || share guests_1 "$mac" 10000 1
	forget_neighbours
}

repeat() { # COMMAND...
	local i
	for ((i = 0; i < repeats; i++)); do
		"$@"
	done
}

bench_netfront() {
	local dev
	driver=netfront
	dev=$(netfront_up u1)
	ready "$dev" "$(netfront_mac)"
	repeat through_the_nic u1 "$dev" "$GUEST_IP4" "$(netfront_mac)"
	idle "$dev"
	serve dom0
	repeat to_and_from_dom0 "$dev" "$(netfront_mac)" "vif$id.0"
	symbols_of_modules
	netfront_down u1
}

bench_xendrain() { # copy|map
	local dev
	driver=xendrain_$1
	drain_load
	handle=$(drain_attach u1 2 ",fetch=$1${KEYS:+,$KEYS}")
	dev=$(drain_up u1)
	ready "$dev" "$(drain_mac)"
	repeat through_the_nic u1 "$dev" "$GUEST_IP4" "$(drain_mac)"
	idle "$dev"
	drain_detach u1 "$handle"

	netfront_bridge_create
	handle=$(xendrain attach u1 "bridge=xenbr0,script=vif-lab,mac=$(drain_mac),fetch=$1${KEYS:+,$KEYS}" |
		sed -nE 's/.*attached vdrain ([0-9]+).*/\1/p')
	dev=$(drain_up u1)
	ready "$dev" "$(drain_mac)"
	repeat to_and_from_dom0 "$dev" "$(drain_mac)" "vd$id.$handle"
	symbols_of_modules
	drain_detach u1 "$handle"
	netfront_bridge_remove
}

symbols_of_kernels
: >"$figures"
: >"$sections"
echo "kernel - - $(uname -r)" >>"$figures"
echo "guest - - $GUEST_TYPE" >>"$figures"
insmod /lib/lab/lab-pacer.ko
scenario=- driver=-
[[ $drivers != *native* ]] || bench_native
guest_create u1
id=$(guest_id u1)
guest_run u1 insmod /lib/lab/lab-pacer.ko
for which in $drivers; do
	case $which in
	netfront) bench_netfront ;;
	copy | map) bench_xendrain "$which" ;;
	esac
done
# The other guests stay when they are there, and take time even when idle.
for which in $drivers; do
	case $which in
	netfront) driver=netfront ;;
	copy | map) driver=xendrain_$which ;;
	*) continue ;;
	esac
	bench_guests
done
