/* SPDX-License-Identifier: MIT */
/*
 * Samples as a pcapng file of packets.
 *
 * The kernel sends 16 bits of an interface's number. What has more, or none, or
 * is of another network namespace, where the number means another interface,
 * shares interface 0.
 */
#include "capture_ethernet.h"

#include "output.h"
#include "pcapng.h"
#include "put.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdlib.h>

#define INTERFACES (UINT16_MAX + 1)

static_assert(2 * PCAPNG_BLOCK_MAX + UINT16_MAX + 1 <= SAMPLE_LINE_MAX,
	      "an interface and a packet fit where a line does");

/* By ifindex. */
struct interface {
	uint64_t packets; /* 0: not in the file yet */
	uint32_t place;	  /* in the file */
};

struct ethernet {
	bool is_local;
	uint32_t interface_count;
	uint64_t untold; /* lost since the last packet that told */
	uint64_t last_ns;
	uint64_t lost[PSR_QUEUES_MAX];
	struct interface interfaces[INTERFACES];
};

struct ethernet *ethernet_open(bool is_local)
{
	struct ethernet *ethernet = calloc(1, sizeof(*ethernet));

	if (ethernet)
		ethernet->is_local = is_local;
	return ethernet;
}

void ethernet_note_loss(struct ethernet *ethernet, uint32_t queue_index,
			uint64_t lost)
{
	ethernet->untold += lost - ethernet->lost[queue_index];
	ethernet->lost[queue_index] = lost;
}

/*
 * A device without a link layer gives the packet from its IP header on, and
 * nothing says so, but that no EtherType like the sample's stands where
 * Ethernet has it. A device that is unknown by then is taken for Ethernet.
 */
static uint16_t link_type(const struct psr_view *view)
{
	uint16_t ethertype = 0;
	uint8_t version = view->data_len > 0 ? view->data[0] >> 4 : 0;

	if (view->data_len >= sizeof(struct ethhdr))
		memcpy(&ethertype,
		       view->data + offsetof(struct ethhdr, h_proto),
		       sizeof(ethertype));
	if (ntohs(ethertype) == view->proto)
		return PCAPNG_ETHERNET;
	if ((view->proto == ETH_P_IP && version == 4) ||
	    (view->proto == ETH_P_IPV6 && version == 6))
		return PCAPNG_RAW_IP;
	return PCAPNG_ETHERNET;
}

static uint32_t interface_of(const struct psr_view *view)
{
	uint32_t ifindex = view->fields & PSR_FIELD_IIF	  ? view->iif
			   : view->fields & PSR_FIELD_OIF ? view->oif
							  : 0;

	return ifindex < INTERFACES && view->nsid == PSR_NSID_OWN ? ifindex : 0;
}

static char *put_interface(struct ethernet *ethernet, char *out,
			   uint32_t ifindex, const struct psr_view *view)
{
	struct interface *interface = &ethernet->interfaces[ifindex];
	char name[IF_NAMESIZE + sizeof("ifindex ")];

	interface->place = ethernet->interface_count++;
	if (!ethernet->is_local || !if_indextoname(ifindex, name))
		*put_number(put_text(name, "ifindex "), ifindex) = '\0';
	return pcapng_interface(out, link_type(view), name);
}

/* Which of the two interfaces sampled it is known where there is one only. */
static enum pcapng_direction direction_of(const struct psr_view *view)
{
	switch (view->fields & (PSR_FIELD_IIF | PSR_FIELD_OIF)) {
	case PSR_FIELD_IIF:
		return PCAPNG_INBOUND;
	case PSR_FIELD_OIF:
		return PCAPNG_OUTBOUND;
	default:
		return PCAPNG_UNKNOWN;
	}
}

static void write_comment(char *out, const struct sample *sample)
{
	const struct psr_view *view = sample->view;
	uint64_t bytes;

	out = put_keyed(out, "group ", view->group);
	out = put_keyed(out, " seq ", view->group_seq);
	if (view->fields & PSR_FIELD_PROBABILITY)
		out = put_probability(put_text(out, " probability "),
				      view->rate);
	else
		out = put_keyed(out, " rate ", view->rate);
	if (view->nsid != PSR_NSID_OWN)
		out = put_keyed(out, " nsid ", (uint32_t)view->nsid);
	if (view->fields & PSR_FIELD_IIF)
		out = put_keyed(out, " iif ", view->iif);
	if (view->fields & PSR_FIELD_OIF)
		out = put_keyed(out, " oif ", view->oif);
	if (view->fields & PSR_FIELD_LATENCY)
		out = put_keyed(out, " latency_ns ", view->latency_ns);
	if (view->fields & PSR_FIELD_OUT_TC)
		out = put_keyed(out, " out_tc ", view->out_tc);
	if (!psr_view_out_tc_occ(sample->queue, view, &bytes))
		out = put_keyed(out, " out_tc_occ_bytes ", bytes);
	*out = '\0';
}

char *ethernet_put(struct ethernet *ethernet, char *out,
		   const struct sample *sample)
{
	const struct psr_view *view = sample->view;
	uint32_t ifindex = interface_of(view);
	struct interface *interface = &ethernet->interfaces[ifindex];
	char comment[PCAPNG_TEXT_MAX];

	ethernet->last_ns = sample_time_ns(view);
	if (!interface->packets++)
		out = put_interface(ethernet, out, ifindex, view);
	write_comment(comment, sample);
	out = pcapng_packet(out, &(struct pcapng_packet){
					 .interface = interface->place,
					 .direction = direction_of(view),
					 .timestamp_ns = ethernet->last_ns,
					 .dropped = ethernet->untold,
					 .data = view->data,
					 .data_len = view->data_len,
					 .orig_size = view->orig_size,
					 .comment = comment,
				 });
	ethernet->untold = 0;
	return out;
}

int ethernet_end(const struct ethernet *ethernet)
{
	char block[PCAPNG_BLOCK_MAX];
	int error = 0;

	for (uint32_t i = 0; i < INTERFACES && !error; i++) {
		const struct interface *interface = &ethernet->interfaces[i];
		char *end;

		if (!interface->packets)
			continue;
		end = pcapng_statistics(block, interface->place,
					ethernet->last_ns, interface->packets);
		error = output_write(block, (size_t)(end - block));
	}
	return error;
}

void ethernet_close(struct ethernet *ethernet)
{
	free(ethernet);
}
