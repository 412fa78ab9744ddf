/* SPDX-License-Identifier: MIT */
/*
 * Listeners, from /proc/net/netlink: it shows of each socket the groups 1 to 32
 * that it is a member of. Whose a socket is, the descriptors of all processes
 * tell whom may look at them; the size of its receive buffer is asked of a copy
 * of the descriptor, as no file has it.
 */
#include "listener.h"

#include "control.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUPS_SHOWN 32
#define LINE_BYTES   512

/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
enum column {
	COLUMN_PROTOCOL = 1,
	COLUMN_PORTID = 2,
	COLUMN_GROUPS = 3,
	COLUMN_DROPS = 8,
	COLUMN_INODE = 9,
	COLUMNS
};

/* Return: 0; -1: not a line of a socket. The heading gives protocol 0. */
static int split(char *line, unsigned long ret_values[COLUMNS])
{
	char *rest;
	char *word = strtok_r(line, " \n", &rest);

	for (int i = 0; i < COLUMNS; i++) {
		if (!word)
			return -1;
		ret_values[i] =
			strtoul(word, NULL, i == COLUMN_GROUPS ? 16 : 10);
		word = strtok_r(NULL, " \n", &rest);
	}
	return 0;
}

static int is_number(const char *text)
{
	return isdigit((unsigned char)*text);
}

/* @fd, a descriptor of another process, by a copy that is closed at once. */
static void ask_rcvbuf(struct listener *listener, int pid, int fd)
{
	uint32_t meminfo[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(meminfo);
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int copy = -1;

	if (process >= 0)
		copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	if (copy >= 0 &&
	    !getsockopt(copy, SOL_SOCKET, SO_MEMINFO, meminfo, &len))
		listener->rcvbuf_bytes = meminfo[SK_MEMINFO_RCVBUF];
	if (copy >= 0)
		close(copy);
	if (process >= 0)
		close(process);
}

static void name_process(struct listener *listener, int pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(name, sizeof(name), file))
			name[0] = '\0';
		fclose(file);
	}
	name[strcspn(name, "\n")] = '\0';
	snprintf(listener->name, sizeof(listener->name), "%s, pid %d",
		 *name ? name : "a process", pid);
}

/* Return: 1: the process has the socket. */
static int look_at_process(struct listener *listener, int pid)
{
	char path[64], wanted[64], target[64];
	struct dirent *entry;
	int found = 0;
	DIR *dir;

	snprintf(wanted, sizeof(wanted), "socket:[%lu]", listener->inode);
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);

		target[len < 0 ? 0 : len] = '\0';
		found = !strcmp(target, wanted);
		if (!found)
			continue;
		name_process(listener, pid);
		ask_rcvbuf(listener, pid, (int)strtol(entry->d_name, NULL, 10));
	}
	if (dir)
		closedir(dir);
	return found;
}

static void find_owner(struct listener *listener)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	snprintf(listener->name, sizeof(listener->name), "a process");
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
	while (dir && !found && (entry = readdir(dir)))
		if (is_number(entry->d_name))
			found = look_at_process(
				listener, (int)strtol(entry->d_name, NULL, 10));
	if (dir)
		closedir(dir);
}

int listeners_find(struct listener *ret_listeners, int max)
{
	unsigned long values[COLUMNS];
	struct family family = { 0 };
	char line[LINE_BYTES];
	int count = 0;
	int err = control_find_family(&family, NULL);
	FILE *file;

	if (err)
		return err;
	if (family.mcgroup > GROUPS_SHOWN)
		return -ERANGE;
	file = fopen("/proc/net/netlink", "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (split(line, values) ||
		    values[COLUMN_PROTOCOL] != NETLINK_GENERIC ||
		    !(values[COLUMN_GROUPS] >> (family.mcgroup - 1) & 1))
			continue;
		if (count++ >= max)
			continue;
		ret_listeners[count - 1] = (struct listener){
			.portid = (uint32_t)values[COLUMN_PORTID],
			.drops = (uint32_t)values[COLUMN_DROPS],
			.inode = values[COLUMN_INODE],
		};
	}
	fclose(file);
	for (int i = 0; i < count && i < max; i++)
		find_owner(&ret_listeners[i]);
	return count;
}
