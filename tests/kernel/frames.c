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
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define VLAN_ID	      100
#define TTL	      64
#define UDP_PORT      6343
#define COUNTER_BYTES 4

#define ARP_BYTES  28
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define UDP_BYTES  8
#define VLAN_BYTES 4

#define FRAME_BYTES_MAX (ETH_HLEN + UINT16_MAX)
#define BURST_MAX	65536
#define BURST_DEFAULT	64

/* The interface's queue is full: wait and try again, but not for ever. */
#define RETRY_NS  1000000
#define RETRY_MAX 2000

enum kind {
	KIND_IPV4,
	KIND_IPV6,
	KIND_VLAN,
	KIND_ARP
};

static const struct {
	const char *name;
	size_t header_bytes;
} kinds[] = {
	[KIND_IPV4] = { "ipv4", ETH_HLEN + IPV4_BYTES + UDP_BYTES },
	[KIND_IPV6] = { "ipv6", ETH_HLEN + IPV6_BYTES + UDP_BYTES },
	[KIND_VLAN] = { "vlan",
			ETH_HLEN + VLAN_BYTES + IPV4_BYTES + UDP_BYTES },
	[KIND_ARP] = { "arp", ETH_HLEN + ARP_BYTES },
};

struct options {
	const char *ifname;
	enum kind kind;
	uint32_t frame_count;
	uint32_t frame_bytes;
	uint32_t burst_frames;
	uint32_t every_us;
	bool quiet;
	uint8_t src_mac[ETH_ALEN];
	uint8_t dst_mac[ETH_ALEN];
	uint32_t src_ip;
	uint32_t dst_ip;
};

