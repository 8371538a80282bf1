// SPDX-License-Identifier: GPL-2.0-only
/*
 * cases [--bar] guest|backend TABLE DOMID OTHER: runs the cases of a hostile
 * peer that TABLE lists, one after the other, against a domain, and judges
 * them. Prints a line for each. OTHER is the directory of another guest's
 * counters: what it receives is measured before and during each case, and with
 * --bar must not fall by more than a tenth. tests/lab/kit/hostile.sh says what
 * tables hold. Exit 1 if a case failed.
 *
 * In C, because a case in shell costs an emulated dom0 a hundred forks.
 */
#include <fcntl.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <regex.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <xenstore.h>

#include "../traffic/lab.h"

#define FRAME_BYTES	1514
#define PROVOKE_FRAMES	30	/* more than a ring of 8 pages holds */
#define WORD_MAX	160
#define WORDS_MAX	12

struct row {
	char name[WORD_MAX], attack[WORD_MAX], verdict[WORD_MAX], xsa[WORD_MAX];
};

struct running {
	struct row row;
	char *words[WORDS_MAX];		/* of the verdict */
	char regex[WORD_MAX];		/* all but the first of them */
	unsigned int handle;
	char front[128], back[128], error[160], device[64], mac[24];
	bool own_interface;
	char reason[400];
};

static struct xs_handle *store;
static bool hostile_guest, bar;
static unsigned int domid;
static char guest_data[64];	/* where the hostile guest is told what to do */
static const char *other;
static int kmsg, to_world;

/* --- xenstore ----------------------------------------------------------------- */

static char *get(const char *directory, const char *key)
{
	char path[256];
	unsigned int bytes;

	snprintf(path, sizeof(path), "%s/%s", directory, key);
	return xs_read(store, XBT_NULL, path, &bytes);
}

static bool holds(const char *directory, const char *key)
{
	char *value = get(directory, key);
	bool there = value;

	free(value);
	return there;
}

static bool is(const char *directory, const char *key, const char *expected)
{
	char *value = get(directory, key);
	bool same = value && !strcmp(value, expected);

	free(value);
	return same;
}

static void put(const char *directory, const char *key, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, key);
	if (!xs_write(store, XBT_NULL, path, value, strlen(value)))
		die("cases: cannot write %s", path);
}

static void remove_key(const char *directory, const char *key)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, key);
	xs_rm(store, XBT_NULL, path);
}

static void put_number(const char *directory, const char *key, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	put(directory, key, text);
}

/* What is made in a directory has its permissions. */
static void make_directory(const char *path, unsigned int owner, unsigned int reader)
{
	struct xs_permissions permissions[] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};

	xs_write(store, XBT_NULL, path, "", 0);
	xs_set_permissions(store, XBT_NULL, path, permissions, 2);
}

/* --- what is there -------------------------------------------------------------- */

static uint64_t file_number(const char *directory, const char *name)
{
	char path[256];
	uint64_t value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%" SCNu64, &value) != 1)
			value = 0;
		fclose(file);
	}
	return value;
}

/* The backend's, or what the guest tells in the control page. */
static uint64_t counter(const struct running *running, const char *name)
{
	char directory[256];
	uint64_t value;
	char *text;

	if (hostile_guest) {
		snprintf(directory, sizeof(directory), "/sys/bus/xen-backend/devices/%s/statistics",
			 running->device);
		return file_number(directory, name);
	}
	text = get(running->back, name);
	value = text ? strtoull(text, NULL, 10) : 0;
	free(text);
	return value;
}

static bool connected(const struct running *running)
{
	return is(hostile_guest ? running->back : running->front, "state", "4");
}

/* The state is written after the sentence. */
static bool disconnected(const struct running *running)
{
	return !connected(running);
}

static bool complained(const struct running *running)
{
	return holds(running->error, "error");
}

static bool over(const struct running *running)
{
	return complained(running) ||
	       holds(hostile_guest ? running->front : running->back, "struck");
}

static bool begun(const struct running *running)
{
	return connected(running) || over(running);
}

