/* SPDX-License-Identifier: MIT */
/*
 * Expressions of libpcap, on packets with a link-layer header and without.
 */
#include "expression.h"

#include <criterion/criterion.h>
#include <linux/if_ether.h>
#include <string.h>

/* From 10.0.0.1, port 5, to 10.0.0.2, port 6. */
#define ETHERNET "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08\x00"
#define IP                                                         \
	"\x45\x00\x00\x20\x00\x07\x00\x00\x40\x11\x00\x00\x0a\x00" \
	"\x00\x01\x0a\x00\x00\x02\x00\x05\x00\x06\x00\x0c\x00\x00more"

static const struct packet with_ethernet = {
	.data = (const uint8_t *)ETHERNET IP,
	.data_len = sizeof(ETHERNET IP) - 1,
	.orig_size = 1500,
	.proto = ETH_P_IP,
};

static const struct packet without = {
	.data = (const uint8_t *)IP,
	.data_len = sizeof(IP) - 1,
	.orig_size = 1486,
	.proto = ETH_P_IP,
};

static bool matches(const char *text, const struct packet *packet)
{
	char cause[PCAP_ERRBUF_SIZE] = "";
	struct expression expression = { 0 };
	bool answer;

	cr_assert_eq(expression_compile(text, &expression, cause), 0, "%s",
		     cause);
	answer = expression_matches(&expression, packet);
	expression_free(&expression);
	return answer;
}

Test(expression, both_kinds_of_packet)
{
	cr_expect(matches("udp and dst port 6", &with_ethernet));
	cr_expect(matches("udp and dst port 6", &without));
	cr_expect(!matches("udp and dst port 5", &with_ethernet));
	cr_expect(!matches("udp and dst port 5", &without));
	cr_expect(matches("", &with_ethernet));
	cr_expect(matches("", &without));
}

Test(expression, of_ethernet_alone)
{
	cr_expect(matches("ether src 02:00:00:00:00:01", &with_ethernet));
	cr_expect(!matches("ether src 02:00:00:00:00:01", &without));
	cr_expect(!matches("ether[6] = 0x0a", &without));
}

/* The length is the packet's, and the bytes are those that are there. */
Test(expression, of_a_packet_that_was_cut)
{
	struct packet packet = with_ethernet;

	cr_expect(matches("greater 1500", &with_ethernet));
	cr_expect(!matches("greater 1501", &with_ethernet));
	packet.data_len = 14 + 20 + 2;
	cr_expect(matches("src port 5", &packet));
	cr_expect(!matches("dst port 6", &packet));
	packet.data_len = 0;
	cr_expect(!matches("ip", &packet));
}

/* No kernel is there to be asked for the tag: it is sought in the packet. */
Test(expression, of_a_tagged_packet)
{
	static const uint8_t tagged[] =
		"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01"
		"\x81\x00\x00\x05\x08\x00" IP;
	struct packet packet = with_ethernet;

	packet.data = tagged;
	packet.data_len = sizeof(tagged) - 1;
	cr_expect(matches("vlan", &packet));
	cr_expect(matches("vlan 5 and udp dst port 6", &packet));
	cr_expect(!matches("vlan 6", &packet));
	cr_expect(!matches("vlan", &with_ethernet));
}

Test(expression, that_asks_the_kernel)
{
	static const char *const texts[] = { "inbound", "not inbound",
					     "outbound", "ip and ifindex 1",
					     "ether[-1] = 0" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char cause[PCAP_ERRBUF_SIZE] = "";
		struct expression expression = { 0 };

		cr_expect_eq(expression_compile(texts[i], &expression, cause),
			     -1, "%s", texts[i]);
		cr_expect_neq(*cause, '\0');
		expression_free(&expression);
	}
}

Test(expression, that_makes_no_sense)
{
	char cause[PCAP_ERRBUF_SIZE] = "";
	struct expression expression = { 0 };

	cr_expect_eq(expression_compile("port port", &expression, cause), -1);
	cr_expect_neq(*cause, '\0');
	cr_expect_null(expression.ethernet.bf_insns);
}
