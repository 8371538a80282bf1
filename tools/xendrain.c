// SPDX-License-Identifier: GPL-2.0-only
/*
 * xendrain attaches, detaches, watches and tunes vdrain network devices of Xen guests.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "attach.h"
#include "detach.h"
#include "list.h"
#include "queues.h"
#include "stat.h"
#include "tune.h"
#include "watch.h"

#define COMMANDS "attach, detach, dump, health, list, stat, tune"

static const char program_help[] =
	"usage: xendrain COMMAND ...\n"
	"Attach, detach, watch and tune vdrain network devices of Xen guests.\n"
	"\n"
	"  attach DOMAIN nic=INTERFACE|bridge=BRIDGE[,OPTION=VALUE...] [--wait SECONDS]\n"
	"  detach DOMAIN HANDLE [--force] [--wait SECONDS]\n"
	"  dump [DOMAIN [HANDLE]]\n"
	"  health [DOMAIN [HANDLE]] [--interval SECONDS]\n"
	"  list [DOMAIN] [--json]\n"
	"  stat [DOMAIN [HANDLE]] [--interval SECONDS] [--watch [SECONDS]] [--json]\n"
	"  tune DOMAIN [HANDLE] [KEY=VALUE...] [--wait SECONDS]\n"
	"\n"
	"  xendrain COMMAND --help   what a command does, and its options\n"
	"  xendrain --help           this text\n"
	"  xendrain --version        the version\n"
	"\n"
	"DOMAIN is a guest's name or id.\n"
	"Exit status: 0 done, 1 system failed, 2 bad input, 3 a driver did not answer.\n";

static const char attach_help[] =
	"usage: xendrain attach DOMAIN nic=INTERFACE[,OPTION=VALUE...] [--wait SECONDS]\n"
	"       xendrain attach DOMAIN bridge=BRIDGE[,OPTION=VALUE...] [--wait SECONDS]\n"
	"Give a guest a network device: on a NIC of dom0, or with an interface in dom0\n"
	"that Xen's hotplug scripts put on a bridge.\n"
	"\n"
	"  nic=INTERFACE   an Ethernet interface that belongs to no bridge or bond\n"
	"  bridge=BRIDGE   for the script; not with nic\n"
	"  script=SCRIPT   in /etc/xen/scripts, or a path; default: vif-bridge\n"
	"  vifname=NAME    the interface's; default: vdDOMID.HANDLE\n"
	"  ip=ADDRESSES    for the script\n"
	"  gatewaydev=INTERFACE   for the script\n"
	"  mac=ADDRESS     unicast; default: one in 00:16:3e, the same each time\n"
	"  mtu=BYTES       68 to 65521; default: the NIC's or bridge's\n"
	"  queues=N        1 to 16; default: 1\n"
	"  ring-pages=N    a power of two, 8 to 256; default: 128\n"
	"  handle=N        0 to 255; default: the lowest free one\n"
	"  KEY=VALUE       any key of 'xendrain tune'\n"
	"\n"
	"  --wait SECONDS  for xen-drainback to take the device: 0 to 3600; default 10;\n"
	"                  0 does not wait, which is for nic alone\n";

static const char detach_help[] =
	"usage: xendrain detach DOMAIN HANDLE [--force] [--wait SECONDS]\n"
	"Close a guest's device and remove it.\n"
	"\n"
	"  --force         remove it at once, without asking the guest to close it\n"
	"  --wait SECONDS  for the guest to close it: 0 to 3600; default 10\n"
	"\n"
	"If the guest does not close it in time, it stays, and the exit status is 3.\n";

static const char dump_help[] =
	"usage: xendrain dump [DOMAIN [HANDLE]]\n"
	"Print what each queue is at: indices, limits, events, the guest's last error.\n";

static const char health_help[] =
	"usage: xendrain health [DOMAIN [HANDLE]] [--interval SECONDS]\n"
	"Look twice, and say which queues stand still although something waits in them,\n"
	"and which side is late.\n"
	"\n"
	"  --interval SECONDS  between the looks: 1 to 3600; default 1\n"
	"\n"
	"Exit status 3: one does, or a device is not connected.\n";

static const char list_help[] =
	"usage: xendrain list [DOMAIN] [--json]\n"
	"Print the vdrain devices of a guest, or of all guests.\n"
	"\n"
	"  --json          an array of objects, see xendrain(8)\n"
	"\n"
	"LINK is up if both drivers are Connected and the NIC has a carrier.\n";

static const char stat_help[] =
	"usage: xendrain stat [DOMAIN [HANDLE]] [--interval SECONDS] [--json]\n"
	"       xendrain stat [DOMAIN [HANDLE]] --watch [SECONDS]\n"
	"Print what it took to carry the frames: interrupts, flags, upcalls, drops...\n"
	"\n"
	"  --interval SECONDS  what happens in that time (1 to 3600), not the totals\n"
	"  --watch [SECONDS]   a table of rates, again and again (1 to 3600; default 1),\n"
	"                      until Ctrl-C\n"
	"  --json              an array of objects, with the names of the driver's files\n";

static const char tune_help[] =
	"usage: xendrain tune DOMAIN [HANDLE] [KEY=VALUE...] [--wait SECONDS]\n"
	"Set how a guest's device, or each of its devices, works, while it works.\n"
	"Without KEY=VALUE print what is set. Each key takes the value 'default', too.\n"
	"\n"
	"  --wait SECONDS  for xen-drainback to take the values: 0 to 3600; default 10;\n"
	"                  0 does not wait\n"
	"\n";

static int check_wait(const struct arguments *arguments, const struct attach_options *options,
		      struct failure *failure)
{
	if (arguments->wait_seconds || options->nic[0])
		return 0;
	return fail(failure, FAILURE_INPUT,
		    "--wait 0: a device with a script is waited for; allowed are 1 to %d seconds",
		    WAIT_MAX_SECONDS);
}

static int run_attach(struct store *store, const struct arguments *arguments,
		      struct failure *failure)
{
	struct attach_options options;
	struct attachment attachment;
	char text[ATTACHMENT_TEXT_BYTES];
	struct domain domain;
	int ret;

	ret = attach_options_parse(arguments->words[1], &options, failure);
	ret = ret ?: check_wait(arguments, &options, failure);
	ret = ret ?: store_open(store, failure);
	ret = ret ?: domain_find(store, arguments->words[0], &domain, failure);
	ret = ret ?: attach_device(store, &domain, &options, &attachment, failure);
	if (ret)
		return ret;
	if (arguments->wait_seconds) {
		ret = attach_wait(store, &attachment.device, arguments->wait_seconds, failure);
		if (ret && (ret != FAILURE_TIMEOUT || !options.nic[0]))
			return ret;
	}
	attachment_format(&attachment, &options, text);
	printf("domain %u (%s): attached %s\n", domain.id, domain.name, text);
	return ret;
}

static int run_detach(struct store *store, const struct arguments *arguments,
		      struct failure *failure)
{
	struct domain domain;
	struct device device;
	int ret;

	ret = store_open(store, failure);
	ret = ret ?: domain_find(store, arguments->words[0], &domain, failure);
	ret = ret ?: device_find(store, &domain, arguments->words[1], &device, failure);
	ret = ret ?: detach_device(store, &device, arguments->force, arguments->wait_seconds,
				   failure);
	if (!ret)
		printf("domain %u (%s): detached vdrain %u\n", domain.id, domain.name,
		       device.handle);
	return ret;
}

/* A guest that need not be named: @domain is NULL if it is not. */
static int find_named(struct store *store, const char *name, struct domain *found,
		      const struct domain **domain, struct failure *failure)
{
	int ret = store_open(store, failure);

	*domain = NULL;
	if (ret || !name)
		return ret;
	*domain = found;
	return domain_find(store, name, found, failure);
}

