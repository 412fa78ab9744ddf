/* SPDX-License-Identifier: MIT */
/*
 * frames - send test traffic and tell exactly what was sent
 *
 * Sends Ethernet frames on an interface by AF_PACKET and prints each, as it was
 * sent, as one line of lower-case hex on standard output, so that a shell test
 * can compare them with what a sampler has seen.
 *
 * A frame is a function of the options and of its number: none is like another,
 * and all are made a second time for printing after the last one is sent, so
 * that printing does not slow down the sending.
 */
#include "sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/ether.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BURST_MAX     65536
#define BURST_DEFAULT 64

struct options {
	const char *ifname;
	struct traffic traffic;
	struct pace pace;
	bool quiet;
};

/* NOLINTBEGIN(concurrency-mt-unsafe): this program has one thread */

__attribute__((noreturn, format(printf, 2, 3))) static void
die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("frames: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}

static void print_frames(const struct options *options, uint32_t count)
{
	static const char digits[] = "0123456789abcdef";
	static uint8_t frame[FRAME_BYTES_MAX];
	static char line[2 * FRAME_BYTES_MAX + 1];

	for (uint32_t i = 0; i < count; i++) {
		char *to = line;

		frame_make(frame, &options->traffic, i);
		for (size_t j = 0; j < options->traffic.frame_bytes; j++) {
			*to++ = digits[frame[j] >> 4];
			*to++ = digits[frame[j] & 0xf];
		}
		*to++ = '\n';
		fwrite(line, 1, to - line, stdout);
	}
	if (fflush(stdout) || ferror(stdout))
		die(1, "cannot write to standard output");
}

static uint32_t parse_number(const char *name, const char *text, uint32_t min,
			     uint32_t max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value < min ||
	    value > max)
		die(2, "--%s %s: not a number from %u to %u", name, text, min,
		    max);
	return value;
}

static void parse_mac(const char *text, uint8_t mac[ETH_ALEN])
{
	struct ether_addr *address = ether_aton(text);

	/* ether_aton does not mind what follows the address. */
	if (!address || strlen(text) > strlen("02:00:00:00:00:01") ||
	    text[strspn(text, "0123456789abcdefABCDEF:")])
		die(2, "--dst-mac %s: not like 02:00:00:00:00:01", text);
	memcpy(mac, address, ETH_ALEN);
}

static uint32_t parse_ip(const char *name, const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		die(2, "--%s %s: not an IPv4 address", name, text);
	return ntohl(address.s_addr);
}

static enum kind parse_kind(const char *text)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (!strcmp(text, kind_names[i]))
			return i;
	}
	die(2, "no kind of frame is called %s", text);
}

static void print_usage(FILE *to)
{
	fputs("usage: frames IFNAME ipv4|ipv6|vlan|arp [option...]\n"
	      "  --count N        number of frames (1)\n"
	      "  --size BYTES     length of a frame (128)\n"
	      "  --burst N        frames sent in one go (64; with --every-us 1)\n"
	      "  --every-us US    time from burst to burst (none)\n"
	      "  --dst-mac MAC    destination (ff:ff:ff:ff:ff:ff)\n"
	      "  --src-ip ADDRESS IPv4 source, ARP sender (192.0.2.1)\n"
	      "  --dst-ip ADDRESS IPv4 destination, first ARP target "
	      "(192.0.2.2)\n"
	      "  --quiet          do not print the frames\n",
	      to);
}

static const struct option option_names[] = {
	{ "count", required_argument, NULL, 'c' },
	{ "size", required_argument, NULL, 's' },
	{ "burst", required_argument, NULL, 'b' },
	{ "every-us", required_argument, NULL, 'e' },
	{ "dst-mac", required_argument, NULL, 'm' },
	{ "src-ip", required_argument, NULL, 'S' },
	{ "dst-ip", required_argument, NULL, 'D' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static void parse_options(int argc, char **argv, struct options *options)
{
	bool has_ip = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", option_names, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->pace.frame_count =
				parse_number("count", optarg, 1, UINT32_MAX);
			break;
		case 's':
			options->traffic.frame_bytes = parse_number(
				"size", optarg, 0, FRAME_BYTES_MAX);
			break;
		case 'b':
			options->pace.burst_frames =
				parse_number("burst", optarg, 1, BURST_MAX);
			break;
		case 'e':
			options->pace.every_us =
				parse_number("every-us", optarg, 1, UINT32_MAX);
			break;
		case 'm':
			parse_mac(optarg, options->traffic.dst_mac);
			break;
		case 'S':
			options->traffic.src_ip = parse_ip("src-ip", optarg);
			has_ip = true;
			break;
		case 'D':
			options->traffic.dst_ip = parse_ip("dst-ip", optarg);
			has_ip = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'h':
			print_usage(stdout);
			exit(0);
		case ':':
			die(2, "%s needs a value", argv[optind - 1]);
		default:
			die(2, "no option %s, see --help", argv[optind - 1]);
		}
	}
	if (argc - optind != 2)
		die(2, "needs an interface and a kind of frame, see --help");
	options->ifname = argv[optind];
	options->traffic.kind = parse_kind(argv[optind + 1]);
	if (has_ip && options->traffic.kind == KIND_IPV6)
		die(2, "--src-ip and --dst-ip are not for ipv6");
}

/* What depends on more than one option. */
static void complete_options(struct options *options)
{
	const char *name = kind_names[options->traffic.kind];
	size_t min = frame_bytes_min(options->traffic.kind);

	if (options->traffic.frame_bytes < min)
		die(2, "--size %u: an %s frame has at least %zu bytes",
		    options->traffic.frame_bytes, name, min);
	if (!options->pace.burst_frames)
		options->pace.burst_frames =
			options->pace.every_us ? 1 : BURST_DEFAULT;
	if (options->pace.burst_frames > options->pace.frame_count)
		options->pace.burst_frames = options->pace.frame_count;
}

int main(int argc, char **argv)
{
	struct options options = {
		.traffic = {
			.frame_bytes = 128,
			.dst_mac = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
			/* RFC 5737: for documentation. */
			.src_ip = 0xc0000201,
			.dst_ip = 0xc0000202,
		},
		.pace.frame_count = 1,
	};
	uint32_t sent;
	int error;
	int fd;

	parse_options(argc, argv, &options);
	complete_options(&options);
	error = sender_open(options.ifname, options.traffic.src_mac, &fd);
	if (error)
		die(1, "cannot send on %s: %s", options.ifname,
		    strerror(-error));
	error = sender_send(fd, &options.traffic, &options.pace, &sent);
	close(fd);
	if (!options.quiet)
		print_frames(&options, sent);
	if (error)
		die(1, "%u of %u frames sent, then: %s", sent,
		    options.pace.frame_count, strerror(-error));
	return 0;
}

/* NOLINTEND(concurrency-mt-unsafe) */
