/* SPDX-License-Identifier: MIT */
/*
 * What a view does not hold: attributes that few read, found again in the
 * message when asked for. The message begins where its buffer does.
 */
#include "attribute.h"
#include "decode.h"
#include "psample.h"
#include "queue.h"

#include <endian.h>
#include <errno.h>
#include <linux/psample.h>

uint32_t psr_view_copy(const struct psr_view *view, void *storage,
		       uint32_t size, struct psr_view *ret_copy)
{
	const uint16_t whole = view->data_len;
	const uint16_t len = whole < size ? whole : (uint16_t)size;

	if (len > 0)
		memcpy(storage, view->data, len);
	*ret_copy = *view;
	ret_copy->data = view->data ? storage : NULL;
	ret_copy->data_len = len;
	return whole;
}

/* NULL: @view is none that @queue has lent. */
static const uint8_t *view_buffer(const struct psr_queue *queue,
				  const struct psr_view *view)
{
	return ring_lends(&queue->ring, view)
		       ? buffers_at(&queue->buffers, view->private_id)
		       : NULL;
}

static const uint8_t *view_find(const struct psr_queue *queue,
				const struct psr_view *view, uint16_t attribute,
				size_t *ret_len)
{
	const uint8_t *buffer = view_buffer(queue, view);

	return buffer ? decode_find(buffer, queue->buffers.bytes, attribute,
				    ret_len)
		      : NULL;
}

int psr_view_message(const struct psr_queue *queue, const struct psr_view *view,
		     const uint8_t **ret_message)
{
	const uint8_t *buffer = view_buffer(queue, view);
	struct nlmsghdr netlink;
	uint32_t capacity = queue->buffers.bytes;

	if (!buffer)
		return -EINVAL;
	memcpy(&netlink, buffer, sizeof(netlink));
	*ret_message = buffer;
	return (int)(netlink.nlmsg_len < capacity ? netlink.nlmsg_len
						  : capacity);
}

int psr_view_out_tc_occ(const struct psr_queue *queue,
			const struct psr_view *view, uint64_t *ret_bytes)
{
	const uint8_t *value;
	size_t len;

	if (!(view->fields & PSR_FIELD_OUT_TC_OCC))
		return -ENOENT;
	value = view_find(queue, view, PSAMPLE_OUT_TC_OCC, &len);
	if (!value || len != sizeof(*ret_bytes))
		return -EINVAL;
	*ret_bytes = attribute_u64(value);
	return 0;
}

int psr_view_cookie(const struct psr_queue *queue, const struct psr_view *view,
		    const uint8_t **ret_cookie)
{
	const uint8_t *value;
	size_t len;

	if (!(view->fields & PSR_FIELD_COOKIE))
		return -ENOENT;
	value = view_find(queue, view, PSAMPLE_USER_COOKIE, &len);
	if (!value)
		return -EINVAL;
	*ret_cookie = value;
	return (int)len;
}

/* The members of a tunnel nest; all numbers in it are big endian. */
struct member {
	uint16_t bytes; /* exactly; ANY_BYTES: options */
	uint16_t offset;
};

#define ANY_BYTES UINT16_MAX
#define MEMBER(name, bytes)                              \
	{                                                \
		bytes, offsetof(struct psr_tunnel, name) \
	}
#define FLAG         \
	{            \
		0, 0 \
	}

