/* SPDX-License-Identifier: MIT */
/*
 * What it takes to read a sample that is in memory already: the same messages,
 * of a 128-byte packet each, into the same struct psr_view.
 */
#ifndef DECODING_H
#define DECODING_H

#include <stdint.h>

/* Nanoseconds per sample of @decodes: by decode.c, ... */
double decoding_psring_ns(uint32_t decodes);

/* ... and by libmnl's mnl_attr_parse, as its examples use it. */
double decoding_mnl_ns(uint32_t decodes);

#endif /* DECODING_H */
