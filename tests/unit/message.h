/* SPDX-License-Identifier: MIT */
/*
 * Made messages: a psample header and then parts, attributes in any order and
 * of any length, so that a table of tests says what is on the wire.
 *
 *	static const struct part parts[] = { REQUIRED, U16(PSAMPLE_PROTO, 8),
 *					     END };
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "psample.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_BYTES_MAX 66560
#define MESSAGE_FAMILY	  0x20 /* of every made message */

enum part_kind {
	PART_END,
	PART_NUMBER,
	PART_BYTES
};

struct part {
	enum part_kind kind;
	uint16_t type;
	uint16_t len;
	uint64_t number; /* in host order, its first len bytes */
	const char *bytes;
};

#define NUMBER(type, len, number)                    \
	{                                            \
		PART_NUMBER, type, len, number, NULL \
	}
#define U16(type, number) NUMBER(type, 2, number)
#define U32(type, number) NUMBER(type, 4, number)
#define U64(type, number) NUMBER(type, 8, number)
#define BYTES(type, literal)                                      \
	{                                                         \
		PART_BYTES, type, sizeof(literal) - 1, 0, literal \
	}
#define EMPTY(type) BYTES(type, "")
#define END                             \
	{                               \
		PART_END, 0, 0, 0, NULL \
	}

/* What every sample has, in the kernel's order. */
#define REQUIRED_RATE	   100
#define REQUIRED_ORIG_SIZE 1500
#define REQUIRED_GROUP	   5
#define REQUIRED_SEQ	   9
#define REQUIRED                                           \
	U32(PSAMPLE_SAMPLE_RATE, REQUIRED_RATE),           \
		U32(PSAMPLE_ORIGSIZE, REQUIRED_ORIG_SIZE), \
		U32(PSAMPLE_SAMPLE_GROUP, REQUIRED_GROUP), \
		U32(PSAMPLE_GROUP_SEQ, REQUIRED_SEQ)

struct message {
	alignas(8) uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t len;
};

/* A header with nothing behind it; nlmsg_len follows what is put. */
void message_begin(struct message *ret_message);

void message_put(struct message *message, uint16_t type, const void *value,
		 size_t len);
void message_put_parts(struct message *message, const struct part *parts);
void message_put_nest(struct message *message, uint16_t type,
		      const struct part *parts);

/* Bytes behind the message, which its nlmsg_len does not count. */
void message_append(struct message *message, const void *bytes, size_t len);

/* Makes nlmsg_len count all bytes that are there. */
void message_seal(struct message *message);

/* Header and @parts. */
void message_make(struct message *ret_message, const struct part *parts);

struct psample_header *message_header(struct message *message);

#endif /* MESSAGE_H */
