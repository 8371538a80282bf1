/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue as a model for Spin: both ends, both rings, the event channels, NAPI,
 * the gap and its timer, and the processors' store buffers. ring/PROTOCOL.md
 * says which function each step is; the names here are the code's.
 *
 *   -DTO_GUEST  the ring that the backend produces; it drops when there is no room
 *   -DBRIDGE    but what comes through an interface of dom0's: that is stopped,
 *               and sleeps
 *   -DGAP       it spaces its flags; without it every flag is raised at once
 *   -DTO_HOST   the ring that the frontend produces; it stops and sleeps, too
 *               (both may be given: then they share NAPIs and channels)
 *   -DTHROTTLE  and what it sent has to leave dom0 through a NIC, which takes so
 *               many frames at a time
 *   -DCPUS=2    the consumer's NAPI may run on another processor while the
 *               last one is still at the end of its poll, and something else
 *               than an upcall may schedule it, BUSY times at most
 *   -DFRAMES=n  so many frames and no more; without it, without end
 *   -DBUG_...   one guard taken away: see run
 *
 * What is checked. Always: assertions on indices (none is one that the other
 * end would refuse), on bytes (none is fetched before it is written, none is
 * overwritten before it is fetched), on the mask (no upcall during a drain).
 * When nothing can move any more, which is at every end of traffic: all that
 * was put in has been taken out, nobody is stopped, no channel stays masked.
 * Spin's own non-progress check: every endless run fetches again and again.
 *
 * Indices count frames of one unit, modulo M; a ring holds R. So every run goes
 * round many times, as 32-bit indices do after 4 GB.
 *
 * An atomic step holds at most one load of what the peer writes, and nothing
 * after it that the peer could tell from the same a moment later. A store goes
 * into the processor's buffer, and to memory when the processor likes: in any
 * order, but that a release comes after all that was stored before it. That is
 * weaker than x86, where all stores come in order. Loads are where they stand;
 * BUG_LOOK_ACQUIRE and BUG_REFRESH_ACQUIRE move them.
 */

#ifndef R
#define R		2
#endif
#define M		(4 * R)
#ifndef CPUS
#define CPUS		1
#endif
#ifndef BUSY
#define BUSY		0
#endif
#ifdef FRAMES
#define MORE		(frames < FRAMES)
#define COUNT		frames++
#else
#define MORE		true
#define COUNT		skip
#endif
/* Waiting frames that end a gap early; a quarter of the ring in the code. */
#define CROWD		R

#define GUEST		0
#define HOST		1
#ifdef TO_HOST
#define RINGS		2
#else
#define RINGS		1
#endif

#define sub(a, b)	(((a) - (b)) & (M - 1))
#define add(a, b)	(((a) + (b)) & (M - 1))

/* drain_passed() */
#ifdef BUG_PASSED
#define passed(mark, new, old)	(sub(new, mark) < sub(new, old))
#else
#define passed(mark, new, old)	(sub(sub(new, mark), 1) < sub(new, old))
#endif

/* What lies in a control block and a data area. */
typedef shared_ring {
	byte prod;
	byte wake_at;
	byte limit;
	byte event_at;
	byte data[R]
};

/* struct drain_producer_index, struct drain_consumer_index */
typedef producer_index {
	byte prod;
	byte published;
	byte judged;
	byte limit
};

typedef consumer_index {
	byte seen;
#ifdef THROTTLE
	byte parsed;
#endif
	byte limit;
	bool wake
};

shared_ring ring[RINGS];
producer_index producer[RINGS];
consumer_index consumer[RINGS];

/* --- store buffers ---------------------------------------------------------- */

#define PROD		0	/* release */
#define LIMIT		1	/* release */
#define WAKE_AT		2
#define EVENT_AT	3
#define DATA		4	/* + slot */

/*
 * A producer's stores are under its lock and need one buffer, whoever makes
 * them; a consumer's come from the processor that polls.
 */
