/* SPDX-License-Identifier: MIT */
/*
 * The line writers of psring dump: what a sample says stands in the line, what
 * it does not say is absent. JSON is read back by a parser of its own.
 */
#include "leaks.h"
#include "message.h"
#include "one_buffer.h"
#include "sample.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <endian.h>
#include <jansson.h>
#include <linux/psample.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY(name) PSAMPLE_TUNNEL_KEY_ATTR_##name

static struct message message;
static struct psr_queue queue;
static struct psr_view view;
static const struct sample sample = { &queue, &view, 3 };
static struct sample_writer writer;
static char line[SAMPLE_LINE_MAX + 1];

static void decode_message(void)
{
	cr_assert_eq(one_buffer_decode(&queue, &view, message.bytes,
				       message.len, message.len),
		     DECODE_SAMPLE);
}

static void place(const struct part *parts)
{
	message_make(&message, parts);
	decode_message();
}

/* The line as an object; the caller frees it. */
static json_t *written(void)
{
	char *end = sample_json(line, &sample, &writer);
	json_t *object;

	cr_assert_lt(end - line, SAMPLE_LINE_MAX);
	cr_assert_eq(end[-1], '\n');
	cr_assert_null(memchr(line, '\n', (size_t)(end - line - 1)));
	object = json_loadb(line, (size_t)(end - line), 0, NULL);
	cr_assert_not_null(object, "%.*s", (int)(end - line), line);
	return object;
}

static void expect(const char *wanted)
{
	json_t *object = written();
	json_t *expected = json_loads(wanted, 0, NULL);

	cr_assert_not_null(expected, "the test's own JSON: %s", wanted);
	cr_expect(json_equal(object, expected), "%s, expected %s", line,
		  wanted);
	json_decref(object);
	json_decref(expected);
}

TestSuite(sample, .fini = leaks_assert_none);

Test(sample, says_no_more_than_the_message)
{
	static const struct part parts[] = { REQUIRED, END };

	place(parts);
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"queue\":3}");
}

Test(sample, namespace_that_is_not_the_own)
{
	static const struct part parts[] = { REQUIRED, END };

	place(parts);
	view.nsid = INT32_MAX;
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"nsid\":2147483647,\"queue\":3}");
}

Test(sample, every_attribute)
{
	static const struct part parts[] = {
		U16(PSAMPLE_IIFINDEX, 2),
		U16(PSAMPLE_OIFINDEX, 65535),
		REQUIRED,
		U16(PSAMPLE_OUT_TC, 7),
		U64(PSAMPLE_OUT_TC_OCC, 123456789012),
		U64(PSAMPLE_LATENCY, 987),
		U64(PSAMPLE_TIMESTAMP, 1795435588227102177),
		U16(PSAMPLE_PROTO, 0x86dd),
		BYTES(PSAMPLE_DATA, "\x00\x0f\xf0\xff"),
		BYTES(PSAMPLE_USER_COOKIE, "\xde\xad"),
		END
	};

	place(parts);
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"iif\":2,\"oif\":65535,\"proto\":34525,"
	       "\"timestamp_ns\":1795435588227102177,\"latency_ns\":987,"
	       "\"out_tc\":7,\"out_tc_occ_bytes\":123456789012,"
	       "\"data_len\":4,\"data\":\"000ff0ff\",\"cookie\":\"dead\","
	       "\"queue\":3}");
}

Test(sample, probability_takes_the_place_of_rate)
{
	static const struct part parts[] = {
		U32(PSAMPLE_SAMPLE_RATE, 0x7fffffff),
		U32(PSAMPLE_ORIGSIZE, 60),
		U32(PSAMPLE_SAMPLE_GROUP, 4294967295),
		U32(PSAMPLE_GROUP_SEQ, 0),
		EMPTY(PSAMPLE_SAMPLE_PROBABILITY),
		END
	};
	json_t *object;

	place(parts);
	object = written();
	cr_expect_null(json_object_get(object, "rate"));
	cr_expect_float_eq(
		json_real_value(json_object_get(object, "probability")), 0.5,
		1e-8);
	json_decref(object);
}

