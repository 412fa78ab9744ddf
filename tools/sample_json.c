/* SPDX-License-Identifier: MIT */
/*
 * One sample as one JSON object on one line. What a sample does not say is
 * absent from the object. The values are numbers, hexadecimal digits, addresses,
 * true, and names without what JSON would want escaped.
 *
 * A writer of its own, as building a tree first, with an allocation for each
 * member, costs more than all the rest of a sample's way.
 */
#include "sample.h"

#include "put.h"

#include <assert.h>

/* Everything but the bytes of data, cookie and tunnel options, at its longest. */
#define NUMBER "18446744073709551615"
#define IPV6   "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
#define NAME   "fifteen letters"
static_assert(
	sizeof("{\"group\":" NUMBER ",\"group_seq\":" NUMBER ",\"rate\":" NUMBER
	       ",\"nsid\":" NUMBER ",\"orig_size\":" NUMBER ",\"iif\":" NUMBER
	       ",\"oif\":" NUMBER ",\"iif_name\":\"" NAME "\""
	       ",\"oif_name\":\"" NAME "\",\"proto\":" NUMBER
	       ",\"timestamp_ns\":" NUMBER ",\"latency_ns\":" NUMBER
	       ",\"out_tc\":" NUMBER ",\"out_tc_occ_bytes\":" NUMBER
	       ",\"data_len\":" NUMBER ",\"data\":\"\""
	       ",\"tunnel\":{\"id\":" NUMBER ",\"ipv4_src\":\"255.255.255.255\""
	       ",\"ipv4_dst\":\"255.255.255.255\""
	       ",\"ipv6_src\":\"" IPV6 "\",\"ipv6_dst\":\"" IPV6 "\""
	       ",\"tos\":" NUMBER ",\"ttl\":" NUMBER ",\"tp_src\":" NUMBER
	       ",\"tp_dst\":" NUMBER ",\"dont_fragment\":true,\"csum\":true"
	       ",\"oam\":true,\"ipv4_info_bridge\":true,\"geneve_opts\":\"\""
	       ",\"vxlan_opts\":\"\",\"erspan_opts\":\"\"}"
	       ",\"cookie\":\"\",\"probability\":1.000000000"
	       ",\"rate_saturated\":true"
	       ",\"truncated\":true,\"userspace\":true,\"queue\":" NUMBER
	       "}\n") <= SAMPLE_FIXED_MAX,
	"a line without its bytes fits SAMPLE_FIXED_MAX");

/* Each key with the comma before it: an object begins with its first member. */
static char *json_number(char *out, const char *key, uint64_t value)
{
	return put_number(put_text(out, key), value);
}

static char *json_hex(char *out, const char *key, const uint8_t *bytes,
		      size_t count)
{
	out = put_hex(put_text(out, key), bytes, count);
	*out++ = '"';
	return out;
}

static char *json_identity(char *out, const struct psr_view *view)
{
	out = json_number(out, "{\"group\":", view->group);
	out = json_number(out, ",\"group_seq\":", view->group_seq);
	if (!(view->fields & PSR_FIELD_PROBABILITY))
		out = json_number(out, ",\"rate\":", view->rate);
	return json_number(out, ",\"orig_size\":", view->orig_size);
}

/* The numbers are of the namespace that is listening, or have no name here. */
static char *json_name(char *out, const char *key, uint32_t ifindex,
		       struct interfaces *interfaces)
{
	const char *name = interfaces_name(interfaces, ifindex);

	return name ? put_text(put_text(put_text(out, key), name), "\"") : out;
}

static char *json_names(char *out, const struct psr_view *view,
			struct interfaces *interfaces)
{
	if (!interfaces || view->nsid != PSR_NSID_OWN)
		return out;
	if (view->fields & PSR_FIELD_IIF)
		out = json_name(out, ",\"iif_name\":\"", view->iif, interfaces);
	if (view->fields & PSR_FIELD_OIF)
		out = json_name(out, ",\"oif_name\":\"", view->oif, interfaces);
	return out;
}

static char *json_origin(char *out, const struct psr_view *view)
{
	if (view->nsid != PSR_NSID_OWN)
		out = json_number(out, ",\"nsid\":", (uint32_t)view->nsid);
	if (view->fields & PSR_FIELD_IIF)
		out = json_number(out, ",\"iif\":", view->iif);
	if (view->fields & PSR_FIELD_OIF)
		out = json_number(out, ",\"oif\":", view->oif);
	if (view->fields & PSR_FIELD_PROTO)
		out = json_number(out, ",\"proto\":", view->proto);
	if (view->fields & PSR_FIELD_TIMESTAMP)
		out = json_number(out,
				  ",\"timestamp_ns\":", view->timestamp_ns);
	return out;
}

static char *json_switch(char *out, const struct sample *sample)
{
	const struct psr_view *view = sample->view;
	uint64_t bytes;

	if (view->fields & PSR_FIELD_LATENCY)
		out = json_number(out, ",\"latency_ns\":", view->latency_ns);
	if (view->fields & PSR_FIELD_OUT_TC)
		out = json_number(out, ",\"out_tc\":", view->out_tc);
	if (view->fields & PSR_FIELD_OUT_TC_OCC &&
	    !psr_view_out_tc_occ(sample->queue, view, &bytes))
		out = json_number(out, ",\"out_tc_occ_bytes\":", bytes);
	return out;
}

