/* SPDX-License-Identifier: MIT */
/*
 * One sample as one line for people: time, sample group and sequence number,
 * sampling rate, interfaces, sizes (of the sampled bytes and of the packet),
 * EtherType, the first bytes; then, as key and value, what only some have.
 */
#include "sample.h"

#include "put.h"

#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000ULL

/* Ethernet and the addresses of IPv4: what people look for first. */
#define DATA_SHOWN 32

static char *text_number(char *out, const char *key, uint64_t value)
{
	return put_number(put_text(out, key), value);
}

/* Local time, as the people at the terminal have it. */
static void second_write(struct sample_second *second, uint64_t seconds)
{
	time_t calendar = (time_t)seconds;
	struct tm local = { 0 };
	char *out = second->text;

	localtime_r(&calendar, &local);
	out = put_padded(out, (uint32_t)local.tm_hour, 2);
	*out++ = ':';
	out = put_padded(out, (uint32_t)local.tm_min, 2);
	*out++ = ':';
	out = put_padded(out, (uint32_t)local.tm_sec, 2);
	*out = '.';
	second->second = seconds;
}

static char *text_time(char *out, const struct psr_view *view,
		       struct sample_second *second)
{
	uint64_t seconds = view->timestamp_ns / SECOND_NS;

	if (!(view->fields & PSR_FIELD_TIMESTAMP))
		return put_text(out, "-");
	if (second->second != seconds || !second->text[0])
		second_write(second, seconds);
	memcpy(out, second->text, sizeof(second->text));
	return put_padded(out + sizeof(second->text),
			  (uint32_t)(view->timestamp_ns % SECOND_NS), 9);
}

static char *text_identity(char *out, const struct psr_view *view)
{
	out = text_number(out, " group ", view->group);
	out = text_number(out, " seq ", view->group_seq);
	if (view->fields & PSR_FIELD_PROBABILITY)
		return put_probability(put_text(out, " probability "),
				       view->rate);
	return text_number(out, " 1:", view->rate);
}

static char *text_origin(char *out, const struct psr_view *view)
{
	uint8_t proto[2] = { (uint8_t)(view->proto >> 8),
			     (uint8_t)view->proto };

	if (view->nsid != PSR_NSID_OWN)
		out = text_number(out, " nsid ", (uint32_t)view->nsid);
	if (view->fields & PSR_FIELD_IIF)
		out = text_number(out, " iif ", view->iif);
	if (view->fields & PSR_FIELD_OIF)
		out = text_number(out, " oif ", view->oif);
	out = text_number(out, " size ", view->data_len);
	out = text_number(out, "/", view->orig_size);
	if (view->fields & PSR_FIELD_PROTO)
		out = put_hex(put_text(out, " proto 0x"), proto, 2);
	return out;
}

static char *text_data(char *out, const struct psr_view *view)
{
	size_t shown = view->data_len;

	if (!shown)
		return out;
	if (shown > DATA_SHOWN)
		shown = DATA_SHOWN;
	out = put_hex(put_text(out, " data "), view->data, shown);
	return shown < view->data_len ? put_text(out, "...") : out;
}

static char *text_switch(char *out, const struct sample *sample)
{
	const struct psr_view *view = sample->view;
	uint64_t bytes;

	if (view->fields & PSR_FIELD_LATENCY)
		out = text_number(out, " latency_ns ", view->latency_ns);
	if (view->fields & PSR_FIELD_OUT_TC)
		out = text_number(out, " out_tc ", view->out_tc);
	if (view->fields & PSR_FIELD_OUT_TC_OCC &&
	    !psr_view_out_tc_occ(sample->queue, view, &bytes))
		out = text_number(out, " out_tc_occ_bytes ", bytes);
	return out;
}