static bool matches(const char *text, const char *regex)
{
	regex_t compiled;
	bool found;

	if (regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB))
		die("cases: no regular expression: %s", regex);
	found = !regexec(&compiled, text, 0, NULL, 0);
	regfree(&compiled);
	return found;
}

/* Lines of dom0's log about a device since the last call. */
static unsigned int sentences(const struct running *running)
{
	char line[2048], device[80];
	unsigned int count = 0;
	ssize_t bytes;

	snprintf(device, sizeof(device), "%s: ", running->device);
	while ((bytes = read(kmsg, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (bytes <= 0)
			continue;
		line[bytes] = '\0';
		if (strstr(line, device) && matches(line, running->regex))
			count++;
	}
	return count;
}

/* Grants and event channels of dom0. */
static void used(char *text, size_t bytes)
{
	unsigned int available = 0, frames = 0, channels = 0;
	FILE *pipe = popen("kvar gnttab_free_count nr_grant_frames; lsevtchn 0 | wc -l", "r");

	if (!pipe || fscanf(pipe, "%u %u %u", &available, &frames, &channels) != 3)
		die("cases: cannot count grants");
	pclose(pipe);
	snprintf(text, bytes, "%u grants, %u event channels", frames * 512 - 8 - available,
		 channels);
}

static bool wait_for(bool (*condition)(const struct running *), const struct running *running,
		     unsigned int seconds)
{
	int64_t end = now_ns() + seconds * NSEC_PER_SEC;

	while (!condition(running)) {
		if (now_ns() > end)
			return false;
		usleep(10000);
	}
	return true;
}

/* --- frames ----------------------------------------------------------------------- */

static int packet_socket(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(interface),
	};
	int sock = socket(AF_PACKET, SOCK_RAW, 0);

	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof(address)))
		die("cases: no packets to %s: %s", interface, strerror(errno));
	return sock;
}

static int open_in_world(const char *interface)
{
	int home = open("/proc/self/ns/net", O_RDONLY);
	int world = open("/run/netns/world", O_RDONLY);
	int sock;

	if (world < 0 || setns(world, CLONE_NEWNET))
		die("cases: no network namespace world");
	sock = packet_socket(interface);
	if (setns(home, CLONE_NEWNET))
		die("cases: no way back");
	close(home);
	close(world);
	return sock;
}

static void provoke_through(int sock, const char *mac)
{
	uint8_t frame[FRAME_BYTES] = { 0 };
	int i;

	for (i = 0; i < 6; i++)
		frame[i] = strtoul(mac + 3 * i, NULL, 16);
	frame[6] = 2;
	frame[12] = 0x88;
	frame[13] = 0xb5;
	for (i = 0; i < PROVOKE_FRAMES; i++)
		if (send(sock, frame, sizeof(frame), MSG_DONTWAIT) < 0)
			break;
}

static void bring_up(int sock, const char *interface)
{
	struct ifreq request = { .ifr_flags = IFF_UP };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	ioctl(sock, SIOCSIFFLAGS, &request);
}

/* So that the backend has to look at its limits. A guest is provoked by its "prey". */
static void provoke(const struct running *running)
{
	char interface[IFNAMSIZ];
	int sock;

	if (!hostile_guest)
		return;
	if (!running->own_interface) {
		provoke_through(to_world, running->mac);
		return;
	}
	snprintf(interface, sizeof(interface), "vd%u.%u", domid, running->handle);
	sock = packet_socket(interface);
	bring_up(sock, interface);
	provoke_through(sock, running->mac);
	close(sock);
}

/* --- a case ------------------------------------------------------------------------- */

static void name_things(struct running *running)
{
	const char *class = hostile_guest ? "vdrain" : "vhostile";
	unsigned int handle = running->handle;

	snprintf(running->front, sizeof(running->front), "/local/domain/%u/device/vdrain/%u",
		 domid, handle);
	snprintf(running->back, sizeof(running->back), "/local/domain/0/backend/%s/%u/%u", class,
		 domid, handle);
	snprintf(running->device, sizeof(running->device), "%s-%u-%u", class, domid, handle);
	snprintf(running->mac, sizeof(running->mac), "00:16:3e:77:03:%02x", handle);
	if (hostile_guest)
		snprintf(running->error, sizeof(running->error),
			 "/local/domain/0/error/backend/vdrain/%u/%u", domid, handle);
	else
		snprintf(running->error, sizeof(running->error),
			 "/local/domain/%u/error/device/vdrain/%u", domid, handle);
}

