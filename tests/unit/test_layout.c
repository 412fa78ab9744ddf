/* SPDX-License-Identifier: MIT */
/*
 * The layout of what programs were compiled against, and the bits, which no
 * function's type leads tests/package/abi.sh to: a change here breaks programs,
 * and takes a new SOVERSION. The numbers stand as numbers on purpose.
 */
#include "leaks.h"
#include "psring.h"

#include <criterion/criterion.h>
#include <stddef.h>

struct place {
	const char *field;
	size_t offset, bytes;
	size_t expected_offset, expected_bytes;
};

#define PLACE(type, field, offset, bytes)                                   \
	{                                                                   \
#field, offsetof(struct type, field),                       \
			sizeof(((struct type *)NULL)->field), offset, bytes \
	}

static void expect_places(const struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(places[i].offset, places[i].expected_offset,
			     "%s is at %zu", places[i].field, places[i].offset);
		cr_expect_eq(places[i].bytes, places[i].expected_bytes,
			     "%s has %zu bytes", places[i].field,
			     places[i].bytes);
	}
}

TestSuite(layout, .fini = leaks_assert_none);

Test(layout, view)
{
	static const struct place places[] = {
		PLACE(psr_view, data, 0, 8),
		PLACE(psr_view, timestamp_ns, 8, 8),
		PLACE(psr_view, latency_ns, 16, 8),
		PLACE(psr_view, orig_size, 24, 4),
		PLACE(psr_view, group, 28, 4),
		PLACE(psr_view, group_seq, 32, 4),
		PLACE(psr_view, rate, 36, 4),
		PLACE(psr_view, iif, 40, 4),
		PLACE(psr_view, oif, 44, 4),
		PLACE(psr_view, nsid, 48, 4),
		PLACE(psr_view, private_id, 52, 4),
		PLACE(psr_view, data_len, 56, 2),
		PLACE(psr_view, proto, 58, 2),
		PLACE(psr_view, out_tc, 60, 2),
		PLACE(psr_view, fields, 62, 2),
	};

	cr_expect_eq(sizeof(struct psr_view), 64);
	expect_places(places, sizeof(places) / sizeof(places[0]));
}

Test(layout, tunnel)
{
	static const struct place places[] = {
		PLACE(psr_tunnel, id, 0, 8),
		PLACE(psr_tunnel, fields, 8, 4),
		PLACE(psr_tunnel, ipv4_src, 12, 4),
		PLACE(psr_tunnel, ipv4_dst, 16, 4),
		PLACE(psr_tunnel, ipv6_src, 20, 16),
		PLACE(psr_tunnel, ipv6_dst, 36, 16),
		PLACE(psr_tunnel, tp_src, 52, 2),
		PLACE(psr_tunnel, tp_dst, 54, 2),
		PLACE(psr_tunnel, tos, 56, 1),
		PLACE(psr_tunnel, ttl, 57, 1),
		PLACE(psr_tunnel, geneve_opts_len, 58, 2),
		PLACE(psr_tunnel, vxlan_opts_len, 60, 2),
		PLACE(psr_tunnel, erspan_opts_len, 62, 2),
		PLACE(psr_tunnel, geneve_opts, 64, 8),
		PLACE(psr_tunnel, vxlan_opts, 72, 8),
		PLACE(psr_tunnel, erspan_opts, 80, 8),
	};

	cr_expect_eq(sizeof(struct psr_tunnel), 128);
	expect_places(places, sizeof(places) / sizeof(places[0]));
}

Test(layout, other_structs)
{
	cr_expect_eq(sizeof(struct psr_config), 192);
	cr_expect_eq(offsetof(struct psr_config, thin), 76);
	cr_expect_eq(offsetof(struct psr_config, netns), 96);
	cr_expect_eq(offsetof(struct psr_config, all_netns), 104);
	cr_expect_eq(sizeof(struct psr_stats), 384);
	cr_expect_eq(sizeof(struct psr_group_stats), 128);
	cr_expect_eq(offsetof(struct psr_group_stats, nsid), 80);
	cr_expect_eq(sizeof(struct psr_info), 64);
	cr_expect_eq(sizeof(struct psr_group), 32);
}

Test(layout, field_bits)
{
	static const struct {
		unsigned int bit, expected;
	} bits[] = {
		{ PSR_FIELD_IIF, 0x1 },
		{ PSR_FIELD_OIF, 0x2 },
		{ PSR_FIELD_TRUNCATED, 0x4 },
		{ PSR_FIELD_USERSPACE, 0x8 },
		{ PSR_FIELD_PROBABILITY, 0x10 },
		{ PSR_FIELD_RATE_SATURATED, 0x20 },
		{ PSR_FIELD_DATA, 0x40 },
		{ PSR_FIELD_TUNNEL, 0x100 },
		{ PSR_FIELD_OUT_TC, 0x400 },
		{ PSR_FIELD_OUT_TC_OCC, 0x800 },
		{ PSR_FIELD_LATENCY, 0x1000 },
		{ PSR_FIELD_TIMESTAMP, 0x2000 },
		{ PSR_FIELD_PROTO, 0x4000 },
		{ PSR_FIELD_COOKIE, 0x8000 },
		{ PSR_TUNNEL_ID, 0x1 },
		{ PSR_TUNNEL_IPV4_SRC, 0x2 },
		{ PSR_TUNNEL_IPV4_DST, 0x4 },
		{ PSR_TUNNEL_TOS, 0x8 },
		{ PSR_TUNNEL_TTL, 0x10 },
		{ PSR_TUNNEL_DONT_FRAGMENT, 0x20 },
		{ PSR_TUNNEL_CSUM, 0x40 },
		{ PSR_TUNNEL_OAM, 0x80 },
		{ PSR_TUNNEL_GENEVE_OPTS, 0x100 },
		{ PSR_TUNNEL_TP_SRC, 0x200 },
		{ PSR_TUNNEL_TP_DST, 0x400 },
		{ PSR_TUNNEL_VXLAN_OPTS, 0x800 },
		{ PSR_TUNNEL_IPV6_SRC, 0x1000 },
		{ PSR_TUNNEL_IPV6_DST, 0x2000 },
		{ PSR_TUNNEL_ERSPAN_OPTS, 0x8000 },
		{ PSR_TUNNEL_IPV4_INFO_BRIDGE, 0x10000 },
	};

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		cr_expect_eq(bits[i].bit, bits[i].expected);
}
