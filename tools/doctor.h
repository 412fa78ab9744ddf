/* SPDX-License-Identifier: MIT */
/*
 * A doctor's visit: what psring's checks find, each finding told at once.
 *
 * A check looks at one thing and changes nothing. It tells a verdict, its reason,
 * and, where somebody can mend it, the command that does. Each subject has a
 * file: doctor_kernel.c, doctor_netlink.c, doctor_uring.c, doctor_bpf.c,
 * doctor_filters.c, doctor_traps.c; doctor.c has the table of all checks.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "options.h"
#include "sampler.h"

#include <jansson.h>

enum verdict {
	VERDICT_OK,
	VERDICT_WARN, /* samples come, but not as they could, or may get lost */
	VERDICT_FAIL, /* no samples, or wrong counts */
	VERDICTS
};

struct doctor {
	const struct options *options;
	json_t *findings; /* array; NULL: told as text */
	int json_error;
	int has_colour;
	uint32_t counts[VERDICTS];
	/* What one check found, and others rest on. */
	int is_built_without; /* psample, says the kernel's configuration */
	int has_family;
	int group_count;
	int has_uring;
	uint32_t rcvbuf_bytes; /* to be had */
	struct samplers samplers;
};

typedef void doctor_check(struct doctor *doctor);

doctor_check check_psample;
doctor_check check_act_sample;
doctor_check check_config;
doctor_check check_join;
doctor_check check_listeners;
doctor_check check_rcvbuf;
doctor_check check_rcvbuf_limit;
doctor_check check_uring;
doctor_check check_uring_features;
doctor_check check_bpf;
doctor_check check_filters;
doctor_check check_packets;
doctor_check check_trunc;
doctor_check check_ifindex;
doctor_check check_cpus;

/* @what: which check, in a word; @format: the reason */
void doctor_tell(struct doctor *doctor, enum verdict verdict, const char *what,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The command that mends what was told last. */
void doctor_mend(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Where capabilities are wanting: to give them to this program. */
void doctor_mend_capability(struct doctor *doctor);

/*
 * What an engine with this transport would get, or why there is none. It joins
 * no group, so that no membership and no privilege matters.
 * Return: 0, or psr_open's error.
 */
int doctor_probe(enum psr_transport transport, struct psr_info *ret_info,
		 const char **reterr_cause);

/* The number that a file of /proc or /sys begins with, or @absent. */
long doctor_number(const char *path, long absent);

/* Samples with so many bytes of packet that the receive buffer holds. */
double doctor_holds(const struct doctor *doctor, uint32_t packet_bytes);

#endif /* DOCTOR_H */