/* The frames of a burst, as sendmmsg wants them. */
struct batch {
	uint8_t *frames;
	struct iovec *iovecs;
	struct mmsghdr *messages;
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

static uint8_t *put16(uint8_t *to, uint16_t value)
{
	*to++ = value >> 8;
	*to++ = value & 0xff;
	return to;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
	return put16(put16(to, value >> 16), value & 0xffff);
}

static uint8_t *put_bytes(uint8_t *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
	return to + bytes;
}

static uint32_t sum16(const uint8_t *from, size_t bytes, uint32_t sum)
{
	for (; bytes > 1; from += 2, bytes -= 2)
		sum += from[0] << 8 | from[1];
	if (bytes)
		sum += from[0] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* The number of the frame, then bytes that begin with its lowest one. */
static void put_payload(uint8_t *to, const uint8_t *end, uint32_t number)
{
	uint8_t byte = number & 0xff;

	to = put32(to, number);
	while (to < end)
		*to++ = byte++;
}

/* UDP up to end; address_bytes of addresses are right before it. */
static void put_udp(uint8_t *udp, const uint8_t *end, size_t address_bytes,
		    uint32_t number)
{
	uint16_t udp_bytes = end - udp;
	uint32_t sum = IPPROTO_UDP + udp_bytes;
	uint16_t check;
	uint8_t *to = udp;

	to = put16(to, UDP_PORT);
	to = put16(to, UDP_PORT);
	to = put16(to, udp_bytes);
	to = put16(to, 0);
	put_payload(to, end, number);

	sum = sum16(udp - address_bytes, address_bytes, sum);
	check = checksum(sum16(udp, udp_bytes, sum));
	/* RFC 768: 0 would mean that there is no checksum. */
	put16(udp + 6, check ? check : 0xffff);
}

static void put_ipv4(uint8_t *ip, const uint8_t *end,
		     const struct options *options, uint32_t number)
{
	uint8_t *to = ip;

	to = put16(to, 0x4500);
	to = put16(to, end - ip);
	to = put16(to, number & 0xffff);
	to = put16(to, 0);
	to = put16(to, TTL << 8 | IPPROTO_UDP);
	to = put16(to, 0);
	to = put32(to, options->src_ip);
	to = put32(to, options->dst_ip);
	put16(ip + 10, checksum(sum16(ip, IPV4_BYTES, 0)));
	put_udp(to, end, 8, number);
}

static void put_ipv6(uint8_t *ip, const uint8_t *end, uint32_t number)
{
	/* RFC 3849: for documentation. */
	static const uint8_t src[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	static const uint8_t dst[16] = { 0x20, 1, 0xd, 0xb8, [15] = 2 };
	uint8_t *to = ip;

	to = put32(to, 0x60000000);
	to = put16(to, end - ip - IPV6_BYTES);
	to = put16(to, IPPROTO_UDP << 8 | TTL);
	to = put_bytes(to, src, sizeof(src));
	to = put_bytes(to, dst, sizeof(dst));
	put_udp(to, end, 32, number);
}

/* Asks for one address after the other. */
static void put_arp(uint8_t *to, const uint8_t *end,
		    const struct options *options, uint32_t number)
{
	static const uint8_t unknown_mac[ETH_ALEN];

	to = put16(to, 1); /* hardware: Ethernet */
	to = put16(to, ETHERTYPE_IP);
	to = put16(to, ETH_ALEN << 8 | 4);
	to = put16(to, 1); /* operation: request */
	to = put_bytes(to, options->src_mac, ETH_ALEN);
	to = put32(to, options->src_ip);
	to = put_bytes(to, unknown_mac, ETH_ALEN);
	to = put32(to, options->dst_ip + number);
	memset(to, 0, end - to);
}

static void make_frame(uint8_t *to, const struct options *options,
		       uint32_t number)
{
	const uint8_t *end = to + options->frame_bytes;

	to = put_bytes(to, options->dst_mac, ETH_ALEN);
	to = put_bytes(to, options->src_mac, ETH_ALEN);
	switch (options->kind) {
	case KIND_VLAN:
		to = put16(to, ETHERTYPE_VLAN);
		to = put16(to, VLAN_ID);
		/* fall through */
	case KIND_IPV4:
		to = put16(to, ETHERTYPE_IP);
		put_ipv4(to, end, options, number);
		break;
	case KIND_IPV6:
		to = put16(to, ETHERTYPE_IPV6);
		put_ipv6(to, end, number);
		break;
	case KIND_ARP:
		to = put16(to, ETHERTYPE_ARP);
		put_arp(to, end, options, number);
		break;
	}
}

static void print_frames(const struct options *options, uint32_t count)
{
	static const char digits[] = "0123456789abcdef";
	static uint8_t frame[FRAME_BYTES_MAX];
	static char line[2 * FRAME_BYTES_MAX + 1];

	for (uint32_t i = 0; i < count; i++) {
		char *to = line;

		make_frame(frame, options, i);
		for (size_t j = 0; j < options->frame_bytes; j++) {
			*to++ = digits[frame[j] >> 4];
			*to++ = digits[frame[j] & 0xf];
		}
		*to++ = '\n';
		fwrite(line, 1, to - line, stdout);
	}
	if (fflush(stdout) || ferror(stdout))
		die(1, "cannot write to standard output");
}

/* A packet socket bound to the interface, which receives nothing. */
static int open_interface(struct options *options)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	struct ifreq ifreq = { 0 };
	int fd;

	address.sll_ifindex = if_nametoindex(options->ifname);
	if (!address.sll_ifindex)
		die(1, "no interface %s", options->ifname);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die(1, "cannot open a packet socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die(1, "cannot bind to %s: %s", options->ifname,
		    strerror(errno));

	/* if_nametoindex found it, so it fits. */
	strncpy(ifreq.ifr_name, options->ifname, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &ifreq))
		die(1, "no hardware address of %s: %s", options->ifname,
		    strerror(errno));
	memcpy(options->src_mac, ifreq.ifr_hwaddr.sa_data, ETH_ALEN);
	return fd;
}

/* Return: 0, or a negative errno; *sent tells how many went out anyway. */
static int send_burst(int fd, struct mmsghdr *messages, uint32_t count,
		      uint32_t *sent)
{
	static const struct timespec pause = { .tv_nsec = RETRY_NS };
	int retries = 0;

	for (*sent = 0; *sent < count;) {
		int n = sendmmsg(fd, messages + *sent, count - *sent, 0);

		if (n > 0) {
			*sent += n;
			retries = 0;
			continue;
		}
		if ((errno != ENOBUFS && errno != EINTR) ||
		    retries++ == RETRY_MAX)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static void sleep_until(const struct timespec *start, uint64_t offset_ns)
{
	struct timespec deadline = *start;

	offset_ns += deadline.tv_nsec;
	deadline.tv_sec += offset_ns / 1000000000;
	deadline.tv_nsec = offset_ns % 1000000000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline,
			       NULL) == EINTR)
		;
}

static void batch_init(struct batch *batch, uint32_t count, size_t bytes)
{
	batch->frames = calloc(count, bytes);
	batch->iovecs = calloc(count, sizeof(*batch->iovecs));
	batch->messages = calloc(count, sizeof(*batch->messages));
	if (!batch->frames || !batch->iovecs || !batch->messages)
		die(1, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		batch->iovecs[i].iov_base = batch->frames + i * bytes;
		batch->iovecs[i].iov_len = bytes;
		batch->messages[i].msg_hdr.msg_iov = &batch->iovecs[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

static void batch_fini(struct batch *batch)
{
	free(batch->messages);
	free(batch->iovecs);
	free(batch->frames);
}

/* Return: 0, or a negative errno; *sent tells how many went out anyway. */
static int send_frames(int fd, const struct options *options, uint32_t *sent)
{
	struct timespec start;
	uint64_t offset_ns = 0;
	struct batch batch;
	int error = 0;

	batch_init(&batch, options->burst_frames, options->frame_bytes);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (*sent = 0; *sent < options->frame_count && !error;) {
		uint32_t count = options->frame_count - *sent;
		uint32_t burst_sent;

		if (count > options->burst_frames)
			count = options->burst_frames;
		for (uint32_t i = 0; i < count; i++)
			make_frame(batch.iovecs[i].iov_base, options,
				   *sent + i);
		if (options->every_us)
			sleep_until(&start, offset_ns);
		offset_ns += options->every_us * UINT64_C(1000);
		error = send_burst(fd, batch.messages, count, &burst_sent);
		*sent += burst_sent;
	}
	batch_fini(&batch);
	return error;
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
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(text, kinds[i].name))
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
			options->frame_count =
				parse_number("count", optarg, 1, UINT32_MAX);
			break;
		case 's':
			options->frame_bytes = parse_number("size", optarg, 0,
							    FRAME_BYTES_MAX);
			break;
		case 'b':
			options->burst_frames =
				parse_number("burst", optarg, 1, BURST_MAX);
			break;
		case 'e':
			options->every_us =
				parse_number("every-us", optarg, 1, UINT32_MAX);
			break;
		case 'm':
			parse_mac(optarg, options->dst_mac);
			break;
		case 'S':
			options->src_ip = parse_ip("src-ip", optarg);
			has_ip = true;
			break;
		case 'D':
			options->dst_ip = parse_ip("dst-ip", optarg);
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
	options->kind = parse_kind(argv[optind + 1]);
	if (has_ip && options->kind == KIND_IPV6)
		die(2, "--src-ip and --dst-ip are not for ipv6");
}

/* What depends on more than one option. */
static void complete_options(struct options *options)
{
	const char *name = kinds[options->kind].name;
	size_t min = kinds[options->kind].header_bytes;

	if (options->kind != KIND_ARP)
		min += COUNTER_BYTES;
	if (options->frame_bytes < min)
		die(2, "--size %u: an %s frame has at least %zu bytes",
		    options->frame_bytes, name, min);
	if (!options->burst_frames)
		options->burst_frames = options->every_us ? 1 : BURST_DEFAULT;
	if (options->burst_frames > options->frame_count)
		options->burst_frames = options->frame_count;
}

int main(int argc, char **argv)
{
	struct options options = {
		.frame_count = 1,
		.frame_bytes = 128,
		.dst_mac = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		/* RFC 5737: for documentation. */
		.src_ip = 0xc0000201,
		.dst_ip = 0xc0000202,
	};
	uint32_t sent;
	int error;
	int fd;

	parse_options(argc, argv, &options);
	complete_options(&options);
	fd = open_interface(&options);
	error = send_frames(fd, &options, &sent);
	close(fd);
	if (!options.quiet)
		print_frames(&options, sent);
	if (error)
		die(1, "%u of %u frames sent, then: %s", sent,
		    options.frame_count, strerror(-error));
	return 0;
}

/* NOLINTEND(concurrency-mt-unsafe) */
