/* SPDX-License-Identifier: MIT */
/*
 * Threads by way of /proc, where a program may look at itself without
 * privileges, also once it has given its own up.
 */
#include "threads.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Behind the name, of fields as in proc(5): utime and stime, 14 and 15. */
#define FIELDS "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu"

/* A name may have spaces and parentheses; the last one ends it. */
static int parse_stat(char *text, struct thread *thread)
{
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	unsigned long user, kernel;

	if (!name || !end || end < name)
		return -1;
	*end = '\0';
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers */
	if (sscanf(end + 2, FIELDS, &user, &kernel) != 2)
		return -1;
	snprintf(thread->name, sizeof(thread->name), "%s", name + 1);
	thread->cpu_s = (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
	return 0;
}

static int read_thread(const char *id, struct thread *thread)
{
	char path[64], text[512];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/stat", id);
	file = fopen(path, "re");
	if (!file)
		return -1;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	thread->id = (int32_t)strtol(id, NULL, 10);
	return parse_stat(text, thread);
}

static double cpu_before(const struct threads *threads, int32_t id)
{
	for (uint32_t i = 0; i < threads->count; i++) {
		if (threads->of[i].id == id)
			return threads->of[i].cpu_s;
	}
	return 0;
}

void threads_read(struct threads *threads, double passed_s)
{
	DIR *tasks = opendir("/proc/self/task");
	struct threads now = { 0 };
	struct dirent *entry;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a DIR of our own */
	while (tasks && now.count < THREADS_MAX && (entry = readdir(tasks))) {
		struct thread *thread = &now.of[now.count];

		if (*entry->d_name == '.' || read_thread(entry->d_name, thread))
			continue;
		thread->share =
			(thread->cpu_s - cpu_before(threads, thread->id)) /
			passed_s;
		now.count++;
	}
	if (tasks)
		closedir(tasks);
	*threads = now;
}