Test(sample, tunnel)
{
	const struct part nest[] = { U64(KEY(ID), htobe64(42)),
				     U32(KEY(IPV4_SRC), htonl(0x0a090001)),
				     U32(KEY(IPV4_DST), htonl(0x0a090002)),
				     NUMBER(KEY(TOS), 1, 4),
				     NUMBER(KEY(TTL), 1, 64),
				     EMPTY(KEY(CSUM)),
				     BYTES(KEY(GENEVE_OPTS), "\x01\x02"),
				     U16(KEY(TP_DST), htons(6081)),
				     END };
	static const struct part parts[] = { REQUIRED, END };

	message_make(&message, parts);
	message_put_nest(&message, PSAMPLE_TUNNEL, nest);
	decode_message();
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"tunnel\":{\"id\":42,\"ipv4_src\":\"10.9.0.1\","
	       "\"ipv4_dst\":\"10.9.0.2\",\"tos\":4,\"ttl\":64,"
	       "\"csum\":true,\"geneve_opts\":\"0102\",\"tp_dst\":6081},"
	       "\"queue\":3}");
}

Test(sample, truncated_from_a_process)
{
	static const struct part parts[] = { REQUIRED,
					     BYTES(PSAMPLE_DATA, "packet"),
					     END };

	message_make(&message, parts);
	message_header(&message)->netlink.nlmsg_pid = 1;
	message_header(&message)->netlink.nlmsg_len += 100;
	message.len += 100;
	cr_assert_eq(one_buffer_decode(&queue, &view, message.bytes,
				       message.len, message.len - 102),
		     DECODE_SAMPLE);
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"data_len\":6,\"data\":\"7061636b6574\","
	       "\"truncated\":true,\"userspace\":true,\"queue\":3}");
}

Test(sample, thinned_beyond_its_rate)
{
	static const struct part parts[] = { REQUIRED, END };

	place(parts);
	view.rate = UINT32_MAX;
	view.fields |= PSR_FIELD_RATE_SATURATED;
	expect("{\"group\":5,\"group_seq\":9,\"rate\":4294967295,"
	       "\"orig_size\":1500,\"rate_saturated\":true,\"queue\":3}");
}

/* The longest attributes there are, at once: the line holds them. */
Test(sample, longest)
{
	static uint8_t bytes[UINT16_MAX - 4];
	json_t *object;

	memset(bytes, 0xff, sizeof(bytes));
	message_make(&message, (const struct part[]){ REQUIRED, END });
	message_put(&message, PSAMPLE_DATA, bytes, sizeof(bytes));
	decode_message();
	object = written();
	cr_expect_eq(json_string_length(json_object_get(object, "data")),
		     2 * sizeof(bytes));
	json_decref(object);
}

static const char *text(void)
{
	char *end = sample_text(line, &sample, &writer);

	cr_assert_leq(end - line, SAMPLE_LINE_MAX);
	cr_assert_eq(end[-1], '\n');
	end[-1] = '\0';
	return line;
}

/* Of Ethernet, and of an EtherType that has no name here. */
#define FRAME                                                      \
	"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x88\xb5" \
	"\n\r\x1b["

Test(sample, text_is_one_line)
{
	static const struct part parts[] = { U16(PSAMPLE_IIFINDEX, 2), REQUIRED,
					     BYTES(PSAMPLE_DATA, FRAME),
					     BYTES(PSAMPLE_USER_COOKIE, "\n"),
					     END };

	place(parts);
	writer.verbose = true;
	cr_expect_str_eq(text(), "- #2 In group 5 1:100 18/1500 seq 9 "
				 "cookie 0a: "
				 "ethertype Unknown (0x88b5), length 1486");
}

Test(sample, text_of_every_attribute)
{
	const struct part nest[] = { U64(KEY(ID), htobe64(42)),
				     U32(KEY(IPV4_SRC), htonl(0x0a090001)),
				     U32(KEY(IPV4_DST), htonl(0x0a090002)),
				     NUMBER(KEY(TTL), 1, 64),
				     U16(KEY(TP_DST), htons(4789)),
				     END };
	static const struct part parts[] = { U16(PSAMPLE_IIFINDEX, 2),
					     U16(PSAMPLE_OIFINDEX, 65535),
					     REQUIRED,
					     U16(PSAMPLE_OUT_TC, 7),
					     U64(PSAMPLE_OUT_TC_OCC,
						 123456789012),
					     U64(PSAMPLE_LATENCY, 987),
					     U16(PSAMPLE_PROTO, 0x86dd),
					     END };

	message_make(&message, parts);
	message_put_nest(&message, PSAMPLE_TUNNEL, nest);
	message_header(&message)->netlink.nlmsg_pid = 1;
	decode_message();
	view.fields |= PSR_FIELD_RATE_SATURATED;
	cr_expect_str_eq(text(),
			 "- #2 > #65535 group 5 1:100 0/1500 rate saturated "
			 "userspace: VXLAN 10.9.0.1 > 10.9.0.2 key 42: "
			 "ethertype IPv6 (0x86dd)");
	writer.verbose = true;
	cr_expect(strstr(text(),
			 " userspace seq 9 proto 0x86dd latency_ns 987 "
			 "out_tc 7 out_tc_occ_bytes 123456789012 "
			 "tunnel id 42 src 10.9.0.1 dst 10.9.0.2 ttl 64 "
			 "tp_dst 4789: VXLAN "),
		  "%s", line);
}

