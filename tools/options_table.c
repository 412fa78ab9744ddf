/* SPDX-License-Identifier: MIT */
/*
 * The table of all options.
 *
 * Defaults are not in it: they come from psr_config_init and
 * synthetic_config_init, and the usage text prints them from there.
 */
#include "options_entry.h"

#include <stddef.h>

#define SOURCE		OPTIONS_SECTION_SOURCE
#define LISTEN		OPTIONS_SECTION_LISTEN
#define ENGINE		OPTIONS_SECTION_ENGINE
#define SENDER		OPTIONS_SECTION_SENDER
#define SAMPLING	OPTIONS_SECTION_SAMPLING
#define STRESS		OPTIONS_SECTION_STRESS
#define LINE		OPTIONS_SECTION_LINE
#define FILES		OPTIONS_SECTION_FILE
#define STRING_OF(text) #text
#define STRING(macro)	STRING_OF(macro)
#define AT(member)	offsetof(struct options, member)

/* In the order of the enums in psring.h and options.h. */
#define SHARDS	   "seq|cpu|group|iif|flow"
#define TRANSPORTS "auto|uring|recvmmsg|bpf"
#define FORMATS	   "text|json"
#define LINKS	   "netlink|ethernet"
#define METRICS	   FORMATS "|prometheus"