/* "attack [,OPTION=VALUE] [KEY[=VALUE]]..." goes to where the module looks. */
static void tell_attack(struct running *running)
{
	char text[WORD_MAX], keys[WORD_MAX] = "";
	const char *where = hostile_guest ? guest_data : running->back;
	char *rest = text, *word, *value;

	snprintf(text, sizeof(text), "%s", running->row.attack);
	put(where, "attack", strsep(&rest, " "));
	running->own_interface = false;
	while ((word = strsep(&rest, " "))) {
		if (!strcmp(word, ",bridge")) {
			running->own_interface = true;
		} else if (*word == ',') {
			value = strchr(word, '=');
			*value++ = '\0';
			put(running->back, word + 1, value);
		} else {
			snprintf(keys + strlen(keys), sizeof(keys) - strlen(keys), "%s%s",
				 *keys ? " " : "", word);
		}
	}
	put(where, "keys", keys);
}

static void attach(struct running *running)
{
	make_directory(running->front, domid, 0);
	make_directory(running->back, 0, domid);
	tell_attack(running);
	put(running->back, "frontend", running->front);
	put_number(running->back, "frontend-id", domid);
	put_number(running->back, "handle", running->handle);
	put(running->back, "mac", running->mac);
	put(running->back, "mtu", "1500");
	put(running->back, "online", "1");
	if (hostile_guest && !running->own_interface)
		put(running->back, "nic", "eth0");
	put(running->front, "backend", running->back);
	put(running->front, "backend-id", "0");
	put_number(running->front, "handle", running->handle);
	put(running->front, "mac", running->mac);
	put(running->back, "state", "1");
	put(running->front, "state", "1");
}

static bool strike(struct running *running)
{
	int64_t end = now_ns() + 60 * NSEC_PER_SEC;

	attach(running);
	if (!wait_for(begun, running, 60)) {
		snprintf(running->reason, sizeof(running->reason), "does not connect");
		return false;
	}
	while (!over(running) && now_ns() < end) {
		provoke(running);
		usleep(50000);
	}
	provoke(running);
	return true;
}

static bool gone(const struct running *running)
{
	char path[256];
	struct stat status;

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s", running->device);
	return stat(path, &status);
}

static void clear_up(struct running *running)
{
	int64_t end = now_ns() + 30 * NSEC_PER_SEC;

	/* An attack that is not over may write a key once more, and so a directory. */
	do {
		xs_rm(store, XBT_NULL, running->front);
		xs_rm(store, XBT_NULL, running->back);
		xs_rm(store, XBT_NULL, running->error);
		usleep(20000);
	} while (!gone(running) && now_ns() < end);
	/* Or the next test's device would be told the same. */
	remove_key(guest_data, "attack");
	remove_key(guest_data, "keys");
	if (!gone(running) && !*running->reason)
		snprintf(running->reason, sizeof(running->reason), "the device stays");
}

/* --- verdicts ----------------------------------------------------------------------- */

static bool says(const struct running *running)
{
	char *text = get(running->error, "error");
	bool right = text && matches(text, running->regex);

	free(text);
	return right;
}

/* A sentence in the error node, once in the log, and counted. */
static bool judge_gone(struct running *running)
{
	char *text;
	unsigned int count;

	if (!wait_for(says, running, 10)) {
		text = get(running->error, "error");
		snprintf(running->reason, sizeof(running->reason), "the error node says '%s'",
			 text ? text : "");
		free(text);
		return false;
	}
	if (!wait_for(disconnected, running, 5)) {
		snprintf(running->reason, sizeof(running->reason), "still connected");
		return false;
	}
	if (!hostile_guest)
		return true;
	count = sentences(running);
	if (count != 1 || counter(running, "protocol_errors") != 1) {
		snprintf(running->reason, sizeof(running->reason),
			 "%u sentences, protocol_errors %" PRIu64, count,
			 counter(running, "protocol_errors"));
		return false;
	}
	return true;
}