Test(sample, text_of_the_bytes)
{
	static const struct part parts[] = { U16(PSAMPLE_OIFINDEX, 3), REQUIRED,
					     BYTES(PSAMPLE_DATA, FRAME), END };

	place(parts);
	writer.hex = true;
	writer.with_link = true;
	cr_expect_str_eq(text(),
			 "- #3 Out group 5 1:100 18/1500: 02:00:00:00:00:01 > "
			 "02:00:00:00:00:02, ethertype Unknown (0x88b5), "
			 "length 1500: ethertype Unknown (0x88b5), length 1486"
			 "\n\t0x0000:  0200 0000 0002 0200 0000 0001 88b5 0a0d"
			 "\n\t0x0010:  1b5b");
}

/* Loopback is interface 1 wherever there are interfaces; 65535 is nobody's. */
Test(sample, names_of_interfaces)
{
	static const struct part parts[] = { U16(PSAMPLE_IIFINDEX, 1),
					     U16(PSAMPLE_OIFINDEX, 65535),
					     REQUIRED, END };
	static struct interfaces interfaces;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	place(parts);
	interfaces_init(&interfaces, fd);
	writer.interfaces = &interfaces;
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"iif\":1,\"oif\":65535,\"iif_name\":\"lo\",\"queue\":3}");
	cr_expect_not_null(strstr(text(), "- lo > #65535 group 5 "), "%s",
			   line);
	/* Another namespace's. */
	view.nsid = 0;
	expect("{\"group\":5,\"group_seq\":9,\"rate\":100,\"orig_size\":1500,"
	       "\"nsid\":0,\"iif\":1,\"oif\":65535,\"queue\":3}");
	cr_expect_not_null(strstr(text(), "- nsid 0 #1 > #65535 group 5 "),
			   "%s", line);
	/* Known: nobody is asked again until a second has passed. */
	close(fd);
	cr_expect_str_eq(interfaces_name(&interfaces, 1), "lo");
	interfaces.second++;
	cr_expect_null(interfaces_name(&interfaces, 1));
}

/* Two numbers of one place. */
Test(sample, names_of_interfaces_that_share_a_place)
{
	static struct interfaces interfaces;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	interfaces_init(&interfaces, fd);
	cr_expect_str_eq(interfaces_name(&interfaces, 1), "lo");
	cr_expect_null(interfaces_name(&interfaces, 1 + INTERFACES_KNOWN));
	cr_expect_str_eq(interfaces_name(&interfaces, 1), "lo");
	close(fd);
}

/* The kernel lets an interface be named like this. */
Test(sample, a_name_that_would_steer_a_terminal)
{
	static struct interfaces interfaces;
	struct ifreq request = { .ifr_name = "lo",
				 .ifr_newname = "\x1b[2J\"\\\xffz" };
	int fd;

	cr_assert_eq(unshare(CLONE_NEWNET), 0);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	cr_assert_eq(ioctl(fd, SIOCSIFNAME, &request), 0);
	interfaces_init(&interfaces, fd);
	cr_expect_str_eq(interfaces_name(&interfaces, 1), "?[2J???z");
	close(fd);
}

/* The longest line of text: the bytes take most of it. */
Test(sample, longest_text)
{
	static uint8_t bytes[UINT16_MAX - 4];

	memset(bytes, 0xff, sizeof(bytes));
	message_make(&message, (const struct part[]){ REQUIRED, END });
	message_put(&message, PSAMPLE_DATA, bytes, sizeof(bytes));
	decode_message();
	writer.hex = true;
	cr_expect_gt(strlen(text()), 3 * sizeof(bytes));
}
