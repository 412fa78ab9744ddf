/* SPDX-License-Identifier: MIT */
/*
 * CPU time by the clock that each thread has, to the nanosecond; sleeps by the
 * scheduler's count of voluntary switches in /proc. A thread that ended counts
 * no more: measure before it does.
 */
#include "threads.h"

#include "clocks.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* include/linux/posix-timers_types.h: CPUCLOCK_PERTHREAD, CPUCLOCK_SCHED. */
static clockid_t clock_of(pid_t id)
{
	return (clockid_t)((~(unsigned int)id << 3) | 4 | 2);
}

void threads_list(struct threads *ret_threads)
{
	DIR *directory = opendir("/proc/self/task");
	struct dirent *entry;

	ret_threads->count = 0;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while (directory && (entry = readdir(directory)) != NULL) {
		pid_t id = (pid_t)strtol(entry->d_name, NULL, 10);

		if (id > 0 && id != gettid() &&
		    ret_threads->count < THREADS_MAX)
			ret_threads->ids[ret_threads->count++] = id;
	}
	if (directory)
		closedir(directory);
}

static uint64_t switches_of(pid_t id)
{
	static const char key[] = "voluntary_ctxt_switches:";
	char line[256];
	uint64_t switches = 0;
	FILE *file;

	snprintf(line, sizeof(line), "/proc/self/task/%d/status", (int)id);
	file = fopen(line, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, key, sizeof(key) - 1) == 0)
			switches = strtoull(line + sizeof(key) - 1, NULL, 10);
	if (file)
		fclose(file);
	return switches;
}

struct threads_usage threads_use(const struct threads *threads)
{
	struct threads_usage usage = { 0 };

	for (uint32_t i = 0; i < threads->count; i++) {
		usage.cpu_ns += clock_ns_of(clock_of(threads->ids[i]));
		usage.wakeups += switches_of(threads->ids[i]);
	}
	return usage;
}
