/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a pcapng file. Each has its length in front and once more behind,
 * and is padded to 4 bytes, as each option in it is.
 */
#include "pcapng.h"

#include <assert.h>
#include <string.h>

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

/* Their numbers are those of their block, but for the comment. */
enum option_code {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_SECTION_USERAPPL = 4,
	OPTION_INTERFACE_NAME = 2,
	OPTION_INTERFACE_TSRESOL = 9,
	OPTION_PACKET_FLAGS = 2,
	OPTION_PACKET_DROPCOUNT = 4,
	OPTION_STATISTICS_OSDROP = 7,
	OPTION_STATISTICS_USRDELIV = 8,
};

#define NANOSECONDS 9 /* 10^-9 */

static char *put_u16(char *out, uint16_t value)
{
	return (char *)mempcpy(out, &value, sizeof(value));
}

static char *put_u32(char *out, uint32_t value)
{
	return (char *)mempcpy(out, &value, sizeof(value));
}

/* A time has its upper half first, in whatever byte order. */
static char *put_time(char *out, uint64_t timestamp_ns)
{
	return put_u32(put_u32(out, (uint32_t)(timestamp_ns >> 32)),
		       (uint32_t)timestamp_ns);
}

static char *put_padded_bytes(char *out, const void *bytes, uint32_t count)
{
	uint32_t padding = -count % 4;

	if (count > 0)
		memcpy(out, bytes, count);
	memset(out + count, 0, padding);
	return out + count + padding;
}

static char *put_option(char *out, enum option_code code, const void *value,
			size_t length)
{
	out = put_u16(out, (uint16_t)code);
	out = put_u16(out, (uint16_t)length);
	return put_padded_bytes(out, value, (uint32_t)length);
}

static char *put_option_text(char *out, enum option_code code, const char *text)
{
	return put_option(out, code, text, strnlen(text, PCAPNG_TEXT_MAX - 1));
}

/* The length is filled in by block_end. */
static char *block_begin(char *block, enum block_type type)
{
	return put_u32(put_u32(block, type), 0);
}

static char *block_end(char *block, char *out)
{
	uint32_t length;

	out = put_option(out, OPTION_END, NULL, 0);
	length = (uint32_t)(out - block) + (uint32_t)sizeof(length);
	put_u32(block + sizeof(uint32_t), length);
	return put_u32(out, length);
}

char *pcapng_section(char *out)
{
	char *block = out;

	out = block_begin(block, BLOCK_SECTION);
	out = put_u32(out, 0x1a2b3c4d); /* tells the byte order */
	out = put_u16(put_u16(out, 1), 0);
	out = put_u32(put_u32(out, UINT32_MAX), UINT32_MAX); /* no length */
	out = put_option_text(out, OPTION_SECTION_USERAPPL,
			      "psring " PSRING_VERSION);
	return block_end(block, out);
}

char *pcapng_interface(char *out, uint16_t link_type, const char *name)
{
	const uint8_t resolution = NANOSECONDS;
	char *block = out;

	out = block_begin(block, BLOCK_INTERFACE);
	out = put_u16(put_u16(out, link_type), 0);
	out = put_u32(out, 0); /* no limit of a packet's length */
	out = put_option_text(out, OPTION_INTERFACE_NAME, name);
	out = put_option(out, OPTION_INTERFACE_TSRESOL, &resolution,
			 sizeof(resolution));
	return block_end(block, out);
}

char *pcapng_packet(char *out, const struct pcapng_packet *packet)
{
	const uint32_t flags = packet->direction;
	char *block = out;

	out = block_begin(block, BLOCK_PACKET);
	out = put_u32(out, packet->interface);
	out = put_time(out, packet->timestamp_ns);
	out = put_u32(put_u32(out, packet->data_len), packet->orig_size);
	out = put_padded_bytes(out, packet->data, packet->data_len);
	if (flags)
		out = put_option(out, OPTION_PACKET_FLAGS, &flags,
				 sizeof(flags));
	if (packet->dropped)
		out = put_option(out, OPTION_PACKET_DROPCOUNT, &packet->dropped,
				 sizeof(packet->dropped));
	out = put_option_text(out, OPTION_COMMENT, packet->comment);
	return block_end(block, out);
}

char *pcapng_statistics(char *out, uint32_t interface, uint64_t timestamp_ns,
			uint64_t dropped, uint64_t delivered)
{
	char *block = out;

	out = block_begin(block, BLOCK_STATISTICS);
	out = put_u32(out, interface);
	out = put_time(out, timestamp_ns);
	out = put_option(out, OPTION_STATISTICS_OSDROP, &dropped,
			 sizeof(dropped));
	out = put_option(out, OPTION_STATISTICS_USRDELIV, &delivered,
			 sizeof(delivered));
	return block_end(block, out);
}
