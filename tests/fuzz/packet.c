/* SPDX-License-Identifier: MIT */
/*
 * The packet of a sample under libFuzzer: any bytes, as of an Ethernet device and
 * of ones without. They stand in a buffer of their own size, so that
 * AddressSanitizer sees a byte too far; and so does the line, at its longest.
 */
#include "packet.h"

#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void tell(const struct packet *packet, bool with_link)
{
	char *line = malloc(PACKET_TEXT_MAX);
	char *end;

	check(line);
	end = packet_text(line, packet, with_link);
	check(end > line && end <= line + PACKET_TEXT_MAX);
	for (const char *at = line; at < end; at++)
		check(*at >= ' ' && *at <= '~');
	free(line);
}

/* NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const uint16_t protos[] = { 0, ETH_P_IP, ETH_P_IPV6 };
	uint8_t *data = malloc(count);
	struct packet packet = { .data = data, .data_len = (uint32_t)count };

	check(data || count == 0);
	if (count)
		memcpy(data, bytes, count);
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		packet.proto = protos[i];
		packet.orig_size = packet.data_len;
		tell(&packet, false);
		packet.orig_size = UINT32_MAX;
		tell(&packet, true);
	}
	free(data);
	return 0;
}