static char *json_data(char *out, const struct psr_view *view)
{
	if (!(view->fields & PSR_FIELD_DATA))
		return out;
	out = json_number(out, ",\"data_len\":", view->data_len);
	return json_hex(out, ",\"data\":\"", view->data, view->data_len);
}

/* An address of 4 or 16 bytes. */
static char *json_address(char *out, const char *key, const uint8_t *address,
			  size_t size)
{
	out = put_text(out, key);
	out = size == 4 ? put_ipv4(out, address) : put_ipv6(out, address);
	*out++ = '"';
	return out;
}

static char *json_tunnel_addresses(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_IPV4_SRC)
		out = json_address(out, ",\"ipv4_src\":\"", tunnel->ipv4_src,
				   4);
	if (tunnel->fields & PSR_TUNNEL_IPV4_DST)
		out = json_address(out, ",\"ipv4_dst\":\"", tunnel->ipv4_dst,
				   4);
	if (tunnel->fields & PSR_TUNNEL_IPV6_SRC)
		out = json_address(out, ",\"ipv6_src\":\"", tunnel->ipv6_src,
				   16);
	if (tunnel->fields & PSR_TUNNEL_IPV6_DST)
		out = json_address(out, ",\"ipv6_dst\":\"", tunnel->ipv6_dst,
				   16);
	return out;
}

static char *json_tunnel_header(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_TOS)
		out = json_number(out, ",\"tos\":", tunnel->tos);
	if (tunnel->fields & PSR_TUNNEL_TTL)
		out = json_number(out, ",\"ttl\":", tunnel->ttl);
	if (tunnel->fields & PSR_TUNNEL_TP_SRC)
		out = json_number(out, ",\"tp_src\":", tunnel->tp_src);
	if (tunnel->fields & PSR_TUNNEL_TP_DST)
		out = json_number(out, ",\"tp_dst\":", tunnel->tp_dst);
	return out;
}

static char *json_tunnel_flags(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_DONT_FRAGMENT)
		out = put_text(out, ",\"dont_fragment\":true");
	if (tunnel->fields & PSR_TUNNEL_CSUM)
		out = put_text(out, ",\"csum\":true");
	if (tunnel->fields & PSR_TUNNEL_OAM)
		out = put_text(out, ",\"oam\":true");
	if (tunnel->fields & PSR_TUNNEL_IPV4_INFO_BRIDGE)
		out = put_text(out, ",\"ipv4_info_bridge\":true");
	return out;
}

static char *json_tunnel_options(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_GENEVE_OPTS)
		out = json_hex(out, ",\"geneve_opts\":\"", tunnel->geneve_opts,
			       tunnel->geneve_opts_len);
	if (tunnel->fields & PSR_TUNNEL_VXLAN_OPTS)
		out = json_hex(out, ",\"vxlan_opts\":\"", tunnel->vxlan_opts,
			       tunnel->vxlan_opts_len);
	if (tunnel->fields & PSR_TUNNEL_ERSPAN_OPTS)
		out = json_hex(out, ",\"erspan_opts\":\"", tunnel->erspan_opts,
			       tunnel->erspan_opts_len);
	return out;
}

/* A tunnel that cannot be read is null: there, but unknown. */
static char *json_tunnel(char *out, const struct sample *sample)
{
	struct psr_tunnel tunnel;
	char *first;

	if (!(sample->view->fields & PSR_FIELD_TUNNEL))
		return out;
	if (psr_view_tunnel(sample->queue, sample->view, &tunnel))
		return put_text(out, ",\"tunnel\":null");
	out = put_text(out, ",\"tunnel\":");
	first = out;
	if (tunnel.fields & PSR_TUNNEL_ID)
		out = json_number(out, ",\"id\":", tunnel.id);
	out = json_tunnel_addresses(out, &tunnel);
	out = json_tunnel_header(out, &tunnel);
	out = json_tunnel_flags(out, &tunnel);
	out = json_tunnel_options(out, &tunnel);
	/* The brace goes where the first member wrote its comma. */
	if (out == first)
		out++;
	*first = '{';
	*out++ = '}';
	return out;
}

static char *json_cookie(char *out, const struct sample *sample)
{
	const uint8_t *cookie;
	int length;

	if (!(sample->view->fields & PSR_FIELD_COOKIE))
		return out;
	length = psr_view_cookie(sample->queue, sample->view, &cookie);
	if (length < 0)
		return out;
	return json_hex(out, ",\"cookie\":\"", cookie, (size_t)length);
}

static char *json_marks(char *out, const struct psr_view *view)
{
	if (view->fields & PSR_FIELD_PROBABILITY)
		out = put_probability(put_text(out, ",\"probability\":"),
				      view->rate);
	if (view->fields & PSR_FIELD_RATE_SATURATED)
		out = put_text(out, ",\"rate_saturated\":true");
	if (view->fields & PSR_FIELD_TRUNCATED)
		out = put_text(out, ",\"truncated\":true");
	if (view->fields & PSR_FIELD_USERSPACE)
		out = put_text(out, ",\"userspace\":true");
	return out;
}

char *sample_json(char *out, const struct sample *sample,
		  struct sample_writer *writer)
{
	out = json_identity(out, sample->view);
	out = json_origin(out, sample->view);
	out = json_names(out, sample->view, writer->interfaces);
	out = json_switch(out, sample);
	out = json_data(out, sample->view);
	out = json_tunnel(out, sample);
	out = json_cookie(out, sample);
	out = json_marks(out, sample->view);
	out = json_number(out, ",\"queue\":", sample->queue_index);
	return put_text(out, "}\n");
}