chan producer_stores[RINGS] = [R + 2] of { byte, byte };
chan consumer_stores[RINGS * CPUS] = [2] of { byte, byte };

#define stores_of(r)	consumer_stores[(r) * CPUS + cpu]

/* A full barrier: whoever waits for this goes on when all has reached memory. */
#define mb(stores)	empty(stores)

#ifdef BUG_ARM_BARRIER
#define mb_arm(stores)	true
#else
#define mb_arm(stores)	mb(stores)
#endif
#ifdef BUG_FLAG_BARRIER
#define mb_flag(stores)	true
#else
#define mb_flag(stores)	mb(stores)
#endif
#ifdef BUG_RELEASE_BARRIER
#define mb_release(stores) true
#else
#define mb_release(stores) mb(stores)
#endif
#ifdef BUG_SLEEP_BARRIER
#define mb_sleep(stores) true
#else
#define mb_sleep(stores) mb(stores)
#endif

inline land(r, what, value)
{
	if
	:: what == PROD -> ring[r].prod = value
	:: what == LIMIT -> ring[r].limit = value
	:: what == WAKE_AT -> ring[r].wake_at = value
	:: what == EVENT_AT -> ring[r].event_at = value
	:: else -> ring[r].data[what - DATA] = value
	fi;
	what = 0;
	value = 0
}

proctype memory(byte r; chan stores)
{
	byte what, value;

end:
	do
	:: atomic { stores?what, value -> land(r, what, value) }
	:: atomic { stores??WAKE_AT, value -> what = WAKE_AT; land(r, what, value) }
	:: atomic { stores??EVENT_AT, value -> what = EVENT_AT; land(r, what, value) }
	:: atomic { stores??eval(DATA), value -> what = DATA; land(r, what, value) }
	:: atomic { stores??eval(DATA + 1), value -> what = DATA + 1; land(r, what, value) }
#ifdef BUG_PUBLISH_RELEASE
	:: atomic { stores??PROD, value -> what = PROD; land(r, what, value) }
#endif
	od
}

/* --- event channels, each to one side, and NAPI ----------------------------- */

#define FRONT		0
#define BACK		1

bool pending[2], masked[2], eoi_due[2];
bool scheduled[2], missed[2], polling[2];

#define raise(side)	pending[side] = true

inline napi_schedule(side)
{
	if
	:: scheduled[side] -> missed[side] = true
	:: else -> scheduled[side] = true
	fi
}

/* The hypervisor, and the handler: drain_channel_upcall() */
proctype upcall(byte side)
{
end:
	do
	:: atomic {
		pending[side] && !masked[side] ->
		pending[side] = false;
		masked[side] = true;
		assert(!eoi_due[side]);
#if BUSY == 0
		/* Whoever drains is not interrupted. Others schedule BACK too. */
#if defined(TO_GUEST) || defined(THROTTLE)
		assert(side == BACK || !scheduled[side]);
#else
		assert(!scheduled[side]);
#endif
#endif
		eoi_due[side] = true;
		napi_schedule(side)
	   }
	od
}

/* Who else schedules a NAPI: busy polling, and frames for the other ring. */
proctype busy(byte side)
{
	byte times;

	do
	:: atomic { times < BUSY -> times++; napi_schedule(side) }
	:: break
	od
}

/* --- producing --------------------------------------------------------------- */

#define room(r)		sub(producer[r].limit, producer[r].prod)

/* drain_producer_refresh() */
inline refresh(r)
{
	assert(sub(ring[r].limit, producer[r].limit) <=
	       sub(add(producer[r].prod, R), producer[r].limit));
	producer[r].limit = ring[r].limit
}

/* The first half of drain_produce() */
inline find_room(r)
{
	if
	:: !room(r) -> refresh(r)
	:: else
	fi
}