static int run_list(struct store *store, const struct arguments *arguments,
		    struct failure *failure)
{
	const struct domain *domain;
	struct domain found;
	int ret;

	ret = find_named(store, arguments->words[0], &found, &domain, failure);
	if (ret)
		return ret;
	if (arguments->json)
		list_devices_json(store, domain);
	else
		list_devices(store, domain);
	return 0;
}

static int run_stat(struct store *store, const struct arguments *arguments,
		    struct failure *failure)
{
	const char *handle = arguments->words[1];
	struct stat_request request = { .json = arguments->json };
	struct domain found;
	struct device device;
	int ret;

	if (arguments->watch_seconds && (arguments->json || arguments->interval_seconds))
		return fail(failure, FAILURE_INPUT,
			    "--watch: allowed is without --json and --interval");
	ret = find_named(store, arguments->words[0], &found, &request.domain, failure);
	if (!ret && handle) {
		ret = device_find(store, request.domain, handle, &device, failure);
		request.device = &device;
	}
	if (ret)
		return ret;
	if (arguments->watch_seconds) {
		request.interval_seconds = arguments->watch_seconds;
		return watch_devices(store, &request, failure);
	}
	request.interval_seconds = arguments->interval_seconds;
	return stat_devices(store, &request, failure);
}

static int run_queues(struct store *store, const struct arguments *arguments,
		      int (*show)(const struct store *store, const struct queues_request *request,
				  struct failure *failure),
		      struct failure *failure)
{
	struct queues_request request = { .interval_seconds = arguments->interval_seconds ?: 1 };
	const char *handle = arguments->words[1];
	struct domain domain;
	struct device device;
	int ret;

