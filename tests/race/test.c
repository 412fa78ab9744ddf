/* SPDX-License-Identifier: MIT */
/* What the race programs share: see test.h. */
#include "test.h"

#include "synthetic.h"
#include "synthetic_message.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_BYTES 128
#define PATIENCE_S   60

const struct test_mode test_modes[TEST_MODES] = {
	{ PSR_TRANSPORT_URING, 1 },    { PSR_TRANSPORT_URING, 0 },
	{ PSR_TRANSPORT_RECVMMSG, 1 }, { PSR_TRANSPORT_RECVMMSG, 0 },
#if PSRING_HAS_BPF
	{ PSR_TRANSPORT_BPF, 0 },
#endif
};

static const char *watched;
static _Atomic(uint64_t) progress;

void test_fail(const char *file, int line, const char *condition,
	       const char *format, ...)
{
	const char *name = strrchr(file, '/');
	va_list args;

	fprintf(stderr, "%s:%d: not so: %s: ", name ? name + 1 : file, line,
		condition);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(NULL);
	_exit(1);
}

void test_yield(void)
{
	sched_yield();
}

/* No progress within the patience: tells where, and aborts. */
static void *watch(void *arg)
{
	uint64_t last = 0;
	int idle_s = 0;
	sigset_t all;

	(void)arg;
	/* The test's signals would shorten its seconds. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (;;) {
		uint64_t now = atomic_load(&progress);

		idle_s = now == last ? idle_s + 1 : 0;
		last = now;
		if (idle_s > PATIENCE_S) {
			fprintf(stderr, "%s: nothing moves any more at %llu\n",
				watched, (unsigned long long)now);
			abort();
		}
		clock_sleep_until(clock_now_ns() + NS_PER_S);
	}
	return NULL;
}

void test_watch(const char *what)
{
	pthread_t thread;

	watched = what;
	CHECK(pthread_create(&thread, NULL, watch, NULL) == 0, "watchdog");
	pthread_detach(thread);
}

void test_progress(uint64_t number)
{
	atomic_store_explicit(&progress, number, memory_order_relaxed);
}

uint64_t test_seed(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0)
				 : (uint64_t)clock_now_ns();

	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	return seed ? seed : 1;
}

/* xorshift64 (Marsaglia 2003). */
uint32_t test_random(uint64_t *seed, uint32_t limit)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32) % limit;
}

void test_dawdle(uint64_t *seed, uint32_t limit)
{
	for (uint32_t i = test_random(seed, limit); i > 0; i--)
		atomic_signal_fence(memory_order_seq_cst);
}

const char *test_transport_name(enum psr_transport transport)
{
	switch (transport) {
	case PSR_TRANSPORT_URING:
		return "uring";
	case PSR_TRANSPORT_RECVMMSG:
		return "recvmmsg";
	case PSR_TRANSPORT_BPF:
		return "bpf";
	default:
		return "auto";
	}
}

struct psr_config test_config(uint32_t mcgroup)
{
	struct psr_config config;

	psr_config_init(&config);
	config.source = PSR_SOURCE_USERSOCK;
	config.usersock_group = mcgroup;
	config.buffer_bytes = 2048;
	return config;
}

struct psr *test_open(const struct psr_config *config)
{
	const char *cause = NULL;
	struct psr *psr = NULL;
	int err = psr_open(config, &psr, &cause);

	CHECK(err == 0, "psr_open: %d, %s", err, cause);
	return psr;
}

void test_start(struct psr *psr)
{
	int err = psr_start(psr);

	CHECK(err == 0, "psr_start: %d", err);
}

void test_stop(struct psr *psr)
{
	int err = psr_stop(psr);

	CHECK(err == 0, "psr_stop: %d", err);
}

/* The sender's own socket is no member, and gets the unicast copy: drop it. */
struct test_sender test_sender_open(uint32_t mcgroup)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(address);
	struct test_sender sender = { .mcgroup = mcgroup };

	sender.fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	CHECK(sender.fd >= 0, "socket: errno %d", errno);
	CHECK(bind(sender.fd, (struct sockaddr *)&address, len) == 0,
	      "bind: errno %d", errno);
	CHECK(getsockname(sender.fd, (struct sockaddr *)&address, &len) == 0,
	      "getsockname: errno %d", errno);
	sender.portid = address.nl_pid;
	sender.message = calloc(1, synthetic_message_bytes(PACKET_BYTES));
	CHECK(sender.message, "no memory");
	synthetic_message_init(sender.message, PACKET_BYTES, sender.portid);
	return sender;
}