/* The second: the bytes, before anybody may see them */
inline write_frame(r)
{
	producer_stores[r]!(DATA + producer[r].prod % R), producer[r].prod;
	producer[r].prod = add(producer[r].prod, 1)
}

/* drain_producer_publish() */
inline publish(r)
{
	if
	:: producer[r].published != producer[r].prod ->
		producer[r].published = producer[r].prod;
		producer_stores[r]!PROD, producer[r].prod
	:: else
	fi
}

#define unjudged(r)	(producer[r].judged != producer[r].published)

/* The rest of drain_producer_must_flag(), in the step that follows the barrier */
#define due(r)		passed(ring[r].event_at, producer[r].published, producer[r].judged)

/* drain_producer_flagged(), or that there is nothing to flag */
#define judge_all(r)	producer[r].judged = producer[r].published

/* --- draining ---------------------------------------------------------------- */

/* drain_consumer_release(), up to its barrier */
inline give_room(r, upto)
{
	before = consumer[r].limit;
	consumer[r].limit = add(upto, R);
	stores_of(r)!LIMIT, consumer[r].limit
}

/* A NIC's frames are dropped, so nobody sleeps then. */
#ifdef BRIDGE
#define sleeps(r)	true
#else
#define sleeps(r)	((r) == HOST)
#endif

/* From its barrier on */
inline see_sleeper(r)
{
	atomic {
		mb_release(stores_of(r)) ->
		if
		:: sleeps(r) && passed(ring[r].wake_at, consumer[r].limit, before) ->
			consumer[r].wake = true
		:: else
		fi;
		before = 0
	}
}

/*
 * drain_fetch(): to where the producer has come, or less: a hypercall takes so
 * many pages and no more, and some of them may have to wait.
 */
inline fetch(r)
{
#ifdef BUG_ROOM_BEFORE_FETCH
	give_room(r, prod);
#endif
	do
	:: atomic {
		assert(ring[r].data[consumer[r].seen % R] == consumer[r].seen);
		consumer[r].seen = add(consumer[r].seen, 1);
		if
		:: consumer[r].seen != prod -> skip
		:: true -> prod = consumer[r].seen
		fi;
		if
		:: consumer[r].seen != prod -> skip
		:: else ->
#ifndef BUG_ROOM_BEFORE_FETCH
			give_room(r, prod);
#endif
			prod = 0;
			break
		fi
	   }
	od;
	see_sleeper(r)
}

#ifdef THROTTLE

#define NIC_MOST	2
#define unparsed(r)	(r == HOST && consumer[r].parsed != consumer[r].seen)

byte in_nic;
bool throttled;

/* drainback_throttle() */
inline throttle(r)
{
	if
	:: r == HOST && in_nic >= NIC_MOST ->
		throttled = true;
#ifdef BUG_NO_THROTTLE_RECHECK
		nic_full = true
#else
		atomic {
			if
			:: in_nic >= NIC_MOST -> nic_full = true
			:: else -> throttled = false
			fi
		}
#endif
	:: else
	fi
}

/* drainback_to_host() */
inline hand_on(r)
{
	atomic {
		if
		:: r == HOST -> consumer[r].parsed = add(consumer[r].parsed, 1); in_nic++
		:: else
		fi
	}
}

/* The NIC's driver is done with a frame: drainback_skb_sent() */
proctype nic()
{
	bool wake;

end:
	do
	:: atomic { in_nic > 0 -> in_nic--; wake = (in_nic <= NIC_MOST / 2) }
		atomic { wake = wake && throttled; throttled = throttled && !wake }
		if
		:: wake -> atomic {
			wake = false;
#ifndef BUG_NO_THROTTLE_WAKE
			napi_schedule(BACK)
#endif
		   }
		:: else
		fi
	od
}

#endif /* THROTTLE */

/*
 * drainfront_drain(), drainback_drain(): until there is nothing, or until the
 * budget is used up, which may be after any fetch, or until the NIC is full.
 */
