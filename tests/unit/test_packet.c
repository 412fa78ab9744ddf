/* SPDX-License-Identifier: MIT */
/*
 * Packets that tcpdump cannot judge, for psample says more or less of them than
 * a capture does, or that are made to lead us astray. Each stands at the end of
 * a page, so that a byte too far is seen. tests/tool/packets.sh has the others.
 */
#include "guard.h"
#include "packet.h"

#include <criterion/criterion.h>
#include <linux/if_ether.h>
#include <string.h>

#define MACS "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01"
#define IP4(length, protocol)                             \
	"\x45\x00" length "\x00\x07\x00\x00\x40" protocol \
	"\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02"
#define UDP "\x00\x05\x00\x06\x00\x0c\x00\x00"

#define PACKET(proto, bytes) packet_of(proto, bytes, sizeof(bytes) - 1)

static char line[PACKET_TEXT_MAX + 1];

static struct packet packet_of(uint16_t proto, const char *bytes, size_t count)
{
	return (struct packet){ .data = guard_place(bytes, count),
				.data_len = (uint32_t)count,
				.orig_size = (uint32_t)count,
				.proto = proto };
}

static const char *text(struct packet packet)
{
	char *end = packet_text(line, &packet, false);

	cr_assert_leq(end - line, PACKET_TEXT_MAX);
	*end = '\0';
	return line;
}

Test(packet, no_bytes)
{
	cr_expect_str_eq(text(PACKET(ETH_P_IP, "")), "ethertype IPv4 (0x0800)");
	cr_expect_str_eq(text(PACKET(0, "")), "no bytes");
}

Test(packet, ieee_802_3)
{
	cr_expect_str_eq(text(PACKET(ETH_P_802_2, MACS "\x00\x03\x42\x42\x03")),
			 "802.3, length 3");
}

/* What will be cut up only when it is sent has no length yet. */
Test(packet, above_64_kib)
{
	struct packet packet =
		PACKET(ETH_P_IP, MACS "\x08\x00" IP4("\x00\x00", "\x11") UDP);

	packet.orig_size = 100042;
	cr_expect_str_eq(text(packet),
			 "IP 10.0.0.1.5 > 10.0.0.2.6: UDP, length 100000");
}

/* orig_size is what its sender says. */
Test(packet, more_bytes_than_the_packet_had)
{
	struct packet packet = PACKET(
		ETH_P_IP, MACS "\x08\x00" IP4("\x00\x20", "\x11") UDP "more");

	packet.orig_size = 0;
	cr_expect_str_eq(text(packet),
			 "IP 10.0.0.1.5 > 10.0.0.2.6: UDP, length 4");
}

/* Ethernet is padded to 60 bytes: what is behind an IP packet is none of it. */
Test(packet, padding_is_no_header)
{
	cr_expect_str_eq(
		text(PACKET(ETH_P_IP, MACS "\x08\x00" IP4("\x00\x18", "\x11")
					      UDP "padding")),
		"IP 10.0.0.1.5 > 10.0.0.2.6: [|udp]");
}

Test(packet, tags_before_the_type)
{
	struct packet packet = PACKET(
		ETH_P_IP, "\x45\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00"
			  "\x01\x88\xa8\x00\x07\x81\x00\x60\x05\x08\x00" IP4(
				  "\x00\x20", "\x11") UDP "more");

	cr_expect(packet_is_ethernet(&packet));
	cr_expect_str_eq(text(packet), "vlan 7, vlan 5, p 3, IP 10.0.0.1.5 > "
				       "10.0.0.2.6: UDP, length 4");
}

/* The first bytes of an address of Ethernet look like IPv4. */
Test(packet, an_address_that_begins_like_ip)
{
	struct packet packet = PACKET(
		ETH_P_IP, "\x45\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00"
			  "\x01\x08\x00" IP4("\x00\x20", "\x11") UDP "more");
	cr_expect(packet_is_ethernet(&packet));
	cr_expect_str_eq(text(packet),
			 "IP 10.0.0.1.5 > 10.0.0.2.6: UDP, length 4");
}

/* Its address is 8.0.0.1, where Ethernet would say IPv4. */
Test(packet, an_address_of_ip_that_looks_like_an_ethertype)
{
	struct packet packet = PACKET(
		ETH_P_IP, "\x45\x00\x00\x20\x00\x07\x00\x00\x40\x11\x00\x00"
			  "\x08\x00\x00\x01\x0a\x00\x00\x02" UDP "more");

	cr_expect(!packet_is_ethernet(&packet));
	cr_expect_str_eq(text(packet),
			 "IP 8.0.0.1.5 > 10.0.0.2.6: UDP, length 4");
}

Test(packet, the_version_is_not_what_the_type_says)
{
	cr_expect_str_eq(
		text(PACKET(ETH_P_IPV6, MACS "\x86\xdd" IP4("\x00\x20", "\x11")
						UDP "and more of it")),
		"IP6 bad header");
}

/* Each tag is a header, and their number is the sender's. */
Test(packet, tags_without_end)
{
	uint8_t bytes[4096];
	struct packet packet = { .data = bytes,
				 .data_len = sizeof(bytes),
				 .orig_size = sizeof(bytes),
				 .proto = ETH_P_8021Q };

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i % 4 == 0 ? 0x81 : 0;
	text(packet);
	cr_expect_str_eq(line + strlen(line) - 3, "...");
}

Test(packet, labels_and_ip_within_ip_without_end)
{
	static const uint8_t ip6[] = { 0x60, 0, 0, 0, 0, 0, 0x29, 0x40 };
	static const uint8_t mpls[] = { 0x88, 0x47 };
	static uint8_t bytes[4000];
	struct packet packet = { .data = bytes,
				 .data_len = sizeof(bytes),
				 .orig_size = sizeof(bytes),
				 .proto = ETH_P_IPV6 };

	/* IPv6 within IPv6, addresses as long as they get. */
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i += 40)
		memcpy(bytes + i, ip6, sizeof(ip6));
	text(packet);
	cr_expect_str_eq(line + strlen(line) - 3, "...");
	memset(bytes, 0, sizeof(bytes));
	packet.proto = ETH_P_MPLS_UC;
	memcpy(bytes + 12, mpls, sizeof(mpls));
	text(packet);
	cr_expect_str_eq(line + strlen(line) - 3, "...");
}
