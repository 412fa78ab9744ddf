/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The flow of a sampled packet: a number that is the same for both directions
 * of a connection, from addresses, protocol and ports.
 *
 * Ports count where they are sure to be there: not in any fragment, so that
 * all fragments of a packet go one way.
 */
#ifndef FLOW_BPF_H
#define FLOW_BPF_H

#include "attribute.bpf.h"

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>

#define VLAN_TAGS_MAX	 4
#define VLAN_TAG_BYTES	 4
#define IPV6_HEADERS_MAX 6
#define IPV4_FRAGMENT	 0x3fff /* more follow, or an offset */

struct ports {
	uint16_t source;
	uint16_t destination;
};

/* The finalizer of splitmix64 (Vigna 2015). */
static __always_inline uint64_t mix(uint64_t bits)
{
	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
	return bits ^ (bits >> 31);
}

/* The sum of both ends does not tell which of them sent. */
static __always_inline uint64_t flow_between(uint64_t source,
					     uint64_t destination,
					     const struct ports *ports,
					     uint8_t protocol)
{
	uint64_t from = mix(source + ports->source);
	uint64_t to = mix(destination + ports->destination);

	return mix(from + to + protocol);
}

static __always_inline void load_ports(struct __sk_buff *skb,
				       const struct range *range,
				       uint8_t protocol,
				       struct ports *ret_ports)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_DCCP:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		(void)load(skb, range, ret_ports, sizeof(*ret_ports));
	}
}

static __always_inline bool flow_ipv4(struct __sk_buff *skb,
				      struct range packet, uint64_t *ret_flow)
{
	struct ports ports = { 0 };
	struct iphdr header;

	if (!load(skb, &packet, &header, sizeof(header)) || header.version != 4)
		return false;
	packet.offset += header.ihl * 4u;
	if (!(header.frag_off & bpf_htons(IPV4_FRAGMENT)))
		load_ports(skb, &packet, header.protocol, &ports);
	/* Above the port, which is added. */
	*ret_flow = flow_between((uint64_t)header.saddr << 16,
				 (uint64_t)header.daddr << 16, &ports,
				 header.protocol);
	return true;
}

/* Goes over the extension headers. False: a fragment, or cut off in them. */
static __always_inline bool skip_ipv6(struct __sk_buff *skb,
				      struct range *packet, uint8_t *protocol)
{
	uint8_t header[2]; /* the next one's number, this one's length */

	for (int i = 0; i < IPV6_HEADERS_MAX; i++) {
		uint8_t number = *protocol;

		if (number != IPPROTO_HOPOPTS && number != IPPROTO_ROUTING &&
		    number != IPPROTO_FRAGMENT && number != IPPROTO_AH &&
		    number != IPPROTO_DSTOPTS)
			return true;
		if (!load(skb, packet, header, sizeof(header)))
			return false;
		*protocol = header[0];
		if (number == IPPROTO_FRAGMENT)
			return false;
		packet->offset += number == IPPROTO_AH ? (header[1] + 2u) * 4
						       : (header[1] + 1u) * 8;
	}
	return false;
}

static __always_inline uint64_t ipv6_address(const struct in6_addr *address)
{
	uint64_t halves[2];

	__builtin_memcpy(halves, address, sizeof(halves));
	return mix(halves[0]) + halves[1];
}

static __always_inline bool flow_ipv6(struct __sk_buff *skb,
				      struct range packet, uint64_t *ret_flow)
{
	struct ports ports = { 0 };
	struct ipv6hdr header;
	uint8_t protocol;

	if (!load(skb, &packet, &header, sizeof(header)) || header.version != 6)
		return false;
	packet.offset += sizeof(header);
	protocol = header.nexthdr;
	if (skip_ipv6(skb, &packet, &protocol))
		load_ports(skb, &packet, protocol, &ports);
	*ret_flow = flow_between(ipv6_address(&header.saddr),
				 ipv6_address(&header.daddr), &ports, protocol);
	return true;
}

static __always_inline bool flow_frame(struct __sk_buff *skb,
				       struct range frame, uint64_t *ret_flow)
{
	uint16_t type;

	frame.offset += 2 * ETH_ALEN;
	for (int i = 0; i <= VLAN_TAGS_MAX; i++) {
		if (!load(skb, &frame, &type, sizeof(type)))
			return false;
		if (type != bpf_htons(ETH_P_8021Q) &&
		    type != bpf_htons(ETH_P_8021AD))
			break;
		frame.offset += VLAN_TAG_BYTES;
	}
	frame.offset += sizeof(type);
	if (type == bpf_htons(ETH_P_IP))
		return flow_ipv4(skb, frame, ret_flow);
	if (type == bpf_htons(ETH_P_IPV6))
		return flow_ipv6(skb, frame, ret_flow);
	return false;
}

/*
 * Nothing in a sample says whether its interface has link-layer headers (a
 * tunnel's may have none). So it is a frame if it reads as one, else IP if the
 * kernel took it for that: else a frame of anything, to a MAC address that
 * begins with 4 or 6, would be read as IP.
 */
static __always_inline bool flow_of(struct __sk_buff *skb,
				    const struct slots *slots,
				    struct range packet, uint64_t *ret_flow)
{
	uint32_t protocol = 0; /* PROTO is in the machine's byte order */

	if (flow_frame(skb, packet, ret_flow))
		return true;
	(void)find_value(skb, slots, PSAMPLE_PROTO, &protocol);
	if (protocol == ETH_P_IP)
		return flow_ipv4(skb, packet, ret_flow);
	return protocol == ETH_P_IPV6 && flow_ipv6(skb, packet, ret_flow);
}

#endif /* FLOW_BPF_H */
