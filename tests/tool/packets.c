/* SPDX-License-Identifier: MIT */
/*
 * packets PCAP FRAMES.txt CORPUS.bin... - packets for tcpdump to judge: writes all
 * of them to a file PCAP, and what psring says of each, a line each, to standard
 * output.
 *
 * Each packet of IP must also read the same without its Ethernet header, as it
 * comes from a tunnel.
 */
#include "decode.h"
#include "packet.h"

#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX 66000

/* A file of pcap, and what stands before each packet in it. */
struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, longest, link;
};

struct pcap_packet {
	uint32_t seconds, microseconds, len, orig_len;
};

static FILE *pcap;
static uint8_t bytes[BYTES_MAX];

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "packets: %s\n", what);
	_exit(1);
}

static void check_without_ethernet(const struct packet *packet,
				   const char *line, size_t length)
{
	struct packet bare = {
		.data = packet->data + ETH_HLEN,
		.data_len = packet->data_len - ETH_HLEN,
		.orig_size = packet->orig_size - ETH_HLEN,
		.proto = packet->proto,
	};
	char text[PACKET_TEXT_MAX];

	check(packet_is_ethernet(packet), "an Ethernet header is not seen");
	check(!packet_is_ethernet(&bare), "an Ethernet header is seen");
	check((size_t)(packet_text(text, &bare, false) - text) == length &&
		      !memcmp(text, line, length),
	      "without its Ethernet header a packet reads otherwise");
}

static void tell(const struct packet *packet)
{
	const struct pcap_packet header = { .len = packet->data_len,
					    .orig_len = packet->orig_size };
	char line[PACKET_TEXT_MAX + 1];
	char *end = packet_text(line, packet, false);

	check(fwrite(&header, sizeof(header), 1, pcap) == 1 &&
		      fwrite(packet->data, 1, packet->data_len, pcap) ==
			      packet->data_len,
	      "cannot write");
	*end = '\0';
	puts(line);
	if (packet->data_len > ETH_HLEN &&
	    (packet->proto == ETH_P_IP || packet->proto == ETH_P_IPV6))
		check_without_ethernet(packet, line, (size_t)(end - line));
}

/* Lines of "ORIG_SIZE HEX", and others that begin with '#'. */
static void tell_frames(FILE *file)
{
	char line[4096], hex[4096];
	struct packet packet = { .data = bytes };

	while (fgets(line, sizeof(line), file)) {
		/* NOLINTNEXTLINE(cert-err34-c): the numbers are our own */
		if (sscanf(line, "%u %4095s", &packet.orig_size, hex) != 2)
			continue;
		packet.data_len = (uint32_t)strlen(hex) / 2;
		for (uint32_t i = 0; i < packet.data_len; i++)
			/* NOLINTNEXTLINE(cert-err34-c) */
			sscanf(hex + 2 * (size_t)i, "%2hhx", &bytes[i]);
		packet.proto = 0;
		if (packet.data_len > ETH_HLEN)
			packet.proto = (uint16_t)(bytes[12] << 8 | bytes[13]);
		tell(&packet);
	}
}

static void tell_corpus(FILE *file)
{
	struct psr_view view = { 0 };
	size_t trailing;
	uint32_t len;

	while (fread(&len, sizeof(len), 1, file) == 1) {
		check(len <= sizeof(bytes) && fread(bytes, 1, len, file) == len,
		      "a corpus that ends too early");
		if (decode(&(struct datagram){ bytes, len, len }, FAMILY_ANY,
			   &view, &trailing) != DECODE_SAMPLE ||
		    !view.data_len)
			continue;
		tell(&(struct packet){ view.data, view.data_len, view.orig_size,
				       view.proto });
	}
}

int main(int argc, char **argv)
{
	const struct pcap_header header = {
		.magic = 0xa1b2c3d4,
		.major = 2,
		.minor = 4,
		.longest = BYTES_MAX,
		.link = 1, /* Ethernet */
	};

	check(argc > 2, "packets PCAP FRAMES.txt CORPUS.bin...");
	pcap = fopen(argv[1], "wbe");
	check(pcap && fwrite(&header, sizeof(header), 1, pcap) == 1,
	      "cannot write");
	for (int i = 2; i < argc; i++) {
		FILE *file = fopen(argv[i], "rbe");

		check(file, argv[i]);
		if (i == 2)
			tell_frames(file);
		else
			tell_corpus(file);
		(void)fclose(file);
	}
	check(fclose(pcap) == 0, "cannot write");
	return 0;
}
