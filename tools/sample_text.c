/* SPDX-License-Identifier: MIT */
/*
 * One sample as one line for people: time, interface and direction, sample group,
 * sampling rate, sizes (of the sampled bytes and of the packet), and the packet
 * itself as tcpdump would tell it. Verbose, as key and value, all else that the
 * sample says; and the bytes on lines below.
 */
#include "sample.h"

#include "packet.h"
#include "put.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000ULL

/* Of the bytes: how many stand on a line, and the longest such line. */
#define HEX_BYTES 16
#define HEX_LINE  "\n\t0x0000:  0000 0000 0000 0000 0000 0000 0000 0000"

static_assert(sizeof(HEX_LINE) <= 4 * HEX_BYTES &&
		      PACKET_TEXT_MAX + 2048 <= SAMPLE_FIXED_MAX,
	      "a line fits SAMPLE_LINE_MAX");

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

static char *text_interface(char *out, uint32_t ifindex,
			    struct interfaces *interfaces)
{
	const char *name = NULL;

	if (interfaces)
		name = interfaces_name(interfaces, ifindex);
	return name ? put_text(out, name) : put_keyed(out, "#", ifindex);
}

/* Sampled where it came in, where it went out, or by who knows both. */
static char *text_direction(char *out, const struct psr_view *view,
			    struct interfaces *interfaces)
{
	unsigned int both = PSR_FIELD_IIF | PSR_FIELD_OIF;

	/* Another namespace's numbers have no name here. */
	if (view->nsid != PSR_NSID_OWN) {
		out = put_keyed(out, " nsid ", (uint32_t)view->nsid);
		interfaces = NULL;
	}
	if (!(view->fields & both))
		return out;
	*out++ = ' ';
	if (view->fields & PSR_FIELD_IIF)
		out = text_interface(out, view->iif, interfaces);
	if ((view->fields & both) == both)
		out = put_text(out, " > ");
	if (view->fields & PSR_FIELD_OIF)
		out = text_interface(out, view->oif, interfaces);
	if (!(view->fields & PSR_FIELD_OIF))
		return put_text(out, " In");
	return view->fields & PSR_FIELD_IIF ? out : put_text(out, " Out");
}

static char *text_identity(char *out, const struct psr_view *view)
{
	out = put_keyed(out, " group ", view->group);
	if (view->fields & PSR_FIELD_PROBABILITY)
		out = put_probability(put_text(out, " probability "),
				      view->rate);
	else
		out = put_keyed(out, " 1:", view->rate);
	out = put_keyed(out, " ", view->data_len);
	out = put_keyed(out, "/", view->orig_size);
	if (view->fields & PSR_FIELD_RATE_SATURATED)
		out = put_text(out, " rate saturated");
	if (view->fields & PSR_FIELD_TRUNCATED)
		out = put_text(out, " truncated");
	if (view->fields & PSR_FIELD_USERSPACE)
		out = put_text(out, " userspace");
	return out;
}

/* Nothing says what kind of tunnel it is but its port, if it has one. */
static char *text_tunnel_brief(char *out, const struct sample *sample)
{
	struct psr_tunnel tunnel;

	if (!(sample->view->fields & PSR_FIELD_TUNNEL) ||
	    psr_view_tunnel(sample->queue, sample->view, &tunnel))
		return out;
	if (tunnel.tp_dst == VXLAN_PORT)
		out = put_text(out, "VXLAN ");
	else if (tunnel.tp_dst == GENEVE_PORT)
		out = put_text(out, "Geneve ");
	else
		out = put_text(out, "tunnel ");
	if (tunnel.fields & PSR_TUNNEL_IPV4_SRC)
		out = put_ipv4(out, tunnel.ipv4_src);
	if (tunnel.fields & PSR_TUNNEL_IPV4_DST)
		out = put_ipv4(put_text(out, " > "), tunnel.ipv4_dst);
	if (tunnel.fields & PSR_TUNNEL_IPV6_SRC)
		out = put_ipv6(out, tunnel.ipv6_src);
	if (tunnel.fields & PSR_TUNNEL_IPV6_DST)
		out = put_ipv6(put_text(out, " > "), tunnel.ipv6_dst);
	if (tunnel.fields & PSR_TUNNEL_ID)
		out = put_keyed(out, " key ", tunnel.id);
	return put_text(out, ": ");
}