	ret = find_named(store, arguments->words[0], &domain, &request.domain, failure);
	if (!ret && handle) {
		ret = device_find(store, request.domain, handle, &device, failure);
		request.device = &device;
	}
	return ret ?: show(store, &request, failure);
}

static int run_dump(struct store *store, const struct arguments *arguments,
		    struct failure *failure)
{
	return run_queues(store, arguments, queues_dump, failure);
}

static int run_health(struct store *store, const struct arguments *arguments,
		      struct failure *failure)
{
	return run_queues(store, arguments, queues_health, failure);
}

static int run_tune(struct store *store, const struct arguments *arguments,
		    struct failure *failure)
{
	struct domain domain;
	struct tune_request request = {
		.domain = &domain,
		.wait_seconds = arguments->wait_seconds,
	};
	int ret;

	ret = tune_parse(arguments->words + 1, arguments->n_words - 1, &request, failure);
	ret = ret ?: store_open(store, failure);
	ret = ret ?: domain_find(store, arguments->words[0], &domain, failure);
	return ret ?: tune_devices(store, &request, failure);
}

static const struct command {
	const char *name;
	const char *help;
	const char *synopsis;
	unsigned int options;
	int words_min, words_max;
	int (*run)(struct store *store, const struct arguments *arguments,
		   struct failure *failure);
} commands[] = {
	{ "attach", attach_help, "attach DOMAIN nic=INTERFACE|bridge=BRIDGE[,OPTION=VALUE...]",
	  ARGUMENT_WAIT, 2, 2, run_attach },
	{ "detach", detach_help, "detach DOMAIN HANDLE",
	  ARGUMENT_WAIT | ARGUMENT_FORCE, 2, 2, run_detach },
	{ "dump", dump_help, "dump [DOMAIN [HANDLE]]", 0, 0, 2, run_dump },
	{ "health", health_help, "health [DOMAIN [HANDLE]]", ARGUMENT_INTERVAL, 0, 2, run_health },
	{ "list", list_help, "list [DOMAIN]", ARGUMENT_JSON, 0, 1, run_list },
	{ "stat", stat_help, "stat [DOMAIN [HANDLE]]",
	  ARGUMENT_INTERVAL | ARGUMENT_WATCH | ARGUMENT_JSON, 0, 2, run_stat },
	{ "tune", tune_help, "tune DOMAIN [HANDLE] [KEY=VALUE...]", ARGUMENT_WAIT, 1,
	  ARGUMENT_WORDS_MAX, run_tune },
};

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int run_command(const struct command *command, char **argv, struct failure *failure)
{
	struct store store = { 0 };
	struct arguments arguments;
	int ret;

	ret = arguments_parse(argv, command->options, &arguments, failure);
	if (ret)
		return ret;
	if (arguments.help) {
		fputs(command->help, stdout);
		if (command->run == run_tune)
			tune_print_keys();
		return 0;
	}
	if (arguments.n_words < command->words_min || arguments.n_words > command->words_max)
		return fail(failure, FAILURE_INPUT, "%d arguments; allowed is: xendrain %s",
			    arguments.n_words, command->synopsis);
	ret = command->run(&store, &arguments, failure);
	store_close(&store);
	return ret;
}

static int run(char **argv, struct failure *failure)
{
	const struct command *command;

	if (!argv[0])
		return fail(failure, FAILURE_INPUT,
			    "no command; allowed are " COMMANDS " (xendrain --help)");
	if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h")) {
		fputs(program_help, stdout);
		return 0;
	}
	if (!strcmp(argv[0], "--version")) {
		puts("xendrain " XENDRAIN_VERSION);
		return 0;
	}
	command = find_command(argv[0]);
	if (!command)
		return fail(failure, FAILURE_INPUT,
			    "'%.64s': unknown command; allowed are " COMMANDS
			    " (xendrain --help)", argv[0]);
	return run_command(command, argv + 1, failure);
}

int main(int argc, char **argv)
{
	struct failure failure = { 0 };
	int ret;

	ret = run(argv + (argc > 0), &failure);
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = fail(&failure, FAILURE_SYSTEM, "cannot write the output: %s",
			   strerror(errno));
	fflush(stdout);
	if (ret)
		fprintf(stderr, "xendrain: %s\n", failure.text);
	return ret;
}
