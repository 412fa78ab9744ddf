/* SPDX-License-Identifier: MIT */
/*
 * Empties a queue that was filled before. The consumer drives it by itself, so
 * that all of the receiving side's work is in its time, whatever the transport.
 */
#include "drain.h"

#include "clock.h"
#include "synthetic.h"

#include <errno.h>
#include <stddef.h>

#define USERSOCK_GROUP 29
#define SEND_MS_MAX    10000

/* Sends them all before anybody reads one. */
static int fill(struct synthetic *synthetic, const char **reterr_cause)
{
	int sent = synthetic_start(synthetic);

	*reterr_cause = "sending";
	if (!sent)
		sent = synthetic_wait(synthetic, SEND_MS_MAX);
	synthetic_stop(synthetic);
	return sent == 1 ? 0 : sent < 0 ? sent : -ETIMEDOUT;
}

/* Takes what is there until the queue ends. */
static int empty(struct psr_queue *queue, const char **reterr_cause)
{
	const struct psr_view *views;
	uint32_t count, number = 0;
	int verdict;

	*reterr_cause = "samples were lost or came out of order";
	while ((verdict = psr_queue_wait(queue, 0)) == 1) {
		count = psr_queue_peek(queue, &views);
		for (uint32_t i = 0; i < count; i++) {
			(void)*(const volatile uint8_t *)views[i].data;
			if (views[i].group_seq != number++)
				return -EBADMSG;
		}
		psr_queue_release(queue, count);
	}
	return number == DRAIN_SAMPLES && verdict == -ESHUTDOWN ? 0 : -EBADMSG;
}

static int measure(struct psr *psr, struct synthetic *synthetic, double *ret_ns,
		   const char **reterr_cause)
{
	int64_t since_ns;
	int err = psr_start(psr);

	*reterr_cause = "starting psring";
	if (!err)
		err = fill(synthetic, reterr_cause);
	if (!err)
		err = psr_stop(psr);
	if (err)
		return err;
	since_ns = clock_now_ns();
	err = empty(psr_queue(psr, 0), reterr_cause);
	*ret_ns = (double)(clock_now_ns() - since_ns) / DRAIN_SAMPLES;
	return err;
}

int drain_ns(enum psr_transport transport, double *ret_ns,
	     const char **reterr_cause)
{
	struct synthetic_config sender;
	struct synthetic *synthetic;
	struct psr_config config;
	struct psr *psr = NULL;
	int err;

	synthetic_config_init(&sender);
	sender.usersock_group = USERSOCK_GROUP;
	sender.count = DRAIN_SAMPLES;
	err = synthetic_open(&sender, &synthetic, reterr_cause);
	if (err)
		return err;
	psr_config_init(&config);
	config.source = PSR_SOURCE_USERSOCK;
	config.usersock_group = USERSOCK_GROUP;
	config.usersock_portid = synthetic_portid(synthetic);
	config.transport = transport;
	config.ingest_threads = 0;
	err = psr_open(&config, &psr, reterr_cause);
	if (!err)
		err = measure(psr, synthetic, ret_ns, reterr_cause);
	psr_close(psr);
	synthetic_close(synthetic);
	return err;
}
