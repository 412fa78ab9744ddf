/* SPDX-License-Identifier: MIT */
/*
 * Samples as a pcapng file of packets.
 *
 * An interface of the file has one link type, and one of the machine may need
 * two: what eth0 passed on to a tunnel is sampled there, from its IP header on,
 * and came in at eth0. So a packet's bytes tell which one it is of, and not only
 * its interface.
 */
#include "capture_packets.h"

#include "output.h"
#include "packet.h"
#include "pcapng.h"
#include "plain.h"
#include "put.h"

#include <assert.h>
#include <net/if.h>
#include <stdlib.h>

/* Of each ifindex, the one of Ethernet and the one of raw IP. */
#define IFINDEXES  (UINT16_MAX + 1)
#define INTERFACES (2 * IFINDEXES)

static_assert(2 * PCAPNG_BLOCK_MAX + UINT16_MAX + 1 <= SAMPLE_LINE_MAX,
	      "an interface and a packet fit where a line does");

struct interface {
	uint64_t packets; /* 0: not in the file yet */
	uint64_t dropped; /* as its packets told */
	uint32_t place;	  /* in the file */
};

struct packets {
	bool is_local;
	uint32_t interface_count;
	uint64_t lost[PSR_QUEUES_MAX]; /* of each queue, when last asked */
	uint64_t lost_total;	       /* their sum */
	uint64_t told;		       /* of that, in the file */
	uint64_t last_ns;
	uint32_t last;				 /* interface */
	struct interface interfaces[INTERFACES]; /* by interface_of */
};

struct packets *packets_open(bool is_local)
{
	struct packets *packets = calloc(1, sizeof(*packets));

	if (packets)
		packets->is_local = is_local;
	return packets;
}

void packets_note_loss(struct packets *packets, uint32_t queue_index,
		       uint64_t lost)
{
	packets->lost_total += lost - packets->lost[queue_index];
	packets->lost[queue_index] = lost;
}

/*
 * The kernel sends 16 bits of an interface's number. What has more, or none, or
 * is of another network namespace, where the number means another interface,
 * shares ifindex 0.
 */
static uint32_t interface_of(const struct psr_view *view)
{
	const struct packet packet = packet_of_view(view);
	uint32_t ifindex = view->fields & PSR_FIELD_IIF	  ? view->iif
			   : view->fields & PSR_FIELD_OIF ? view->oif
							  : 0;

	if (ifindex >= IFINDEXES || view->nsid != PSR_NSID_OWN)
		ifindex = 0;
	return 2 * ifindex + !packet_is_ethernet(&packet);
}

/* @index: as of interface_of */
static char *put_interface(struct packets *packets, char *out, uint32_t index)
{
	const uint16_t link_type = index % 2 ? PCAPNG_RAW_IP : PCAPNG_ETHERNET;
	char name[IF_NAMESIZE + sizeof("ifindex ")];

	packets->interfaces[index].place = packets->interface_count++;
	if (!packets->is_local || !if_indextoname(index / 2, name))
		*put_keyed(name, "ifindex ", index / 2) = '\0';
	else
		plain_name(name);
	return pcapng_interface(out, link_type, name);
}

/* Where there are two, nobody knows which of them sampled it. */
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

/* What was lost has no interface: it counts for one whose packet came next. */
static uint64_t take_untold(struct packets *packets, uint32_t index)
{
	uint64_t untold = packets->lost_total - packets->told;

	packets->interfaces[index].dropped += untold;
	packets->told += untold;
	return untold;
}

char *packets_put(struct packets *packets, char *out,
		  const struct sample *sample)
{
	const struct psr_view *view = sample->view;
	uint32_t index = interface_of(view);
	struct interface *interface = &packets->interfaces[index];
	char comment[PCAPNG_TEXT_MAX];

	packets->last = index;
	packets->last_ns = sample_time_ns(view);
	if (!interface->packets++)
		out = put_interface(packets, out, index);
	write_comment(comment, sample);
	out = pcapng_packet(out, &(struct pcapng_packet){
					 .interface = interface->place,
					 .direction = direction_of(view),
					 .timestamp_ns = packets->last_ns,
					 .dropped = take_untold(packets, index),
					 .data = view->data,
					 .data_len = view->data_len,
					 .orig_size = view->orig_size,
					 .comment = comment,
				 });
	return out;
}

int packets_end(struct packets *packets, uint64_t lost)
{
	char block[PCAPNG_BLOCK_MAX];
	int error = 0;

	packets->lost_total = lost;
	(void)take_untold(packets, packets->last);
	for (uint32_t i = 0; i < INTERFACES && !error; i++) {
		const struct interface *interface = &packets->interfaces[i];
		char *end;

		if (!interface->packets)
			continue;
		end = pcapng_statistics(block, interface->place,
					packets->last_ns, interface->dropped,
					interface->packets);
		error = output_write(block, (size_t)(end - block));
	}
	return error;
}

void packets_close(struct packets *packets)
{
	free(packets);
}