inline drain(r, producer_side)
{
	again = false;
	do
	:: again -> break
	:: !again ->
#ifdef THROTTLE
		throttle(r);
		if
		:: nic_full -> break
		:: !nic_full && unparsed(r)
		:: !nic_full && !unparsed(r) ->
#endif
		/* drain_consumer_look() */
#ifdef BUG_LOOK_ACQUIRE
		early = ring[r].data[consumer[r].seen % R];
#endif
		atomic {
			prod = ring[r].prod;
			assert(sub(prod, consumer[r].seen) <=
			       sub(consumer[r].limit, consumer[r].seen));
			if
			:: prod == consumer[r].seen -> prod = 0; break
			:: else
			fi;
#ifdef BUG_LOOK_ACQUIRE
			assert(early == consumer[r].seen)
#endif
		}
progress:	fetch(r)
#ifdef THROTTLE
		fi;
		hand_on(r)
#endif
		;
		if
		:: true
		:: again = true
		fi
	od;
#ifdef THROTTLE
	nic_full = false;
#endif
	atomic {
		if
		:: consumer[r].wake ->
			consumer[r].wake = false;
#ifndef BUG_NO_WAKE
			raise(producer_side)
#endif
		:: else
		fi
	}
}

/*
 * napi_complete_done(): gives up the NAPI, unless it has been scheduled again
 * meanwhile. A full barrier, as the kernel's cmpxchg() is; that matters only
 * where another processor goes on.
 */
inline complete(r, side)
{
	atomic {
		(CPUS == 1 || mb(stores_of(r))) ->
		if
		:: missed[side] -> missed[side] = false; again = true
		:: else -> scheduled[side] = false; polling[side] = false
		fi
	}
}

inline unmask(side)
{
#ifndef BUG_NO_EOI
	atomic {
		if
		:: eoi_due[side] -> eoi_due[side] = false; masked[side] = false
		:: else
		fi
	}
#else
	skip
#endif
}

/* drain_consumer_arm(), and what drain_channel_rest() makes of its answer */
inline rest(r, side)
{
#ifdef BUG_EOI_FIRST
	unmask(side);
#endif
#ifdef BUG_ARM_AFTER_CHECK
	atomic { mark = consumer[r].seen; more = (ring[r].prod != mark) }
	stores_of(r)!EVENT_AT, mark;
#else
	atomic { mark = consumer[r].seen; stores_of(r)!EVENT_AT, mark }
	atomic { mb_arm(stores_of(r)) -> more = (ring[r].prod != mark) }
#endif
	atomic {
		mark = 0;
#ifdef BUG_NO_RECHECK
		more = false;
#endif
		if
		:: more -> more = false; napi_schedule(side)
		:: else -> unmask(side)
		fi
	}
}

/* --- a transmit queue in front of a ring: at either end ----------------------- */

#if defined(TO_HOST) || defined(BRIDGE)

bool stopped[RINGS];		/* by the driver: the ring is full */
bool held[RINGS];		/* by BQL: too much is in flight */
byte reaped[RINGS];

#define in_flight(r)	sub(producer[r].prod, sub(producer[r].limit, R))

/* drain_transmit_reap(). BQL lets go when it likes, or nothing is in flight. */
inline complete_sent(r)
{
	refresh(r);
	if
	:: producer[r].limit != reaped[r] ->
		reaped[r] = producer[r].limit;
		if
		:: held[r] -> held[r] = false
		:: held[r] && in_flight(r)
		:: !held[r]
		fi;
		if
		:: stopped[r] && room(r) >= R / 2 -> stopped[r] = false
		:: else
		fi
	:: else
	fi
}

