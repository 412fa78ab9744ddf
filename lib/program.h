/* SPDX-License-Identifier: MIT */
/*
 * The BPF program of transport bpf (program.bpf.c), loaded. It is the filter
 * of the one socket that hears for all queues.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "record.h"

#include <stdbool.h>

struct program {
	int fd;
	int ring_fds[PSR_QUEUES_MAX]; /* [ring_count] */
	uint32_t ring_count;
	/* Mapped: the program's own. */
	uint32_t *stopped;
	struct program_counters *counters; /* [PSR_QUEUES_MAX] */
	struct program_bpf *skeleton;
};

/*
 * Loads the program with a ring of @ring_bytes, a power of two, for each queue.
 * It rejects everything until program_set_stopped says otherwise.
 *
 * Returns 0, or -EOPNOTSUPP: not built in; -EPERM: no CAP_BPF; or what else
 * the kernel said. After a failure, too, program_unload is to be called.
 */
int program_load(struct program *ret_program, const struct psr_config *config,
		 uint32_t ring_bytes, const char **reterr_cause);
void program_unload(struct program *program);

/* The program reads it once a sample, on any CPU; no order is promised. */
static inline void program_set_stopped(struct program *program, bool stopped)
{
	__atomic_store_n(program->stopped, stopped, __ATOMIC_RELAXED);
}

static inline uint64_t program_count(const uint64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

#endif /* PROGRAM_H */
