/* SPDX-License-Identifier: MIT */
/*
 * Whether samples can be heard, who else hears them, and what a receive buffer
 * holds.
 */
#include "doctor.h"

#include "human.h"
#include "listener.h"
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

/* A busy machine may keep a thread from its CPU for so long. */
#define PATIENCE_MS 10

#define PACKET_BYTES 128 /* of a sample, as README's figures have it */

#define LISTENERS_TOLD 16

/* For a moment, and with every sample rejected. */
static int join(const struct options *options, const char **reterr_cause)
{
	struct psr_config config;
	struct psr *psr;
	int err;

	psr_config_init(&config);
	config.transport = PSR_TRANSPORT_RECVMMSG;
	config.source = options->engine.source;
	config.usersock_group = options->engine.usersock_group;
	if (options->source == OPTIONS_SYNTHETIC)
		config.usersock_group = options->sender.usersock_group;
	err = psr_open(&config, &psr, reterr_cause);
	if (!err)
		psr_close(psr);
	return err;
}

void check_join(struct doctor *doctor)
{
	int has_group = doctor->options->source != OPTIONS_PSAMPLE ||
			doctor->has_family;
	const char *cause = NULL;
	int err = has_group ? join(doctor->options, &cause) : 0;

	if (has_group && !err) {
		doctor_tell(doctor, VERDICT_OK, "join",
			    "the group of samples was joined");
	} else if (!privileges_has(CAP_NET_ADMIN)) {
		doctor_tell(doctor, VERDICT_FAIL, "join",
			    "no CAP_NET_ADMIN: hearing samples takes it");
		doctor_mend_capability(doctor);
	} else if (err == -EPERM) {
		doctor_tell(doctor, VERDICT_FAIL, "join",
			    "CAP_NET_ADMIN is of a user namespace that does "
			    "not own this network namespace");
		doctor_mend(doctor, "nsenter -t 1 -U -n psring doctor");
	} else if (err) {
		doctor_tell(doctor, VERDICT_FAIL, "join", "%s: %s",
			    cause ? cause : "joining", strerrordesc_np(-err));
	} else {
		doctor_tell(doctor, VERDICT_OK, "join",
			    "CAP_NET_ADMIN is there");
	}
}

static void tell_listener(struct doctor *doctor,
			  const struct listener *listener)
{
	long usual = doctor_number("/proc/sys/net/core/rmem_default", 0);
	char number[HUMAN_MAX];

	if (listener->drops) {
		doctor_tell(doctor, VERDICT_WARN, "listener",
			    "%s (port %u) has lost %s samples: its receive "
			    "buffer is too small (of psring: --rcvbuf), or it "
			    "is too slow",
			    listener->name, listener->portid,
			    human_digits(number, listener->drops));
	} else if (listener->rcvbuf_bytes && listener->rcvbuf_bytes <= usual) {
		doctor_tell(doctor, VERDICT_WARN, "listener",
			    "%s (port %u) has a receive buffer of the usual "
			    "size, which a burst fills: %s bytes",
			    listener->name, listener->portid,
			    human_digits(number, listener->rcvbuf_bytes));
	} else {
		doctor_tell(doctor, VERDICT_OK, "listener",
			    "%s (port %u) hears samples too, and lost none",
			    listener->name, listener->portid);
		return;
	}
	/* Left there, every socket of the machine might grow as large. */
	doctor_mend(doctor,
		    "sysctl -w net.core.rmem_default=%u # start it again, and "
		    "then sysctl -w net.core.rmem_default=%ld",
		    doctor->options->engine.rcvbuf_bytes, usual);
}

void check_listeners(struct doctor *doctor)
{
	struct listener listeners[LISTENERS_TOLD];
	int count = 0;

	if (doctor->has_family)
		count = listeners_find(listeners, LISTENERS_TOLD);
	if (!doctor->has_family || count == -ENOENT)
		return;
	if (count == -ERANGE)
		doctor_tell(doctor, VERDICT_OK, "listener",
			    "who else listens cannot be told: the group's "
			    "number is above 32");
	else if (count < 0)
		doctor_tell(doctor, VERDICT_WARN, "listener",
			    "who else listens cannot be told: %s",
			    strerrordesc_np(-count));
	else if (!count)
		doctor_tell(doctor, VERDICT_OK, "listener",
			    "nobody else listens");
	for (int i = 0; i < count && i < LISTENERS_TOLD; i++)
		tell_listener(doctor, &listeners[i]);
	if (count > LISTENERS_TOLD)
		doctor_tell(doctor, VERDICT_OK, "listener",
			    "%d more hear samples", count - LISTENERS_TOLD);
}

void check_rcvbuf(struct doctor *doctor)
{
	uint32_t asked = doctor->options->engine.rcvbuf_bytes;
	struct psr_info info = { 0 };
	const char *cause = NULL;
	int err = doctor_probe(PSR_TRANSPORT_RECVMMSG, &info, &cause);
	char had[HUMAN_MAX], wanted[HUMAN_MAX];
	char samples[HUMAN_MAX], rate[HUMAN_MAX];
	double holds, ms;

	if (err) {
		doctor_tell(doctor, VERDICT_FAIL, "rcvbuf", "%s: %s",
			    cause ? cause : "opening a socket",
			    strerrordesc_np(-err));
		return;
	}
	doctor->rcvbuf_bytes = info.rcvbuf_bytes;
	holds = doctor_holds(doctor, PACKET_BYTES);
	ms = holds * 1000 / doctor->options->expected_rate;
	doctor_tell(doctor,
		    info.rcvbuf_bytes / 2 < asked || ms < PATIENCE_MS
			    ? VERDICT_WARN
			    : VERDICT_OK,
		    "rcvbuf",
		    "%s of %s bytes are to be had, for %s samples of %d bytes: "
		    "%.1f ms at %s/s",
		    human_digits(had, info.rcvbuf_bytes / 2),
		    human_digits(wanted, asked),
		    human_digits(samples, (uint64_t)holds), PACKET_BYTES, ms,
		    human_digits(rate, doctor->options->expected_rate));
	if (info.rcvbuf_bytes / 2 < asked)
		doctor_mend(doctor, "sysctl -w net.core.rmem_max=%u", asked);
	else if (ms < PATIENCE_MS)
		doctor_mend(doctor, "psring dump --rcvbuf %u",
			    PSR_RCVBUF_MAX / 4);
}

void check_rcvbuf_limit(struct doctor *doctor)
{
	const char *cause = NULL;
	int err = psr_check_rcvbuf(&cause);

	switch (err) {
	case 0:
		doctor_tell(doctor, VERDICT_OK, "kernel",
			    "it keeps to receive buffers, and counts what it "
			    "drops");
		break;
	case -EOVERFLOW:
	case -EPROTO:
		doctor_tell(doctor, VERDICT_FAIL, "kernel", "%s", cause);
		doctor_mend(doctor, "apt-get install --only-upgrade "
				    "linux-image-amd64 && reboot");
		break;
	default:
		doctor_tell(doctor, VERDICT_WARN, "kernel",
			    "whether it keeps to receive buffers was not "
			    "tried: %s",
			    strerrordesc_np(-err));
		if (err == -EPERM)
			doctor_mend_capability(doctor);
		break;
	}
}