/* drain_transmit_wake_mark(); the bug: by one too far, so it is never passed */
#ifdef BUG_WAKE_MARK
#define one_less	0
#else
#define one_less	1
#endif
#define wake_mark(r)	(stopped[r] -> add(producer[r].prod, R / 2 - one_less) : \
			 add(producer[r].limit, (in_flight(r) > 1 -> in_flight(r) / 2 : 1) - one_less))

/* The signed comparison of drain_producer_sleep() */
#define after(limit, mark)	(sub(limit, mark) > 0 && sub(limit, mark) < M / 2)

/* drain_transmit_sleep(), drain_producer_sleep() */
inline wait_for_room(r)
{
	do
	:: !stopped[r] && !held[r] -> break
	:: stopped[r] || held[r] ->
#ifdef BUG_WAKE_AFTER_CHECK
		atomic { mark = wake_mark(r); refresh(r);
			 more = after(producer[r].limit, mark) }
		producer_stores[r]!WAKE_AT, mark;
#else
		atomic { mark = wake_mark(r); producer_stores[r]!WAKE_AT, mark }
		atomic { mb_sleep(producer_stores[r]) ->
			 refresh(r); more = after(producer[r].limit, mark) }
#endif
		atomic {
			mark = 0;
#ifdef BUG_NO_SLEEP_RECHECK
			more = false;
#endif
			if
			:: more -> more = false; complete_sent(r)
			:: else -> break
			fi
		}
	od
}

/* drain_transmit_put(), of one frame, and of those that netdev_xmit_more() promises */
inline send(r)
{
	if
	:: producer[r].prod == producer[r].published -> complete_sent(r)
	:: else
	fi;
	do
	:: true ->
		COUNT;
		find_room(r);
		/* It is stopped in time: nothing is ever dropped. */
		assert(room(r));
		write_frame(r);
		if
		:: room(r) < R / 2 -> stopped[r] = true
		:: else
		fi;
		if
		:: !stopped[r] && MORE
		:: break
		:: held[r] = true; break
		fi
	od
}

#endif

/* --- into the guest: the backend produces ------------------------------------ */

#ifdef TO_GUEST

bool produce_lock, batch_open;	/* in BRIDGE the lock of the transmit queue, too */
bool gap_open;			/* too soon after the last flag */
bool timer_armed, timer_ripe;

/* drain_producer_crowded(), drainback_flag_delay(): must a due flag wait? */
inline flag_delay()
{
	if
	:: gap_open && R - room(GUEST) >= CROWD -> refresh(GUEST)
	:: else
	fi;
	delayed = (gap_open && R - room(GUEST) < CROWD)
}

/* drainback_flag() */
inline flag()
{
	flag_delay();
	if
	:: !delayed ->
#ifdef GAP
		gap_open = true;
#endif
		judge_all(GUEST); raise(FRONT)
	:: delayed && !timer_armed ->
#ifndef BUG_NO_TIMER
		timer_armed = true;
		timer_ripe = false;
#endif
#ifdef BUG_FORGET_DELAYED
		judge_all(GUEST)
#endif
	:: else
	fi;
	delayed = false
}

/*
 * Published is what is to be, under produce_lock, which is kept or not: raise the
 * flag, or see to it.
 */
inline judge_batch(keep)
{
	atomic {
		(!unjudged(GUEST) || mb_flag(producer_stores[GUEST])) ->
		if
		:: unjudged(GUEST) && due(GUEST) -> flag()
		:: else -> judge_all(GUEST)
		fi;
		produce_lock = keep
	}
}

/*
 * No more comes while a flag is delayed than indices can tell apart: 4 GB, in
 * 10 ms at most.
 */
#define in_time		(sub(producer[GUEST].prod, producer[GUEST].judged) < M - R)

#ifndef BRIDGE