static bool judge_connected(struct running *running, bool should)
{
	char *text;

	if (connected(running) == should)
		return true;
	text = get(running->error, "error");
	snprintf(running->reason, sizeof(running->reason), "%s: %s",
		 should ? "not connected any more" : "connected", text ? text : "");
	free(text);
	return false;
}

static const char *taken(void)
{
	return hostile_guest ? "to_host_frames_out" : "frames";
}

static const char *bad(void)
{
	return hostile_guest ? "to_host_consumer_drops_malformed" : "drops";
}

/*
 * Waits for a count, and then for a moment to see that it stays. The NIC is asked
 * for each VLAN of vlan-all; with lockdep that is 140 a second.
 */
static bool judge_count(struct running *running, const char *name, uint64_t expected,
			bool exactly)
{
	int64_t end = now_ns() + 60 * NSEC_PER_SEC;
	unsigned int tries = 0;
	uint64_t value;

	do {
		/* An interface that has just come up takes a while. */
		if (tries++ % 50 == 49)
			provoke(running);
		usleep(20000);
		value = counter(running, name);
	} while (value < expected && now_ns() < end);
	usleep(50000);
	value = counter(running, name);
	if (value < expected || (exactly && value > expected)) {
		snprintf(running->reason, sizeof(running->reason),
			 "%s is %" PRIu64 ", expected %" PRIu64, name, value, expected);
		return false;
	}
	return judge_connected(running, true);
}

static bool judge(struct running *running)
{
	const char *verdict = running->words[0], *first = running->words[1];
	const char *second = first ? running->words[2] : NULL;

	if (!strcmp(verdict, "gone") || !strcmp(verdict, "refused"))
		return judge_gone(running);
	if (!strcmp(verdict, "ends"))
		return connected(running) || judge_gone(running);
	if (!strcmp(verdict, "drops"))
		return judge_count(running, first, second ? atoi(second) : 1, true);
	if (!strcmp(verdict, "passes"))
		return judge_count(running, taken(), first ? atoi(first) : 2, true) &&
		       judge_count(running, bad(), 0, true);
	if (!strcmp(verdict, "mangled"))
		return judge_count(running, taken(), 2, true);
	if (!strcmp(verdict, "counts"))
		return judge_count(running, first, 1, false);
	if (!strcmp(verdict, "unconnected"))
		return judge_connected(running, false);
	if (!strcmp(verdict, "stays") || !strcmp(verdict, "held"))
		return judge_connected(running, true);
	if (!strcmp(verdict, "serves"))
		return true;
	die("cases: %s: no verdict %s", running->row.name, verdict);
}

/* Grants that were in use are taken back ten pages a second. */
static bool nothing_left(struct running *running, const char *before)
{
	int64_t end = now_ns() + 30 * NSEC_PER_SEC;
	char now[80];

	used(now, sizeof(now));
	if (!strcmp(running->words[0], "held") && !strcmp(now, before)) {
		snprintf(running->reason, sizeof(running->reason), "nothing was held");
		return false;
	}
	while (strcmp(now, before) && now_ns() < end) {
		usleep(50000);
		used(now, sizeof(now));
	}
	if (!strcmp(now, before))
		return true;
	snprintf(running->reason, sizeof(running->reason), "before: %s; after: %s", before, now);
	return false;
}

/* --- all of them -------------------------------------------------------------------- */

/* Frames a second that the other guest receives, over the time since a moment. */
struct moment {
	int64_t ns;
	uint64_t frames;
};

static struct moment moment(void)
{
	return (struct moment){ now_ns(), file_number(other, "to_guest_frames_out") };
}

static uint64_t rate_since(struct moment before)
{
	struct moment now = moment();

	return (now.frames - before.frames) * NSEC_PER_SEC / (now.ns - before.ns);
}

static bool is_storm(const struct running *running)
{
	unsigned int i;

	for (i = 1; running->words[i]; i++)
		if (!strcmp(running->words[i], "cpu"))
			return true;
	return false;
}

