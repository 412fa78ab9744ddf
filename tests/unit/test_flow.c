/* SPDX-License-Identifier: MIT */
/*
 * Shard flow, by the BPF program on a real socket: both directions of a
 * connection go to one queue, connections spread, and what cannot be told goes
 * to queue 0. Nothing here knows the hash.
 */
#include "leaks.h"
#include "message.h"
#include "multicast.h"
#include "share.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CLIENTS	     64

#define TCP  6
#define ICMP 1
#define ARP  0x0806
#define IPV4 0x0800
#define IPV6 0x86dd

/* A packet in the making. */
struct packet {
	uint8_t bytes[256];
	size_t len;
	uint16_t proto; /* what the kernel takes it for */
};

/* The two ends of a connection. */
struct ends {
	uint8_t client_addr[16]; /* 4 of them in IPv4 */
	uint8_t server_addr[16];
	uint16_t client_port;
	uint16_t server_port;
};

static struct message message;
static struct share share;

static void flow_init(void)
{
	struct psr_config config;

	multicast_isolate();
	psr_config_init(&config);
	config.transport = PSR_TRANSPORT_BPF;
	config.shard = PSR_SHARD_FLOW;
	config.queue_count = SHARE_QUEUES_MAX;
	share_open(&share, &config);
}

static void flow_fini(void)
{
	share_close(&share);
	leaks_assert_none();
}

TestSuite(flow, .init = flow_init, .fini = flow_fini);

static void put(struct packet *packet, const void *bytes, size_t count)
{
	cr_assert_leq(packet->len + count, sizeof(packet->bytes));
	memcpy(packet->bytes + packet->len, bytes, count);
	packet->len += count;
}

static void put_u16(struct packet *packet, uint16_t number)
{
	const uint16_t big_endian = htons(number);

	put(packet, &big_endian, sizeof(big_endian));
}