/*
 * net/netlink/af_netlink.c: netlink_sendmsg broadcasts, then returns the
 * result of a unicast to port 0 in the kernel, where nobody listens.
 */
void test_sender_send_raw(const struct test_sender *sender, const void *bytes,
			  size_t len)
{
	const struct sockaddr_nl to = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (sender->mcgroup - 1),
	};
	ssize_t sent = sendto(sender->fd, bytes, len, 0,
			      (const struct sockaddr *)&to, sizeof(to));

	CHECK(sent == (ssize_t)len || errno == ECONNREFUSED, "sendto: errno %d",
	      errno);
}

void test_sender_send(struct test_sender *sender, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct synthetic_stamp stamp = {
			.group = 1,
			.group_seq = sender->sent++,
			.iif = 1,
		};

		synthetic_message_stamp(sender->message, &stamp);
		test_sender_send_raw(sender, sender->message,
				     synthetic_message_bytes(PACKET_BYTES));
	}
}

void test_sender_close(struct test_sender *sender)
{
	close(sender->fd);
	free(sender->message);
}

void test_check_views(const struct psr_view *views, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct psr_view *view = &views[i];

		CHECK(synthetic_check(view->data, view->data_len,
				      view->orig_size, view->group,
				      view->group_seq) == 0,
		      "group %u, number %u, %u of %u bytes, buffer %u",
		      view->group, view->group_seq, view->data_len,
		      view->orig_size, view->private_id);
	}
}

uint64_t test_drain(struct psr_queue *queue)
{
	const struct psr_view *views;
	uint64_t sum = 0;
	uint32_t count;
	int verdict;

	while ((verdict = psr_queue_wait(queue, GIVE_UP_MS)) == 1) {
		count = psr_queue_peek(queue, &views);
		test_check_views(views, count);
		psr_queue_release(queue, count);
		sum += count;
	}
	CHECK(verdict == -ESHUTDOWN, "psr_queue_wait: %d after %llu samples",
	      verdict, (unsigned long long)sum);
	return sum;
}

void test_expect(struct psr_queue *queue, uint32_t group_seq)
{
	const struct psr_view *views;
	int verdict = psr_queue_wait(queue, GIVE_UP_MS);
	uint32_t count;

	CHECK(verdict == 1, "psr_queue_wait: %d, sample %u", verdict,
	      group_seq);
	count = psr_queue_peek(queue, &views);
	CHECK(count >= 1, "sample %u", group_seq);
	CHECK(views[0].group_seq == group_seq, "%u is not %u",
	      views[0].group_seq, group_seq);
	test_check_views(views, 1);
	psr_queue_release(queue, 1);
}

struct psr_stats test_queue_stats(struct psr_queue *queue)
{
	struct psr_stats stats;

	psr_queue_stats(queue, &stats);
	return stats;
}

struct psr_stats test_stats(struct psr *psr)
{
	struct psr_stats stats;

	psr_stats(psr, &stats);
	return stats;
}

bool test_balances(const struct psr_stats *stats)
{
	return stats->received == stats->delivered + stats->pending +
					  stats->malformed + stats->foreign;
}

/* Number of entries, and the highest number among their names. */
static uint32_t list(const char *path, int *ret_highest)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	uint32_t count = 0;
	int highest = 0;

	CHECK(directory, "%s: errno %d", path, errno);
	/* The stream is this thread's own. NOLINTNEXTLINE(concurrency-*) */
	while ((entry = readdir(directory))) {
		int number = (int)strtol(entry->d_name, NULL, 10);

		highest = number > highest ? number : highest;
		count++;
	}
	closedir(directory);
	*ret_highest = highest;
	return count;
}

uint32_t test_count_fds(void)
{
	int highest;

	return list("/proc/self/fd", &highest);
}

uint32_t test_count_threads(void)
{
	int highest;

	return list("/proc/self/task", &highest);
}

int test_newest_thread(void)
{
	int highest;

	(void)list("/proc/self/task", &highest);
	return highest;
}

uint64_t test_thread_status(int thread, const char *key, int base)
{
	const size_t key_len = strlen(key);
	char path[64], line[256];
	uint64_t number = 0;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", thread);
	file = fopen(path, "re");
	CHECK(file, "%s: errno %d", path, errno);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, key_len) != 0 || line[key_len] != ':')
			continue;
		number = strtoull(line + key_len + 1, NULL, base);
		found = true;
	}
	fclose(file);
	CHECK(found, "%s has no %s", path, key);
	return number;
}