/* What the other guest received, in tenths of a percent of before, where it was least. */
static struct {
	uint64_t permille;
	char name[WORD_MAX];
} least = { .permille = UINT64_MAX };

static void note_least(const struct running *running, uint64_t before, uint64_t during)
{
	uint64_t permille = before ? during * 1000 / before : 0;

	if (permille >= least.permille)
		return;
	least.permille = permille;
	snprintf(least.name, sizeof(least.name), "%s", running->row.name);
}

static bool unharmed(struct running *running, uint64_t before, uint64_t during)
{
	if (!bar || (before && (is_storm(running) || during * 10 >= before * 9)))
		return true;
	snprintf(running->reason, sizeof(running->reason),
		 "the other guest receives %" PRIu64 " frames a second, before %" PRIu64, during,
		 before);
	return false;
}

static bool run(struct running *running, const char *before)
{
	struct moment start = moment();
	char before_it[24] = "-"; /* what is measured in no time is noise */
	uint64_t idle = 0, during;
	bool passed;

	if (bar) {
		usleep(200000);
		idle = rate_since(start);
		snprintf(before_it, sizeof(before_it), "%" PRIu64, idle);
		start = moment();
	}
	sentences(running);
	passed = strike(running) && judge(running);
	clear_up(running);
	passed = passed && !*running->reason && nothing_left(running, before);
	during = rate_since(start);
	note_least(running, idle, during);
	passed = passed && unharmed(running, idle, during);
	printf("%-20s %-12s %4s %7s %7" PRIu64 "  %s%s%s\n", running->row.name,
	       running->words[0], running->row.xsa, before_it, during, passed ? "ok" : "FAIL",
	       passed ? "" : ": ", passed ? "" : running->reason);
	return passed;
}

static void trim(char *to, const char *from)
{
	size_t bytes;

	from += strspn(from, " *");
	bytes = strcspn(from, "|\n");
	while (bytes && from[bytes - 1] == ' ')
		bytes--;
	snprintf(to, WORD_MAX, "%.*s", (int)bytes, from);
}

static bool parse(struct row *row, const char *line)
{
	char *const fields[] = { row->name, row->attack, row->verdict, row->xsa };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		trim(fields[i], line);
		line = strchr(line, '|');
		if (!line)
			return false;
		line++;
	}
	return true;
}

static bool run_line(const char *line, unsigned int handle, const char *before)
{
	struct running running = { .handle = handle };
	char *rest, *blank;
	int i;

	if (!parse(&running.row, line))
		die("cases: no case: %s", line);
	blank = strchr(running.row.verdict, ' ');
	snprintf(running.regex, sizeof(running.regex), "%s", blank ? blank + 1 : ".");
	rest = strdup(running.row.verdict);
	for (i = 0; i < WORDS_MAX - 1 && rest; i++)
		running.words[i] = strsep(&rest, " ");
	name_things(&running);
	return run(&running, before);
}

int main(int argc, char **argv)
{
	char line[512], before[80];
	unsigned int handle = 0, failed = 0;
	FILE *table;

	bar = argc > 1 && !strcmp(argv[1], "--bar");
	if (argc - bar != 5)
		die("usage: cases [--bar] guest|backend TABLE DOMID OTHER");
	argv += bar;
	hostile_guest = !strcmp(argv[1], "guest");
	table = fopen(argv[2], "r");
	domid = atoi(argv[3]);
	snprintf(guest_data, sizeof(guest_data), "/local/domain/%u/data", domid);
	other = argv[4];
	store = xs_open(0);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (!table || !store || kmsg < 0)
		die("cases: cannot open table, xenstore or log");
	to_world = open_in_world("eth1");
	used(before, sizeof(before));
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%-20s %-12s %4s %7s %7s\n", "case", "verdict", "XSA", "before", "during");
	while (fgets(line, sizeof(line), table))
		if (*line != '#')
			failed += !run_line(line, ++handle, before);
	if (bar)
		printf("the other guest: %" PRIu64 ".%" PRIu64 " %% of before at least, in %s\n",
		       least.permille / 10, least.permille % 10, least.name);
	printf("%u cases, %u failed\n", handle, failed);
	return failed ? 1 : 0;
}
