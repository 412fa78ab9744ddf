/* SPDX-License-Identifier: MIT */
/* Limits of every field of psr_config, in one place. */
#ifndef CONFIG_H
#define CONFIG_H

#include "psring.h"

/* 0, or a negative errno with the cause. */
int config_check(const struct psr_config *config, const char **reterr_cause);

/* Transport bpf has none, whatever is configured. */
uint32_t config_ingest_threads(const struct psr_config *config);

/* Transport bpf: bytes of a ring, a power of two, which holds any sample. */
uint32_t config_ringbuf_bytes(const struct psr_config *config);

/* Number of ingests: one per thread, or one per queue. */
uint32_t config_ingest_count(const struct psr_config *config);

#endif /* CONFIG_H */
