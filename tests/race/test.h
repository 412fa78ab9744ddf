/* SPDX-License-Identifier: MIT */
/*
 * What the race programs share: a check that ends the program with one clear
 * line, a wait with an end, a watchdog, random numbers from a printed seed, a
 * sender of single samples, and the consumer's loop.
 *
 * Plain programs, because Criterion aborts under ThreadSanitizer. Time is only
 * ever the end of patience: no test asserts how long something takes.
 */
#ifndef TEST_H
#define TEST_H

#include "clock.h"
#include "engine.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#else
#define UNDER_TSAN 0
#endif
/* It has an allocator of its own. */
#if UNDER_TSAN || defined(__SANITIZE_ADDRESS__) || \
	__has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#else
#define UNDER_SANITIZER 0
#endif

#define GIVE_UP_MS 30000

/*
 * The multicast group of each program. Several build trees may be tested at
 * once: what is started hears its own sender only (usersock_portid).
 */
enum test_mcgroup {
	MCGROUP_MANY = 1,
	MCGROUP_WAKE_ROUNDS,
	MCGROUP_STALL,
	MCGROUP_ENGINE_RACE,
	MCGROUP_STOP_EXACT,
	MCGROUP_STOP_STALLED,
	MCGROUP_EVENT_LOOP,
	MCGROUP_FD_CLEAR,
	MCGROUP_NOISE,
	MCGROUP_FALLBACKS,
	MCGROUP_QUIET,
	MCGROUP_INSIDE_BUFFERS,
	MCGROUP_LIFECYCLE,
	MCGROUP_PRIVILEGES,
	MCGROUP_THREADS,
	MCGROUP_COMPLETIONS,
	MCGROUP_SYNTHETIC,
	MCGROUP_BPF_RING,
	MCGROUP_SECCOMP,
	MCGROUP_PASSING_ERRORS,
	MCGROUP_RELOAD,
	MCGROUP_RELOAD_AGAIN,
	MCGROUP_BACKLOG,
	MCGROUP_VERIFY_SENDER,
	MCGROUP_EXEC,
	MCGROUP_FORGED,
	MCGROUP_OVERLOAD,
	MCGROUP_LIMITS,
	MCGROUP_THIN,
	MCGROUP_MISUSE,
	MCGROUP_NETNS,
};

noreturn void test_fail(const char *file, int line, const char *condition,
			const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Ends the program with a line that tells place, condition and numbers. */
#define CHECK(condition, ...)                                     \
	do {                                                      \
		if (!(condition))                                 \
			test_fail(__FILE__, __LINE__, #condition, \
				  __VA_ARGS__);                   \
	} while (0)

/* Waits until the condition holds; fails when it does not come true. */
#define AWAIT(condition, ...)                                                  \
	do {                                                                   \
		int64_t give_up_ns_ = clock_now_ns() + GIVE_UP_MS * NS_PER_MS; \
		while (!(condition)) {                                         \
			if (clock_now_ns() > give_up_ns_)                      \
				test_fail(__FILE__, __LINE__, #condition,      \
					  __VA_ARGS__);                        \
			test_yield();                                          \
		}                                                              \
	} while (0)

void test_yield(void);

/*
 * Aborts with @what and the number of the last test_progress when there is
 * none for a minute. Starts a thread that is never joined.
 */
void test_watch(const char *what);
void test_progress(uint64_t number);

/* The seed in argv[1], or a new one; prints it. */
uint64_t test_seed(int argc, char **argv);
/* The next number below @limit. */
uint32_t test_random(uint64_t *seed, uint32_t limit);
/* Keeps the CPU busy for up to @limit turns of a loop. */
void test_dawdle(uint64_t *seed, uint32_t limit);

/* A way to run an engine. */
struct test_mode {
	enum psr_transport transport;
	uint32_t ingest_threads;
};

#define TEST_MODES (4 + PSRING_HAS_BPF)
extern const struct test_mode test_modes[TEST_MODES];

/* "uring, 1 ingest threads" in words. */
const char *test_transport_name(enum psr_transport transport);

/* Defaults, on usersock group @mcgroup, with 2048-byte buffers. */
struct psr_config test_config(uint32_t mcgroup);
/* Opens or fails. */
struct psr *test_open(const struct psr_config *config);
void test_start(struct psr *psr);
void test_stop(struct psr *psr);

/* A sender of single samples: sample group 1, numbered from 0. */
struct test_sender {
	int fd;
	uint32_t portid;
	uint32_t mcgroup;
	uint32_t sent;
	struct synthetic_message *message;
};

struct test_sender test_sender_open(uint32_t mcgroup);
void test_sender_send(struct test_sender *sender, uint32_t count);
/* Any bytes. */
void test_sender_send_raw(const struct test_sender *sender, const void *bytes,
			  size_t len);
void test_sender_close(struct test_sender *sender);

/* Fails unless every byte is what the synthetic source sent. */
void test_check_views(const struct psr_view *views, uint32_t count);

/*
 * Waits, checks and releases all samples until the queue is stopped and empty;
 * returns their number.
 */
uint64_t test_drain(struct psr_queue *queue);

/* One sample: waits for it, checks it against @group_seq, releases it. */
void test_expect(struct psr_queue *queue, uint32_t group_seq);

struct psr_stats test_queue_stats(struct psr_queue *queue);
struct psr_stats test_stats(struct psr *psr);

/* received = delivered + pending + malformed + foreign */
bool test_balances(const struct psr_stats *stats);

/* Entries of /proc/self/fd and of /proc/self/task. */
uint32_t test_count_fds(void);
uint32_t test_count_threads(void);

/* The thread that was started last. */
int test_newest_thread(void);
/* A number in /proc/self/task/@thread/status, written to base @base. */
uint64_t test_thread_status(int thread, const char *key, int base);

#endif /* TEST_H */
