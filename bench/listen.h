/* SPDX-License-Identifier: MIT */
/* The socket of a baseline: what the engine would open, without the engine. */
#ifndef LISTEN_H
#define LISTEN_H

#include "psring.h"

#include <stdint.h>

/*
 * Opens the data socket of queue @index as psr_open and psr_start would. It
 * receives from the return on.
 * @ret_family: for decode()
 * Return: 0, or a negative errno with the cause, a static string.
 */
int listen_open(const struct psr_config *config, uint32_t index, int *ret_fd,
		uint16_t *ret_family, const char **reterr_cause);

#endif /* LISTEN_H */
