/* SPDX-License-Identifier: MIT */
/*
 * Made messages. Written without any code of lib/: what decodes them must not
 * have encoded them.
 */
#include "message.h"

#include <assert.h>
#include <string.h>

struct psample_header *message_header(struct message *message)
{
	return (struct psample_header *)message->bytes;
}

void message_seal(struct message *message)
{
	message_header(message)->netlink.nlmsg_len = (uint32_t)message->len;
}

void message_begin(struct message *ret_message)
{
	const struct psample_header header = {
		.netlink.nlmsg_type = MESSAGE_FAMILY,
		.generic.cmd = PSAMPLE_VERB_SAMPLE,
		.generic.version = 1,
	};

	memcpy(ret_message->bytes, &header, sizeof(header));
	ret_message->len = sizeof(header);
	message_seal(ret_message);
}

void message_append(struct message *message, const void *bytes, size_t len)
{
	assert(message->len + len <= sizeof(message->bytes));
	memcpy(message->bytes + message->len, bytes, len);
	message->len += len;
}

static void append_padding(struct message *message)
{
	const uint8_t zeros[NLA_ALIGNTO] = { 0 };

	message_append(message, zeros, -message->len % NLA_ALIGNTO);
}

void message_put(struct message *message, uint16_t type, const void *value,
		 size_t len)
{
	const struct nlattr header = {
		.nla_len = (uint16_t)(sizeof(header) + len),
		.nla_type = type,
	};

	message_append(message, &header, sizeof(header));
	message_append(message, value, len);
	append_padding(message);
	message_seal(message);
}

void message_put_parts(struct message *message, const struct part *parts)
{
	for (; parts->kind != PART_END; parts++)
		message_put(message, parts->type,
			    parts->kind == PART_NUMBER
				    ? (const void *)&parts->number
				    : (const void *)parts->bytes,
			    parts->len);
}

void message_put_nest(struct message *message, uint16_t type,
		      const struct part *parts)
{
	size_t at = message->len;
	struct nlattr header = { .nla_type = type };

	message_append(message, &header, sizeof(header));
	message_put_parts(message, parts);
	header.nla_len = (uint16_t)(message->len - at);
	memcpy(message->bytes + at, &header, sizeof(header));
	message_seal(message);
}

void message_make(struct message *ret_message, const struct part *parts)
{
	message_begin(ret_message);
	message_put_parts(ret_message, parts);
}