/* drainback_put(), drainback_open_batch() */
inline put()
{
#ifdef BUG_REFRESH_ACQUIRE
	producer_stores[GUEST]!(DATA + producer[GUEST].prod % R), producer[GUEST].prod;
#endif
	find_room(GUEST);
	if
	:: room(GUEST) -> write_frame(GUEST)
	:: else			/* dropped */
	fi;
	if
	:: !batch_open && timer_armed -> flag_delay()
	:: else
	fi;
	if
	:: batch_open
	:: !batch_open && delayed -> delayed = false; publish(GUEST)
	:: !batch_open && !delayed -> batch_open = true; napi_schedule(BACK)
	fi
}

/* Frames come, until none comes any more. */
proctype network()
{
	bool delayed;
#ifdef FRAMES
	byte frames;
#endif

	do
	:: atomic { !produce_lock && in_time && MORE -> COUNT; put() }
	:: break
	od
}

/* drainback_poll() looks without the lock; drainback_queue_publish() */
inline publish_batch()
{
	if
	:: batch_open ->
		atomic { !produce_lock -> produce_lock = true; batch_open = false; publish(GUEST) }
		judge_batch(false)
	:: else
	fi
}

#else /* BRIDGE */

/* The host's stack sends while the queue is not stopped: drainback_netdev_send() */
proctype network()
{
	bool delayed, more;
	byte mark;
#ifdef FRAMES
	byte frames;
#endif

	do
	:: break
	:: atomic {
		!produce_lock && !stopped[GUEST] && !held[GUEST] && in_time && MORE ->
		produce_lock = true;
		send(GUEST);
		publish(GUEST)
	   }
		judge_batch(true);
		wait_for_room(GUEST);
		produce_lock = false
	od
}

/* drainback_netdev_reap(), in every poll */
inline publish_batch()
{
	atomic { !produce_lock -> produce_lock = true; publish(GUEST) }
	judge_batch(true);
	atomic { complete_sent(GUEST) }
#ifndef BUG_BRIDGE_NO_WAIT
	wait_for_room(GUEST);
#endif
	produce_lock = false
}

#endif /* BRIDGE */

/* The gap passes, and some time after it the timer fires: drainback_timer(). */
proctype clock()
{
	bool delayed;

end:
	do
	:: atomic { gap_open || (timer_armed && !timer_ripe) ->
		gap_open = false;
		timer_ripe = timer_armed }
	:: atomic { timer_ripe && !produce_lock ->
		produce_lock = true;
		timer_armed = false;
		timer_ripe = false }
		judge_batch(false)
	od
}

#endif /* TO_GUEST */

/* --- out of the guest: the frontend produces --------------------------------- */

#ifdef TO_HOST

bool transmit_lock;

/* drainfront_publish(), after the store */
inline judge_sent()
{
	atomic {
		(!unjudged(HOST) || mb_flag(producer_stores[HOST])) ->
		if
		:: unjudged(HOST) && due(HOST) -> raise(BACK)
		:: else
		fi;
		judge_all(HOST)
	}
}

/* The guest's network stack sends while the queue is not stopped. */
proctype stack()
{
	bool more;
	byte mark;
#ifdef FRAMES
	byte frames;
#endif

	do
	:: break
	:: atomic {
		!transmit_lock && !stopped[HOST] && !held[HOST] && MORE ->
		transmit_lock = true;
		send(HOST);
#ifndef BUG_SLEEP_UNPUBLISHED
		publish(HOST)
#endif
	   }
#ifndef BUG_SLEEP_UNPUBLISHED
		judge_sent();
#endif
		wait_for_room(HOST);
		transmit_lock = false
	od
}

/* drainfront_reap(), which looks whether it need do anything without the lock */
inline reap()
{
	if
	:: stopped[HOST] || held[HOST] ->
		atomic { !transmit_lock -> transmit_lock = true; complete_sent(HOST) }
#ifndef BUG_REAP_NO_WAIT
		wait_for_room(HOST);
#endif
		transmit_lock = false
	:: else
	fi
}

#endif /* TO_HOST */

/* --- the polls ---------------------------------------------------------------- */

