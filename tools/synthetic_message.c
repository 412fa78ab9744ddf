/* SPDX-License-Identifier: MIT */
/*
 * The message of the synthetic source: prepare, stamp, check.
 *
 * The packet is Ethernet, IPv4, UDP. Only its direction, the client's port and
 * the payload differ from sample to sample, so that the IPv4 checksum is
 * computed once; UDP's is 0, which RFC 768 defines as "not computed". All
 * follow from sample group and sequence number alone, the payload as a run of
 * 64-bit words: a receiver that knows both numbers knows every byte.
 */
#include "synthetic_message.h"

#include "synthetic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>

/* Family ids begin at GENL_MIN_ID, 16; psample gets one of the next. */
#define SYNTHETIC_FAMILY 32
#define SYNTHETIC_RATE	 100

/* Dynamic ports (RFC 6335), 16384 flows; port 7 is "echo". */
#define CLIENT_PORT_FIRST 49152
#define CLIENT_PORT_COUNT 16384
#define SERVER_PORT	  7

/*
 * What stands before the payload. Packed, because Ethernet's 14 bytes leave
 * IPv4's words on odd halves.
 */
struct packet_headers {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

static_assert(sizeof(struct packet_headers) == SYNTHETIC_SIZE_MIN,
	      "the smallest packet has no payload");

/* The longest message that psample makes: PSAMPLE_MAX_PACKET_SIZE + headers. */
static_assert(NLMSG_ALIGN(offsetof(struct synthetic_message, data) +
			  SYNTHETIC_SIZE_MAX) == 65552,
	      "SYNTHETIC_SIZE_MAX");

/* RFC 1071, over the 20 bytes of a header whose checksum field is 0. */
static uint16_t ip_checksum(const struct iphdr *ip)
{
	uint16_t words[sizeof(*ip) / 2];
	uint32_t sum = 0;

	memcpy(words, ip, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/*
 * A question and its echo by turns: 192.0.2.1 and 192.0.2.2 (RFC 5737), with
 * locally administered MACs that end alike.
 */
static void packet_turn(struct packet_headers *packet, uint32_t group_seq)
{
	uint16_t client = htons((uint16_t)(CLIENT_PORT_FIRST +
					   group_seq / 2 % CLIENT_PORT_COUNT));
	bool echo = group_seq % 2;

	packet->ethernet.h_source[5] = echo ? 2 : 1;
	packet->ethernet.h_dest[5] = echo ? 1 : 2;
	packet->ip.saddr = htonl(echo ? 0xc0000202 : 0xc0000201);
	packet->ip.daddr = htonl(echo ? 0xc0000201 : 0xc0000202);
	packet->udp.source = echo ? htons(SERVER_PORT) : client;
	packet->udp.dest = echo ? client : htons(SERVER_PORT);
}

/* The first direction's; the checksum is the same for both. */
static void packet_init(struct packet_headers *ret_packet, uint32_t size)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tot_len = htons((uint16_t)(size - sizeof(struct ethhdr))),
		.frag_off = htons(IP_DF),
		.ttl = IPDEFTTL,
		.protocol = IPPROTO_UDP,
		.saddr = htonl(0xc0000201),
		.daddr = htonl(0xc0000202),
	};

	ip.check = ip_checksum(&ip);
	*ret_packet = (struct packet_headers){
		.ethernet.h_dest = { 0x02, 0, 0, 0, 0, 2 },
		.ethernet.h_source = { 0x02, 0, 0, 0, 0, 1 },
		.ethernet.h_proto = htons(ETH_P_IP),
		.ip = ip,
		.udp.len = htons((uint16_t)(size - sizeof(struct ethhdr) -
					    sizeof(struct iphdr))),
	};
}

/*
 * Word @index of the payload. Multiplying by odd constants spreads each bit of
 * group and sequence number over the word, so that no two samples look alike.
 */
static uint64_t pattern_word(uint64_t key, uint32_t index)
{
	return key + index * 0x9e3779b97f4a7c15ULL;
}

static uint64_t pattern_key(uint32_t group, uint32_t group_seq)
{
	uint64_t key = (uint64_t)group << 32 | group_seq;

	key *= 0xd1342543de82ef95ULL;
	key ^= key >> 32;
	return key * 0xaf251af3b0f025b5ULL;
}

static void pattern_write(uint8_t *payload, uint32_t length, uint64_t key)
{
	uint32_t words = length / 8;
	uint64_t word;

	for (uint32_t i = 0; i < words; i++) {
		word = pattern_word(key, i);
		memcpy(payload + 8 * i, &word, 8);
	}
	word = pattern_word(key, words);
	memcpy(payload + 8 * words, &word, length % 8);
}

static int pattern_differs(const uint8_t *payload, uint32_t length,
			   uint64_t key)
{
	uint32_t words = length / 8;
	uint64_t word;

	for (uint32_t i = 0; i < words; i++) {
		word = pattern_word(key, i);
		if (memcmp(payload + 8 * i, &word, 8) != 0)
			return 1;
	}
	word = pattern_word(key, words);
	return memcmp(payload + 8 * words, &word, length % 8) != 0;
}

static struct nlattr attribute(uint16_t type, uint32_t length)
{
	return (struct nlattr){
		.nla_type = type,
		.nla_len = (uint16_t)(sizeof(struct nlattr) + length),
	};
}

void synthetic_message_init(struct synthetic_message *message, uint32_t size,
			    uint32_t portid)
{
	*message = (struct synthetic_message){
		.header.netlink.nlmsg_len = synthetic_message_bytes(size),
		.header.netlink.nlmsg_type = SYNTHETIC_FAMILY,
		.header.netlink.nlmsg_pid = portid,
		.header.generic.cmd = PSAMPLE_VERB_SAMPLE,
		.header.generic.version = 1,
		.iif.attribute = attribute(PSAMPLE_IIFINDEX, 2),
		.rate.attribute = attribute(PSAMPLE_SAMPLE_RATE, 4),
		.rate.value = SYNTHETIC_RATE,
		.orig_size.attribute = attribute(PSAMPLE_ORIGSIZE, 4),
		.orig_size.value = size,
		.group.attribute = attribute(PSAMPLE_SAMPLE_GROUP, 4),
		.group_seq.attribute = attribute(PSAMPLE_GROUP_SEQ, 4),
		.timestamp_attribute = attribute(PSAMPLE_TIMESTAMP, 8),
		.proto.attribute = attribute(PSAMPLE_PROTO, 2),
		.proto.value = ETH_P_IP,
		.data_attribute = attribute(PSAMPLE_DATA, size),
	};
	packet_init((struct packet_headers *)message->data, size);
}

void synthetic_message_stamp(struct synthetic_message *message,
			     const struct synthetic_stamp *stamp)
{
	struct packet_headers *packet = (struct packet_headers *)message->data;

	message->iif.value = (uint16_t)stamp->iif;
	message->group.value = stamp->group;
	message->group_seq.value = stamp->group_seq;
	message->timestamp_ns = stamp->timestamp_ns;
	packet_turn(packet, stamp->group_seq);
	pattern_write(message->data + sizeof(*packet),
		      message->orig_size.value - (uint32_t)sizeof(*packet),
		      pattern_key(stamp->group, stamp->group_seq));
}

int synthetic_check(const uint8_t *data, uint32_t data_len, uint32_t orig_size,
		    uint32_t group, uint32_t group_seq)
{
	struct packet_headers packet;
	uint32_t headers = sizeof(packet);

	if (data_len > orig_size || orig_size < SYNTHETIC_SIZE_MIN ||
	    orig_size > SYNTHETIC_SIZE_MAX)
		return -EBADMSG;
	packet_init(&packet, orig_size);
	packet_turn(&packet, group_seq);
	if (data_len <= headers)
		return memcmp(data, &packet, data_len) ? -EBADMSG : 0;
	if (memcmp(data, &packet, headers) != 0 ||
	    pattern_differs(data + headers, data_len - headers,
			    pattern_key(group, group_seq)))
		return -EBADMSG;
	return 0;
}