/* Both addresses, and as many VLAN tags. */
static void put_ethernet(struct packet *packet, uint32_t tags, uint16_t type)
{
	packet->proto = type;
	put(packet, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	for (uint32_t i = 0; i < tags; i++) {
		put_u16(packet, i + 1 < tags ? 0x88a8 : 0x8100);
		put_u16(packet, (uint16_t)(100 + i));
	}
	put_u16(packet, type);
}

static void put_ports(struct packet *packet, const struct ends *ends,
		      bool reply)
{
	put_u16(packet, reply ? ends->server_port : ends->client_port);
	put_u16(packet, reply ? ends->client_port : ends->server_port);
}

struct ipv4 {
	uint8_t words; /* of header, with options */
	uint8_t protocol;
	uint16_t fragment; /* the field as it stands there */
};

static void put_ipv4(struct packet *packet, const struct ends *ends, bool reply,
		     struct ipv4 ipv4)
{
	const uint8_t version_ihl = (uint8_t)(0x40 | ipv4.words);
	static const uint8_t options[40] = { 1, 1, 1 };

	put(packet, &version_ihl, 1);
	put(packet, reply ? "\1" : "\0", 1); /* TOS: no part of the flow */
	put_u16(packet, 100);
	put_u16(packet, reply ? 77 : 33); /* neither is the id */
	put_u16(packet, ipv4.fragment);
	put(packet, reply ? "\x40" : "\x3f", 1);
	put(packet, &ipv4.protocol, 1);
	put_u16(packet, reply ? 0x1234 : 0x4321);
	put(packet, reply ? ends->server_addr : ends->client_addr, 4);
	put(packet, reply ? ends->client_addr : ends->server_addr, 4);
	put(packet, options, (ipv4.words - 5u) * 4);
}

static void put_ipv6(struct packet *packet, const struct ends *ends, bool reply,
		     uint8_t next_header)
{
	put(packet, reply ? "\x60\0\0\1" : "\x6f\0\0\2", 4);
	put_u16(packet, 60);
	put(packet, &next_header, 1);
	put(packet, reply ? "\x40" : "\x3f", 1);
	put(packet, reply ? ends->server_addr : ends->client_addr, 16);
	put(packet, reply ? ends->client_addr : ends->server_addr, 16);
}

/* The queue that gets a sample of @packet. */
static int queue_of(const struct packet *packet)
{
	const uint32_t number = 5;

	message_begin(&message);
	message_put(&message, PSAMPLE_IIFINDEX, &(uint16_t){ 3 }, 2);
	message_put(&message, PSAMPLE_SAMPLE_RATE, &number, 4);
	message_put(&message, PSAMPLE_ORIGSIZE, &number, 4);
	message_put(&message, PSAMPLE_SAMPLE_GROUP, &number, 4);
	message_put(&message, PSAMPLE_GROUP_SEQ, &number, 4);
	message_put(&message, PSAMPLE_TIMESTAMP, &(uint64_t){ 1 }, 8);
	message_put(&message, PSAMPLE_PROTO, &packet->proto, 2);
	message_put(&message, PSAMPLE_DATA, packet->bytes, packet->len);
	return share_send(&share, message.bytes, message.len);
}

static struct ends ends_of(uint32_t client)
{
	struct ends ends = {
		.client_addr = { 192, 0, 2, 1, 9 },
		.server_addr = { 198, 51, 100, 2, 8 },
		.client_port = (uint16_t)(40000 + client),
		.server_port = 443,
	};

	/* Some differ by address, in its first and in its last 4 bytes. */
	ends.client_addr[3] = (uint8_t)(client % 5);
	ends.client_addr[15] = (uint8_t)(client % 3);
	return ends;
}

/* A way in which a packet may carry a connection. */
typedef void (*maker)(struct packet *packet, const struct ends *ends,
		      bool reply);

static struct packet packet_of(maker make, uint32_t client, bool reply)
{
	const struct ends ends = ends_of(client);
	struct packet packet = { .len = 0 };

	make(&packet, &ends, reply);
	put(&packet, reply ? "pong" : "ping", 4);
	return packet;
}

/* Each connection is one queue's, and they are not all the same one's. */
static void expect_flows(maker make, const char *name)
{
	uint32_t met = 0;

	for (uint32_t client = 0; client < CLIENTS; client++) {
		const struct packet there = packet_of(make, client, false);
		const struct packet back = packet_of(make, client, true);
		int queue = queue_of(&there);

		cr_expect_geq(queue, 0, "%s: %d", name, queue);
		cr_expect_eq(queue_of(&back), queue, "%s, client %u", name,
			     client);
		met |= 1u << queue;
	}
	cr_expect_eq(met, (1u << SHARE_QUEUES_MAX) - 1, "%s: queues %#x", name,
		     met);
}

static void make_ipv4(struct packet *packet, const struct ends *ends,
		      bool reply)
{
	put_ethernet(packet, 0, IPV4);
	put_ipv4(packet, ends, reply, (struct ipv4){ 5, TCP, 0x4000 });
	put_ports(packet, ends, reply);
}

/* Options in one direction only; the other comes from behind a tag. */
static void make_ipv4_options(struct packet *packet, const struct ends *ends,
			      bool reply)
{
	put_ethernet(packet, reply, IPV4);
	put_ipv4(packet, ends, reply, (struct ipv4){ reply ? 15 : 5, 17, 0 });
	put_ports(packet, ends, reply);
}

static void make_ipv4_tags(struct packet *packet, const struct ends *ends,
			   bool reply)
{
	put_ethernet(packet, reply ? 4 : 2, IPV4);
	put_ipv4(packet, ends, reply, (struct ipv4){ 5, 132, 0 });
	put_ports(packet, ends, reply);
}

static void make_ipv4_bare(struct packet *packet, const struct ends *ends,
			   bool reply)
{
	packet->proto = IPV4;
	put_ipv4(packet, ends, reply, (struct ipv4){ 5, TCP, 0 });
	put_ports(packet, ends, reply);
}

static void make_ipv6(struct packet *packet, const struct ends *ends,
		      bool reply)
{
	put_ethernet(packet, reply, IPV6);
	put_ipv6(packet, ends, reply, TCP);
	put_ports(packet, ends, reply);
}

static void make_ipv6_bare(struct packet *packet, const struct ends *ends,
			   bool reply)
{
	packet->proto = IPV6;
	put_ipv6(packet, ends, reply, 17);
	put_ports(packet, ends, reply);
}

/* Hop-by-hop, routing, authentication, destination, in one direction. */
static void make_ipv6_headers(struct packet *packet, const struct ends *ends,
			      bool reply)
{
	static const uint8_t headers[8 + 16 + 12 + 8] = {
		[0] = 43,   [1] = 0,  /* 8 bytes */
		[8] = 51,   [9] = 1,  /* 16 */
		[24] = 60,  [25] = 1, /* 12: counted otherwise */
		[36] = TCP, [37] = 0, /* 8 */
	};

	put_ethernet(packet, 0, IPV6);
	put_ipv6(packet, ends, reply, reply ? 0 : TCP);
	put(packet, headers, reply ? sizeof(headers) : 0);
	put_ports(packet, ends, reply);
}

Test(flow, both_directions)
{
	expect_flows(make_ipv4, "IPv4");
	expect_flows(make_ipv4_options, "IPv4 with options");
	expect_flows(make_ipv4_tags, "IPv4 behind tags");
	expect_flows(make_ipv4_bare, "IPv4 without Ethernet");
	expect_flows(make_ipv6, "IPv6");
	expect_flows(make_ipv6_bare, "IPv6 without Ethernet");
	expect_flows(make_ipv6_headers, "IPv6 with extension headers");
}

/* Whatever their ports, of which a later fragment has none. */
static void make_ipv4_fragment(struct packet *packet, const struct ends *ends,
			       bool reply)
{
	put_ethernet(packet, 0, IPV4);
	put_ipv4(packet, ends, reply,
		 (struct ipv4){ 5, TCP, reply ? 0x00b9 : 0x2000 });
	put_ports(packet, ends, ends->client_port % 2);
}

static void make_ipv6_fragment(struct packet *packet, const struct ends *ends,
			       bool reply)
{
	put_ethernet(packet, 0, IPV6);
	put_ipv6(packet, ends, reply, 44);
	put(packet, reply ? "\6\0\0\1\0\0\0\7" : "\6\0\5\xc8\0\0\0\7", 8);
	put_ports(packet, ends, ends->client_port % 2);
}

static void make_ping(struct packet *packet, const struct ends *ends,
		      bool reply)
{
	put_ethernet(packet, 0, IPV4);
	put_ipv4(packet, ends, reply, (struct ipv4){ 5, ICMP, 0 });
	put(packet, reply ? "\0\0\x12\x34" : "\x8\0\x56\x78", 4);
}

/* Of clients with the same address: 15 is a multiple of 5 and of 3. */
static void expect_no_ports(maker make, const char *name)
{
	const struct packet first = packet_of(make, 0, false);
	int queue = queue_of(&first);

	for (uint32_t client = 0; client < CLIENTS; client += 15) {
		const struct packet there = packet_of(make, client, false);
		const struct packet back = packet_of(make, client, true);

		cr_expect_eq(queue_of(&there), queue, "%s", name);
		cr_expect_eq(queue_of(&back), queue, "%s back", name);
	}
}

Test(flow, ports_that_are_none)
{
	expect_no_ports(make_ipv4_fragment, "IPv4 fragments");
	expect_no_ports(make_ipv6_fragment, "IPv6 fragments");
	expect_no_ports(make_ping, "ICMP");
}

/*
 * Queue 0, for everything that hash values would spread; whatever the MAC
 * address begins with, be it what IP would begin with.
 */
static void expect_unknown(uint8_t first, uint16_t type, const char *name)
{
	static const uint8_t macs[] = { 0x02, 0x48, 0x60 };

	for (uint32_t client = 0; client < CLIENTS; client++) {
		const struct ends ends = ends_of(client);
		struct packet packet = { .len = 0 };

		put_ethernet(&packet, 0, type);
		packet.bytes[0] = macs[client % COUNT(macs)];
		put(&packet, &first, 1);
		put(&packet, &ends, sizeof(ends));
		cr_expect_eq(queue_of(&packet), 0, "%s, client %u", name,
			     client);
	}
}

Test(flow, unknown_goes_to_queue_0)
{
	static const struct packet empty;

	expect_unknown(0, ARP, "ARP");
	expect_unknown(0x45, 0x8847, "MPLS");
	expect_unknown(0x45, 0x8100, "a tag before nothing known");
	cr_expect_eq(queue_of(&empty), 0);
	cr_expect_eq(share_send(&share, "abc", 3), 0);
}

/* Cut anywhere, a packet has one queue: without its addresses it is 0. */
Test(flow, cut_anywhere)
{
	static const maker makes[] = { make_ipv4_tags, make_ipv6_headers };
	static const size_t addresses[] = { 14 + 16 + 20, 14 + 40 };

	for (size_t i = 0; i < COUNT(makes); i++) {
		struct packet packet = packet_of(makes[i], 7, true);
		size_t whole = packet.len;

		for (packet.len = 0; packet.len < whole; packet.len++) {
			int queue = queue_of(&packet);

			cr_expect_geq(queue, 0, "%zu bytes", packet.len);
			if (packet.len < addresses[i])
				cr_expect_eq(queue, 0, "%zu", packet.len);
		}
	}
}