inline take_napi(side)
{
	atomic { scheduled[side] && !polling[side] -> polling[side] = true }
}

/* drainfront_poll() */
proctype front(byte cpu)
{
	byte prod, before, mark, early;
	bool again, more, nic_full;

end:
	do
	:: take_napi(FRONT);
poll:
#ifdef TO_HOST
		reap();
#endif
#ifdef TO_GUEST
		drain(GUEST, BACK);
		if
		:: again -> goto poll
		:: else
		fi;
#endif
		complete(GUEST, FRONT);
		if
		:: again -> again = false; goto poll
		:: else
		fi;
#ifdef TO_GUEST
		rest(GUEST, FRONT)
#else
		unmask(FRONT)
#endif
	od
}

/* drainback_poll() */
proctype back(byte cpu)
{
	byte prod, before, mark, early;
	bool again, more, nic_full, delayed;

end:
	do
	:: take_napi(BACK);
poll:
#ifdef TO_GUEST
		publish_batch();
#endif
#ifdef TO_HOST
		drain(HOST, FRONT);
		if
		:: again -> goto poll
		:: else
		fi;
		complete(HOST, BACK);
#else
		complete(GUEST, BACK);
#endif
		if
		:: again -> again = false; goto poll
		:: else
		fi;
#ifdef TO_HOST
#ifdef THROTTLE
		if
		:: throttled		/* drainback_skb_sent() goes on */
		:: !throttled -> rest(HOST, BACK)
		fi
#else
		rest(HOST, BACK)
#endif
#else
		unmask(BACK)
#endif
	od
}

/* --- when nothing moves any more ---------------------------------------------- */

proctype judge()
{
end:
	atomic {
		timeout ->
#ifdef TO_GUEST
		assert(consumer[GUEST].seen == producer[GUEST].prod);
		assert(producer[GUEST].judged == producer[GUEST].prod);
		assert(!batch_open && !produce_lock);
#ifdef BRIDGE
		assert(!stopped[GUEST] && !held[GUEST]);
#endif
#endif
#ifdef TO_HOST
		assert(consumer[HOST].seen == producer[HOST].prod);
#ifdef THROTTLE
		assert(!unparsed(HOST) && !throttled);
#endif
		assert(!stopped[HOST] && !held[HOST] && !transmit_lock);
#endif
		assert(!masked[FRONT] && !masked[BACK]);
		assert(!scheduled[FRONT] && !scheduled[BACK])
	}
}

/* drain_ring_reset(): armed for the first frame, and all of it free */
inline start(r)
{
	ring[r].limit = R;
	producer[r].limit = R;
	consumer[r].limit = R;
	run memory(r, producer_stores[r]);
	cpu = 0;
	do
	:: cpu < CPUS -> run memory(r, consumer_stores[r * CPUS + cpu]); cpu++
	:: else -> break
	od
}

/* As many as there are processors of the one whose ring is being drained */
inline run_on_all(side)
{
	cpu = 0;
	do
	:: cpu < CPUS ->
		if
		:: side == FRONT -> run front(cpu)
		:: else -> run back(cpu)
		fi;
		cpu++
	:: else -> break
	od;
	if
	:: BUSY > 0 -> run busy(side)
	:: else
	fi
}

init {
	byte cpu;

	atomic {
#ifdef TO_GUEST
		start(GUEST);
#ifdef BRIDGE
		reaped[GUEST] = R;
#endif
		run network();
#ifdef GAP
		run clock();
#endif
		run_on_all(FRONT);
		run back(0);
#endif
#ifdef TO_HOST
		start(HOST);
		reaped[HOST] = R;
		run stack();
#ifdef THROTTLE
		run nic();
#endif
#ifndef TO_GUEST
		run front(0);
		run_on_all(BACK);
#endif
#endif
		run upcall(FRONT);
		run upcall(BACK);
		run judge();
		cpu = 0
	}
}
