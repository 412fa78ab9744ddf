/* SPDX-License-Identifier: MIT */
/* What /proc says of the machine. A file that is missing says nothing. */
#include "surroundings.h"

#include "clocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The value behind the first line of @path that begins with @key. */
static void find_line(const char *path, const char *key, char *ret_value,
		      size_t bytes)
{
	char line[512];
	FILE *file = fopen(path, "re");

	ret_value[0] = '\0';
	while (file && ret_value[0] == '\0' && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0) {
			char *value = line + strlen(key);

			value += strspn(value, " \t:");
			value[strcspn(value, "\n")] = '\0';
			snprintf(ret_value, bytes, "%s", value);
		}
	if (file)
		fclose(file);
}

void surroundings_describe(struct machine *ret_machine)
{
	time_t now = (time_t)(clock_real_ns() / NS_PER_S);
	struct utsname name;
	struct tm utc;

	memset(ret_machine, 0, sizeof(*ret_machine));
	if (uname(&name) == 0)
		snprintf(ret_machine->kernel, sizeof(ret_machine->kernel),
			 "%s %s %s", name.sysname, name.release, name.machine);
	find_line("/proc/cpuinfo", "model name", ret_machine->cpu,
		  sizeof(ret_machine->cpu));
	if (gmtime_r(&now, &utc))
		strftime(ret_machine->date, sizeof(ret_machine->date),
			 "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(ret_machine->version, sizeof(ret_machine->version), "%s",
		 PSRING_VERSION);
	ret_machine->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	ret_machine->memory_bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) *
				    (uint64_t)sysconf(_SC_PAGESIZE);
}

/* proc(5): user nice system idle iowait irq softirq steal, in ticks. */
enum {
	USER,
	NICE,
	SYSTEM,
	IDLE,
	IOWAIT,
	IRQ,
	SOFTIRQ,
	STEAL,
	STATES
};

void surroundings_load(struct load *ret_load)
{
	uint64_t tick_ns = (uint64_t)NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	uint64_t own_ns = clock_ns_of(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t ticks[STATES];
	uint64_t busy_ns;
	char line[256];
	char *next = line;

	find_line("/proc/stat", "cpu ", line, sizeof(line));
	for (uint32_t i = 0; i < STATES; i++)
		ticks[i] = strtoull(next, &next, 10);
	busy_ns = tick_ns * (ticks[USER] + ticks[NICE] + ticks[SYSTEM] +
			     ticks[IRQ] + ticks[SOFTIRQ]);
	ret_load->steal_ns = ticks[STEAL] * tick_ns;
	ret_load->other_ns = busy_ns > own_ns ? busy_ns - own_ns : 0;
}

/* /proc/net/netlink: sk Eth Pid Groups Rmem ... */
uint64_t surroundings_queued(int protocol)
{
	FILE *file = fopen("/proc/net/netlink", "re");
	uint64_t most = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		char *next = line;
		uint64_t rmem;

		(void)strtoull(next, &next, 16);
		if (strtol(next, &next, 10) != protocol)
			continue;
		(void)strtoull(next, &next, 10);
		(void)strtoull(next, &next, 16);
		rmem = strtoull(next, &next, 10);
		most = rmem > most ? rmem : most;
	}
	if (file)
		fclose(file);
	return most;
}

uint64_t surroundings_resident(void)
{
	char line[64];

	find_line("/proc/self/smaps_rollup", "Pss", line, sizeof(line));
	return strtoull(line, NULL, 10) * 1024;
}