const struct option_entry option_table[] = {
	{
		.name = "to",
		.argument = "usersock:GROUP",
		.help = "the NETLINK_USERSOCK group to send to",
		.section = OPTIONS_SECTION_TO,
		.parse = option_parse_usersock,
		.offset = AT(to),
		.min = 1,
		.max = 32,
		.allowed = "usersock:GROUP, with a GROUP from 1 to 32",
	},
	{
		.name = "source",
		.argument = "psample|synthetic|usersock:N",
		.help = "the kernel's samples (default), made here, or\n"
			"sent by another process to a NETLINK_USERSOCK group",
		.section = SOURCE,
		.parse = option_parse_source,
		.offset = AT(engine.usersock_group),
		.min = 1,
		.max = 32,
		.allowed = "psample, synthetic or usersock:N, "
			   "with an N from 1 to 32",
	},
	{
		.name = "wait",
		.argument = "",
		.help = "for psample's module, where it is not loaded yet",
		.section = LISTEN,
		.parse = option_parse_switch,
		.offset = AT(engine.await_family),
	},
	{
		.name = "user",
		.argument = "NAME",
		.help = "whom root becomes once its sockets are open;\n"
			"default nobody",
		.section = LISTEN,
		.parse = option_parse_user,
		.allowed = "the name of a user that there is, and not root",
	},
	{
		.name = "thin",
		.argument = "M",
		.help = "take one sample in M, by chance: the kernel holds\n"
			"the others back, and the rate counts them in;\n"
			"default 1: every sample",
		.section = LISTEN,
		.parse = option_parse_u32,
		.offset = AT(engine.thin),
		.min = 1,
		.max = UINT32_MAX,
	},
	{
		.name = "all-netns",
		.argument = "",
		.help = "what is sampled in other network namespaces as well,\n"
			"those that have an id here: ip netns set NAME auto",
		.section = LISTEN,
		.parse = option_parse_switch,
		.offset = AT(engine.all_netns),
	},
	{
		.name = "netns",
		.argument = "NAME|PATH",
		.help = "be in this network namespace: of ip netns, or where a\n"
			"path with a slash leads",
		.section = OPTIONS_SECTION_NETNS,
		.parse = option_parse_netns,
		.allowed = "a name or a path",
	},
	{
		.name = "queues",
		.argument = "N",
		.help = "shards of the stream, each with its rings",
		.section = ENGINE,
		.parse = option_parse_u32,
		.offset = AT(engine.queue_count),
		.min = 1,
		.max = PSR_QUEUES_MAX,
	},
	{
		.name = "ingest-threads",
		.argument = "N",
		.help = "threads that fill the queues; 0: the consumers do",
		.section = ENGINE,
		.parse = option_parse_u32,
		.offset = AT(engine.ingest_threads),
		.max = PSR_QUEUES_MAX,
	},
	{
		.name = "consumers",
		.argument = "N",
		.help = "threads that drain the queues; default one a queue",
		.section = ENGINE,
		.parse = option_parse_u32,
		.offset = AT(consumers),
		.min = 1,
		.max = PSR_QUEUES_MAX,
	},
	{
		.name = "shard",
		.argument = SHARDS,
		.help = "what decides a sample's queue;\n"
			"flow takes --transport bpf",
		.section = ENGINE,
		.parse = option_parse_word,
		.offset = AT(engine.shard),
		.allowed = SHARDS,
	},
	{
		.name = "transport",
		.argument = TRANSPORTS,
		.help = "how samples leave the socket;\n"
			"auto: uring where it is to be had, else recvmmsg;\n"
			"bpf: the quickest, needs CAP_BPF",
		.section = ENGINE,
		.parse = option_parse_word,
		.offset = AT(engine.transport),
		.allowed = TRANSPORTS,
	},
	{
		.name = "rcvbuf",
		.argument = "BYTES",
		.help = "receive buffer of each socket, or ring of\n"
			"each queue (bpf); k or M may follow",
		.section = ENGINE,
		.parse = option_parse_bytes,
		.offset = AT(engine.rcvbuf_bytes),
		.min = 1,
		.max = PSR_RCVBUF_MAX,
	},
	{
		.name = "buffers",
		.argument = "N",
		.help = "receive buffers of each queue; a power of two",
		.section = ENGINE,
		.parse = option_parse_power_of_two,
		.offset = AT(engine.buffer_count),
		.min = 1,
		.max = PSR_BUFFERS_MAX,
		.allowed = "a power of two, at most " STRING(PSR_BUFFERS_MAX),
	},
	{
		.name = "buffer-bytes",
		.argument = "BYTES",
		.help = "bytes of each; longer messages are truncated;\n"
			"k or M may follow",
		.section = ENGINE,
		.parse = option_parse_bytes,
		.offset = AT(engine.buffer_bytes),
		.min = PSR_BUFFER_BYTES_MIN,
		.max = PSR_BUFFER_BYTES_MAX,
	},
	{
		.name = "wait-us",
		.argument = "N",
		.help = "at most one wake-up in so many microseconds",
		.section = ENGINE,
		.parse = option_parse_u32,
		.offset = AT(engine.wait_us),
		.max = PSR_WAIT_US_MAX,
	},
	{
		.name = "busy-poll",
		.argument = "",
		.help = "who fills the queues never sleeps",
		.section = ENGINE,
		.parse = option_parse_switch,
		.offset = AT(engine.busy_poll),
	},
	{
		.name = "verify-sender",
		.argument = "",
		.help = "reject what the kernel did not send, whatever it\n"
			"says; not with --transport bpf",
		.section = ENGINE,
		.parse = option_parse_switch,
		.offset = AT(engine.verify_sender),
	},
	{
		.name = "cpus",
		.argument = "LIST",
		.help = "a CPU for each ingest thread, as in 1",
		.section = ENGINE,
		.parse = option_parse_cpus,
		.max = 1023,
		.allowed = "at most " STRING(
			PSR_QUEUES_MAX) " CPU numbers, one for each ingest thread",
	},
	{
		.name = "groups",
		.argument = "LIST",
		.help = "only these sample groups, as in 5,17",
		.section = ENGINE,
		.parse = option_parse_groups,
		.max = UINT32_MAX,
		.allowed = "at most " STRING(
			PSR_WANTED_MAX) " group numbers of 32 bits, as in 5,17",
	},
	{
		.name = "rate",
		.argument = "N|max",
		.help = "samples a second, or packets of stress; default max",
		.section = SENDER,
		.parse = option_parse_rate,
		.min = 1,
		.max = SYNTHETIC_RATE_MAX,
		.allowed = "max, or a number up to " STRING(SYNTHETIC_RATE_MAX),
	},
	{
		.name = "size",
		.argument = "BYTES",
		.help = "bytes of each packet",
		.section = SENDER,
		.parse = option_parse_u32,
		.offset = AT(sender.size),
		.min = SYNTHETIC_SIZE_MIN,
		.max = SYNTHETIC_SIZE_MAX,
	},
	{
		.name = "group-count",
		.argument = "N",
		.help = "sample groups: 1 to N in turn, or all of them for\n"
			"each packet that stress sends",
		.section = SENDER,
		.parse = option_parse_u32,
		.offset = AT(sender.group_count),
		.min = 1,
		.max = SYNTHETIC_GROUPS_MAX,
	},
	{
		.name = "interfaces",
		.argument = "N",
		.help = "input interfaces: 1 to N in turn",
		.section = SENDER,
		.parse = option_parse_u32,
		.offset = AT(sender.interface_count),
		.min = 1,
		.max = SYNTHETIC_INTERFACES_MAX,
	},
	{
		.name = "senders",
		.argument = "N",
		.help = "threads that send",
		.section = SENDER,
		.parse = option_parse_u32,
		.offset = AT(sender.senders),
		.min = 1,
		.max = SYNTHETIC_SENDERS_MAX,
	},
	{
		.name = "sample-rate",
		.argument = "N",
		.help = "take 1 packet in N, by chance",
		.section = SAMPLING,
		.parse = option_parse_u32,
		.offset = AT(sample_rate),
		.min = 1,
		.max = INT32_MAX,
	},
	{
		.name = "trunc",
		.argument = "BYTES",
		.help = "bytes of a packet in its sample",
		.section = SAMPLING,
		.parse = option_parse_u32,
		.offset = AT(trunc),
		.max = SYNTHETIC_SIZE_MAX,
	},
	{
		.name = "max",
		.argument = "",
		.help = "search for the highest rate without loss;\n"
			"--duration is then that of a round, default 1",
		.section = STRESS,
		.parse = option_parse_switch,
		.offset = AT(max),
	},
	{
		.name = "stall",
		.argument = "MS/EVERY",
		.help = "consumers stop for MS out of every EVERY ms",
		.section = STRESS,
		.parse = option_parse_stall,
		.min = 1,
		.max = 3600000,
		.allowed = "milliseconds, as in 200/1000: 1 at least, out of "
			   "more, 3600000 at most",
	},
	{
		.name = "chaos",
		.argument = "",
		.help = "rounds of random engines with random stalls and\n"
			"restarts",
		.section = STRESS,
		.parse = option_parse_switch,
		.offset = AT(chaos),
	},
	{
		.name = "seed",
		.argument = "N",
		.help = "of --chaos: the same seed, the same schedule;\n"
			"default 1",
		.section = STRESS,
		.parse = option_parse_u32,
		.offset = AT(seed),
		.min = 1,
		.max = UINT32_MAX,
	},
	{
		.name = "verbose",
		.argument = "",
		.letter = 'v',
		.help = "print commands of ip and tc, and what --chaos does",
		.section = STRESS,
		.parse = option_parse_switch,
		.offset = AT(verbose),
	},
	{
		.name = "count",
		.argument = "N",
		.letter = 'c',
		.help = "end after so many samples",
		.section = OPTIONS_SECTION_COUNT,
		.parse = option_parse_count,
		.min = 1,
		.max = INT64_MAX,
	},
	{
		.name = "duration",
		.argument = "SECONDS",
		.help = "end after so long; decimals allowed",
		.section = OPTIONS_SECTION_DURATION,
		.parse = option_parse_duration,
		.allowed = "seconds and up to nine decimals, as in 0.5, "
			   "more than 0 and at most 1000000000",
	},
	{
		.name = "once",
		.argument = "",
		.help = "no lines while it runs, only the ledger at the end:\n"
			"at --count, --duration or a signal",
		.section = OPTIONS_SECTION_ONCE,
		.parse = option_parse_switch,
		.offset = AT(once),
	},
	{
		.name = "listen",
		.argument = "[ADDRESS]:PORT",
		.help = "serve metrics for Prometheus over HTTP, as in :9517;\n"
			"without ADDRESS to this machine only; port 0: any",
		.section = OPTIONS_SECTION_ONCE,
		.parse = option_parse_listen,
		.allowed = "an address in numbers and a port, as in :9517, "
			   "127.0.0.1:9517 or [::1]:9517",
	},
	{
		.name = "format",
		.argument = FORMATS,
		.help = "json: one object a line",
		.section = OPTIONS_SECTION_FORMAT,
		.parse = option_parse_word,
		.offset = AT(format),
		.allowed = FORMATS,
	},
	{
		.name = "json",
		.argument = "",
		.help = "the same as --format json",
		.section = OPTIONS_SECTION_FORMAT,
		.parse = option_parse_switch, /* OPTIONS_JSON is 1 */
		.offset = AT(format),
	},
	{
		.name = "max-loss",
		.argument = "PERCENT",
		.help = "exit with status 3 if more was lost; decimals allowed",
		.section = OPTIONS_SECTION_LOSS,
		.parse = option_parse_percent,
		.max = 100000000000,
		.allowed = "a number from 0 to 100, with up to nine decimals",
	},
	{
		.name = "filter",
		.argument = "EXPR",
		.help = "only packets that it matches, as tcpdump's;\n"
			"--count counts these",
		.section = LINE,
		.parse = option_parse_text,
		.offset = AT(filter),
	},
	{
		.name = "numeric",
		.argument = "",
		.letter = 'n',
		.help = "numbers of interfaces, as in #5, and no names",
		.section = LINE,
		.parse = option_parse_switch,
		.offset = AT(numeric),
	},
	{
		.name = "ether",
		.argument = "",
		.letter = 'e',
		.help = "the link-layer header as well",
		.section = LINE,
		.parse = option_parse_switch,
		.offset = AT(with_link),
	},
	{
		.name = "verbose",
		.argument = "",
		.letter = 'v',
		.help = "all that the sample says",
		.section = LINE,
		.parse = option_parse_switch,
		.offset = AT(verbose),
	},
	{
		.name = "hex",
		.argument = "",
		.letter = 'x',
		.help = "the bytes of the packet, on lines below",
		.section = LINE,
		.parse = option_parse_switch,
		.offset = AT(hex),
	},
	{
		.name = "write",
		.argument = "FILE",
		.letter = 'w',
		.help = "write a capture file instead of lines; - is standard\n"
			"output, as in -w - | tshark -r -",
		.section = FILES,
		.parse = option_parse_path,
		.offset = AT(write_path),
		.allowed = "the name of a file, or -",
	},
	{
		.name = "link",
		.argument = LINKS,
		.help = "the messages as they came, in pcap; or the packets,\n"
			"in pcapng, by interface, for export",
		.section = FILES,
		.parse = option_parse_word,
		.offset = AT(link),
		.allowed = LINKS,
	},
	{
		.name = "packet-buffered",
		.argument = "",
		.letter = 'U',
		.help = "write out each sample as it comes",
		.section = FILES,
		.parse = option_parse_switch,
		.offset = AT(packet_buffered),
	},
	{
		.name = "read",
		.argument = "FILE",
		.letter = 'r',
		.help = "take samples from a capture file of link type NETLINK;\n"
			"- is standard input",
		.section = FILES,
		.parse = option_parse_path,
		.offset = AT(read_path),
		.allowed = "the name of a file, or -",
	},
	{
		.name = "family-id",
		.argument = "N",
		.help = "the number of psample's family in the file, where no\n"
			"message of it tells",
		.section = FILES,
		.parse = option_parse_u32,
		.offset = AT(family_id),
		.min = 17,
		.max = UINT16_MAX,
	},
	{
		.name = "rate",
		.argument = "N",
		.help = "samples a second that the buffers are to hold",
		.section = OPTIONS_SECTION_EXPECTED,
		.parse = option_parse_u32,
		.offset = AT(expected_rate),
		.min = 1,
		.max = UINT32_MAX,
	},
	{
		.name = "format",
		.argument = METRICS,
		.help = "json: one object a line;\n"
			"prometheus: one page of metrics at the end, no ledger",
		.section = OPTIONS_SECTION_METRICS,
		.parse = option_parse_word,
		.offset = AT(format),
		.allowed = METRICS,
	},
	{
		.name = "json",
		.argument = "",
		.help = "the same as --format json",
		.section = OPTIONS_SECTION_METRICS,
		.parse = option_parse_switch,
		.offset = AT(format),
	},
	{ 0 },
};

_Static_assert(sizeof(option_table) / sizeof(*option_table) <=
		       OPTION_TABLE_MAX + 1,
	       "getopt's table has room for each option");