static const struct member members[] = {
	[PSAMPLE_TUNNEL_KEY_ATTR_ID] = MEMBER(id, 8),
	[PSAMPLE_TUNNEL_KEY_ATTR_IPV4_SRC] = MEMBER(ipv4_src, 4),
	[PSAMPLE_TUNNEL_KEY_ATTR_IPV4_DST] = MEMBER(ipv4_dst, 4),
	[PSAMPLE_TUNNEL_KEY_ATTR_TOS] = MEMBER(tos, 1),
	[PSAMPLE_TUNNEL_KEY_ATTR_TTL] = MEMBER(ttl, 1),
	[PSAMPLE_TUNNEL_KEY_ATTR_DONT_FRAGMENT] = FLAG,
	[PSAMPLE_TUNNEL_KEY_ATTR_CSUM] = FLAG,
	[PSAMPLE_TUNNEL_KEY_ATTR_OAM] = FLAG,
	[PSAMPLE_TUNNEL_KEY_ATTR_GENEVE_OPTS] = MEMBER(geneve_opts, ANY_BYTES),
	[PSAMPLE_TUNNEL_KEY_ATTR_TP_SRC] = MEMBER(tp_src, 2),
	[PSAMPLE_TUNNEL_KEY_ATTR_TP_DST] = MEMBER(tp_dst, 2),
	[PSAMPLE_TUNNEL_KEY_ATTR_VXLAN_OPTS] = MEMBER(vxlan_opts, ANY_BYTES),
	[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_SRC] = MEMBER(ipv6_src, 16),
	[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST] = MEMBER(ipv6_dst, 16),
	[PSAMPLE_TUNNEL_KEY_ATTR_PAD] = { ANY_BYTES, 0 },
	[PSAMPLE_TUNNEL_KEY_ATTR_ERSPAN_OPTS] = MEMBER(erspan_opts, ANY_BYTES),
	[PSAMPLE_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE] = FLAG,
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static_assert(PSR_TUNNEL_IPV4_INFO_BRIDGE == 1 << (MEMBERS - 1),
	      "a bit of psr_tunnel.fields for each member");

static void take_opts(const struct attribute *attribute,
		      struct psr_tunnel *tunnel)
{
	uint16_t len = (uint16_t)attribute->len;

	if (attribute->type == PSAMPLE_TUNNEL_KEY_ATTR_GENEVE_OPTS) {
		tunnel->geneve_opts = attribute->value;
		tunnel->geneve_opts_len = len;
	} else if (attribute->type == PSAMPLE_TUNNEL_KEY_ATTR_VXLAN_OPTS) {
		tunnel->vxlan_opts = attribute->value;
		tunnel->vxlan_opts_len = len;
	} else if (attribute->type == PSAMPLE_TUNNEL_KEY_ATTR_ERSPAN_OPTS) {
		tunnel->erspan_opts = attribute->value;
		tunnel->erspan_opts_len = len;
	}
}

/* False: of a length that its type cannot have. */
static bool take_member(const struct attribute *attribute,
			struct psr_tunnel *tunnel)
{
	const struct member *member = &members[attribute->type];

	if (member->bytes == ANY_BYTES) {
		take_opts(attribute, tunnel);
		return true;
	}
	if (attribute->len != member->bytes)
		return false;
	memcpy((uint8_t *)tunnel + member->offset, attribute->value,
	       member->bytes);
	return true;
}

int psr_view_tunnel(const struct psr_queue *queue, const struct psr_view *view,
		    struct psr_tunnel *ret_tunnel)
{
	struct psr_tunnel tunnel = { 0 };
	struct attributes nest;
	struct attribute attribute;
	enum attribute_verdict verdict;

	if (!(view->fields & PSR_FIELD_TUNNEL))
		return -ENOENT;
	nest.next = view_find(queue, view, PSAMPLE_TUNNEL, &nest.left);
	if (!nest.next)
		return -EINVAL;
	while ((verdict = attribute_next(&nest, &attribute)) == ATTRIBUTE_OK) {
		if (attribute.type >= MEMBERS)
			continue;
		if (!take_member(&attribute, &tunnel))
			return -EBADMSG;
		if (attribute.type != PSAMPLE_TUNNEL_KEY_ATTR_PAD)
			tunnel.fields |= 1u << attribute.type;
	}
	if (verdict != ATTRIBUTE_END)
		return -EBADMSG;
	tunnel.id = be64toh(tunnel.id);
	tunnel.tp_src = be16toh(tunnel.tp_src);
	tunnel.tp_dst = be16toh(tunnel.tp_dst);
	*ret_tunnel = tunnel;
	return 0;
}