static char *text_tunnel_addresses(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_IPV4_SRC)
		out = put_ipv4(put_text(out, " src "), tunnel->ipv4_src);
	if (tunnel->fields & PSR_TUNNEL_IPV4_DST)
		out = put_ipv4(put_text(out, " dst "), tunnel->ipv4_dst);
	if (tunnel->fields & PSR_TUNNEL_IPV6_SRC)
		out = put_ipv6(put_text(out, " src "), tunnel->ipv6_src);
	if (tunnel->fields & PSR_TUNNEL_IPV6_DST)
		out = put_ipv6(put_text(out, " dst "), tunnel->ipv6_dst);
	return out;
}

static char *text_tunnel_header(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_TOS)
		out = text_number(out, " tos ", tunnel->tos);
	if (tunnel->fields & PSR_TUNNEL_TTL)
		out = text_number(out, " ttl ", tunnel->ttl);
	if (tunnel->fields & PSR_TUNNEL_TP_SRC)
		out = text_number(out, " tp_src ", tunnel->tp_src);
	if (tunnel->fields & PSR_TUNNEL_TP_DST)
		out = text_number(out, " tp_dst ", tunnel->tp_dst);
	if (tunnel->fields & PSR_TUNNEL_DONT_FRAGMENT)
		out = put_text(out, " dont_fragment");
	if (tunnel->fields & PSR_TUNNEL_CSUM)
		out = put_text(out, " csum");
	if (tunnel->fields & PSR_TUNNEL_OAM)
		out = put_text(out, " oam");
	if (tunnel->fields & PSR_TUNNEL_IPV4_INFO_BRIDGE)
		out = put_text(out, " ipv4_info_bridge");
	return out;
}

static char *text_tunnel_options(char *out, const struct psr_tunnel *tunnel)
{
	if (tunnel->fields & PSR_TUNNEL_GENEVE_OPTS)
		out = put_hex(put_text(out, " geneve_opts "),
			      tunnel->geneve_opts, tunnel->geneve_opts_len);
	if (tunnel->fields & PSR_TUNNEL_VXLAN_OPTS)
		out = put_hex(put_text(out, " vxlan_opts "), tunnel->vxlan_opts,
			      tunnel->vxlan_opts_len);
	if (tunnel->fields & PSR_TUNNEL_ERSPAN_OPTS)
		out = put_hex(put_text(out, " erspan_opts "),
			      tunnel->erspan_opts, tunnel->erspan_opts_len);
	return out;
}

static char *text_tunnel(char *out, const struct sample *sample)
{
	struct psr_tunnel tunnel;

	if (!(sample->view->fields & PSR_FIELD_TUNNEL))
		return out;
	if (psr_view_tunnel(sample->queue, sample->view, &tunnel))
		return put_text(out, " tunnel unreadable");
	out = put_text(out, " tunnel");
	if (tunnel.fields & PSR_TUNNEL_ID)
		out = text_number(out, " id ", tunnel.id);
	out = text_tunnel_addresses(out, &tunnel);
	out = text_tunnel_header(out, &tunnel);
	return text_tunnel_options(out, &tunnel);
}

static char *text_marks(char *out, const struct sample *sample)
{
	const uint8_t *cookie;
	int length;

	if (sample->view->fields & PSR_FIELD_COOKIE) {
		length = psr_view_cookie(sample->queue, sample->view, &cookie);
		if (length >= 0)
			out = put_hex(put_text(out, " cookie "), cookie,
				      (size_t)length);
	}
	if (sample->view->fields & PSR_FIELD_RATE_SATURATED)
		out = put_text(out, " rate saturated");
	if (sample->view->fields & PSR_FIELD_TRUNCATED)
		out = put_text(out, " truncated");
	if (sample->view->fields & PSR_FIELD_USERSPACE)
		out = put_text(out, " userspace");
	return out;
}

char *sample_text(char *out, const struct sample *sample,
		  struct sample_second *second)
{
	out = text_time(out, sample->view, second);
	out = text_identity(out, sample->view);
	out = text_origin(out, sample->view);
	out = text_data(out, sample->view);
	out = text_switch(out, sample);
	out = text_tunnel(out, sample);
	out = text_marks(out, sample);
	*out++ = '\n';
	return out;
}
