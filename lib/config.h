/* SPDX-License-Identifier: MIT */
/* Limits of every field of psr_config, in one place. */
#ifndef CONFIG_H
#define CONFIG_H

#include "psring.h"

/* 0, or a negative errno with the cause. */
int config_check(const struct psr_config *config, const char **reterr_cause);

/* Number of ingests: one per thread, or one per queue. */
uint32_t config_ingest_count(const struct psr_config *config);

#endif /* CONFIG_H */