static char *text_packet(char *out, const struct psr_view *view, bool with_link)
{
	const struct packet packet = packet_of_view(view);

	return packet_text(out, &packet, with_link);
}

static char *text_numbers(char *out, const struct sample *sample)
{
	const struct psr_view *view = sample->view;
	uint8_t proto[2] = { (uint8_t)(view->proto >> 8),
			     (uint8_t)view->proto };
	uint64_t bytes;

	out = put_keyed(out, " seq ", view->group_seq);
	if (view->fields & PSR_FIELD_PROTO)
		out = put_hex(put_text(out, " proto 0x"), proto, 2);
	if (view->fields & PSR_FIELD_LATENCY)
		out = put_keyed(out, " latency_ns ", view->latency_ns);
	if (view->fields & PSR_FIELD_OUT_TC)
		out = put_keyed(out, " out_tc ", view->out_tc);
	if (view->fields & PSR_FIELD_OUT_TC_OCC &&
	    !psr_view_out_tc_occ(sample->queue, view, &bytes))
		out = put_keyed(out, " out_tc_occ_bytes ", bytes);
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
		out = put_keyed(out, " tos ", tunnel->tos);
	if (tunnel->fields & PSR_TUNNEL_TTL)
		out = put_keyed(out, " ttl ", tunnel->ttl);
	if (tunnel->fields & PSR_TUNNEL_TP_SRC)
		out = put_keyed(out, " tp_src ", tunnel->tp_src);
	if (tunnel->fields & PSR_TUNNEL_TP_DST)
		out = put_keyed(out, " tp_dst ", tunnel->tp_dst);
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
		out = put_keyed(out, " id ", tunnel.id);
	out = text_tunnel_addresses(out, &tunnel);
	out = text_tunnel_header(out, &tunnel);
	return text_tunnel_options(out, &tunnel);
}

static char *text_cookie(char *out, const struct sample *sample)
{
	const uint8_t *cookie;
	int length;

	if (!(sample->view->fields & PSR_FIELD_COOKIE))
		return out;
	length = psr_view_cookie(sample->queue, sample->view, &cookie);
	if (length < 0)
		return out;
	return put_hex(put_text(out, " cookie "), cookie, (size_t)length);
}

/* As tcpdump's -x writes them, but with the link-layer header. */
static char *text_hex(char *out, const struct psr_view *view)
{
	uint8_t offset[2];

	for (uint32_t at = 0; at < view->data_len; at++) {
		if (at % HEX_BYTES == 0) {
			offset[0] = (uint8_t)(at >> 8);
			offset[1] = (uint8_t)at;
			out = put_hex(put_text(out, "\n\t0x"), offset, 2);
			out = put_text(out, ": ");
		}
		if (at % 2 == 0)
			*out++ = ' ';
		out = put_hex(out, view->data + at, 1);
	}
	return out;
}

char *sample_text(char *out, const struct sample *sample,
		  struct sample_writer *writer)
{
	out = text_time(out, sample->view, &writer->second);
	out = text_direction(out, sample->view, writer->interfaces);
	out = text_identity(out, sample->view);
	/* Before the colon: behind it there may be a seq of the packet's own. */
	if (writer->verbose) {
		out = text_numbers(out, sample);
		out = text_tunnel(out, sample);
		out = text_cookie(out, sample);
	}
	out = put_text(out, ": ");
	out = text_tunnel_brief(out, sample);
	out = text_packet(out, sample->view, writer->with_link);
	if (writer->hex)
		out = text_hex(out, sample->view);
	*out++ = '\n';
	return out;
}
