/* SPDX-License-Identifier: MIT */
/*
 * An open that fails leaves nothing behind: each call that may fail is wrapped,
 * and fails the first time, the second time, and so on until psr_open gets
 * through. What open and close leave that succeed: reopen.c.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define CALLS_MAX 64u

/* The functions that psr_open calls, and what they fail with. */
enum call {
	CALL_SOCKET,
	CALL_BIND,
	CALL_SETSOCKOPT,
	CALL_EVENTFD,
	CALL_EPOLL,
	CALL_EPOLL_CTL,
	CALL_MMAP,
	CALL_CALLOC,
	CALL_ALIGNED_ALLOC,
	CALL_THREAD,
	CALL_RING,
	CALL_FILES,
	CALL_BUFFERS,
	CALL_REGISTER_EVENTFD,
	CALL_PROGRAM,
	CALL_LOAD,
	CALL_RINGBUF,
	CALL_MAP_UPDATE,
	CALL_COUNT
};

static const struct {
	const char *name;
	int error;
} calls[CALL_COUNT] = {
	[CALL_SOCKET] = { "socket", EMFILE },
	[CALL_BIND] = { "bind", ENOMEM },
	[CALL_SETSOCKOPT] = { "setsockopt", EPERM },
	[CALL_EVENTFD] = { "eventfd", EMFILE },
	[CALL_EPOLL] = { "epoll_create1", EMFILE },
	[CALL_EPOLL_CTL] = { "epoll_ctl", ENOMEM },
	[CALL_MMAP] = { "mmap", ENOMEM },
	[CALL_CALLOC] = { "calloc", ENOMEM },
	[CALL_ALIGNED_ALLOC] = { "aligned_alloc", ENOMEM },
	[CALL_THREAD] = { "pthread_create", EAGAIN },
	[CALL_RING] = { "io_uring_queue_init_params", ENOMEM },
	[CALL_FILES] = { "io_uring_register_files", EMFILE },
	[CALL_BUFFERS] = { "io_uring_register_buf_ring", ENOMEM },
	[CALL_REGISTER_EVENTFD] = { "io_uring_register_eventfd", EBUSY },
	[CALL_PROGRAM] = { "bpf_object__open_skeleton", ENOMEM },
	[CALL_LOAD] = { "bpf_object__load_skeleton", EPERM },
	[CALL_RINGBUF] = { "bpf_map_create", EMFILE },
	[CALL_MAP_UPDATE] = { "bpf_map_update_elem", ENOMEM },
};

static enum call failing = CALL_COUNT;
static uint32_t fail_at; /* 1: the next call */

static bool fails(enum call call)
{
	if (call != failing || fail_at == 0 || --fail_at != 0)
		return false;
	errno = calls[call].error;
	return true;
}

#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name

int REAL(socket)(int domain, int type, int protocol);
int WRAP(socket)(int domain, int type, int protocol);
int REAL(bind)(int fd, const struct sockaddr *address, socklen_t len);
int WRAP(bind)(int fd, const struct sockaddr *address, socklen_t len);
int REAL(setsockopt)(int fd, int level, int option, const void *value,
		     socklen_t len);
int WRAP(setsockopt)(int fd, int level, int option, const void *value,
		     socklen_t len);
int REAL(eventfd)(unsigned int count, int flags);
int WRAP(eventfd)(unsigned int count, int flags);
int REAL(epoll_create1)(int flags);
int WRAP(epoll_create1)(int flags);
int REAL(epoll_ctl)(int epoll, int what, int fd, struct epoll_event *event);
int WRAP(epoll_ctl)(int epoll, int what, int fd, struct epoll_event *event);
/* mmap has six. NOLINTNEXTLINE(readability-function-size) */
void *REAL(mmap)(void *at, size_t bytes, int protection, int flags, int fd,
		 off_t offset);
/* NOLINTNEXTLINE(readability-function-size) */
void *WRAP(mmap)(void *at, size_t bytes, int protection, int flags, int fd,
		 off_t offset);
void *REAL(calloc)(size_t count, size_t bytes);
void *WRAP(calloc)(size_t count, size_t bytes);
void *REAL(aligned_alloc)(size_t alignment, size_t bytes);
void *WRAP(aligned_alloc)(size_t alignment, size_t bytes);
int REAL(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*run)(void *), void *arg);
int WRAP(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*run)(void *), void *arg);
int REAL(io_uring_queue_init_params)(unsigned int entries,
				     struct io_uring *ring,
				     struct io_uring_params *params);
int WRAP(io_uring_queue_init_params)(unsigned int entries,
				     struct io_uring *ring,
				     struct io_uring_params *params);
int REAL(io_uring_register_files)(struct io_uring *ring, const int *fds,
				  unsigned int count);
int WRAP(io_uring_register_files)(struct io_uring *ring, const int *fds,
				  unsigned int count);
int REAL(io_uring_register_buf_ring)(struct io_uring *ring,
				     struct io_uring_buf_reg *reg,
				     unsigned int flags);
int WRAP(io_uring_register_buf_ring)(struct io_uring *ring,
				     struct io_uring_buf_reg *reg,
				     unsigned int flags);
int REAL(io_uring_register_eventfd)(struct io_uring *ring, int fd);
int WRAP(io_uring_register_eventfd)(struct io_uring *ring, int fd);

/* libbpf's, where it is there. */
struct bpf_object_skeleton;
struct bpf_object_open_opts;
struct bpf_map_create_opts;
int REAL(bpf_object__open_skeleton)(struct bpf_object_skeleton *skeleton,
				    const struct bpf_object_open_opts *opts);
int WRAP(bpf_object__open_skeleton)(struct bpf_object_skeleton *skeleton,
				    const struct bpf_object_open_opts *opts);
int REAL(bpf_object__load_skeleton)(struct bpf_object_skeleton *skeleton);
int WRAP(bpf_object__load_skeleton)(struct bpf_object_skeleton *skeleton);
/* NOLINTNEXTLINE(readability-function-size) */
int REAL(bpf_map_create)(int type, const char *name, uint32_t key_bytes,
			 uint32_t value_bytes, uint32_t entries,
			 const struct bpf_map_create_opts *opts);
/* NOLINTNEXTLINE(readability-function-size) */
int WRAP(bpf_map_create)(int type, const char *name, uint32_t key_bytes,
			 uint32_t value_bytes, uint32_t entries,
			 const struct bpf_map_create_opts *opts);
int REAL(bpf_map_update_elem)(int fd, const void *key, const void *value,
			      uint64_t flags);
int WRAP(bpf_map_update_elem)(int fd, const void *key, const void *value,
			      uint64_t flags);

int WRAP(socket)(int domain, int type, int protocol)
{
	return fails(CALL_SOCKET) ? -1 : REAL(socket)(domain, type, protocol);
}

int WRAP(bind)(int fd, const struct sockaddr *address, socklen_t len)
{
	return fails(CALL_BIND) ? -1 : REAL(bind)(fd, address, len);
}

int WRAP(setsockopt)(int fd, int level, int option, const void *value,
		     socklen_t len)
{
	return fails(CALL_SETSOCKOPT)
		       ? -1
		       : REAL(setsockopt)(fd, level, option, value, len);
}

int WRAP(eventfd)(unsigned int count, int flags)
{
	return fails(CALL_EVENTFD) ? -1 : REAL(eventfd)(count, flags);
}

int WRAP(epoll_create1)(int flags)
{
	return fails(CALL_EPOLL) ? -1 : REAL(epoll_create1)(flags);
}

int WRAP(epoll_ctl)(int epoll, int what, int fd, struct epoll_event *event)
{
	return fails(CALL_EPOLL_CTL) ? -1
				     : REAL(epoll_ctl)(epoll, what, fd, event);
}

/* NOLINTNEXTLINE(readability-function-size) */
void *WRAP(mmap)(void *at, size_t bytes, int protection, int flags, int fd,
		 off_t offset)
{
	return fails(CALL_MMAP)
		       ? MAP_FAILED
		       : REAL(mmap)(at, bytes, protection, flags, fd, offset);
}

void *WRAP(calloc)(size_t count, size_t bytes)
{
	return fails(CALL_CALLOC) ? NULL : REAL(calloc)(count, bytes);
}

void *WRAP(aligned_alloc)(size_t alignment, size_t bytes)
{
	return fails(CALL_ALIGNED_ALLOC)
		       ? NULL
		       : REAL(aligned_alloc)(alignment, bytes);
}

int WRAP(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			 void *(*run)(void *), void *arg)
{
	return fails(CALL_THREAD)
		       ? errno
		       : REAL(pthread_create)(thread, attributes, run, arg);
}

int WRAP(io_uring_queue_init_params)(unsigned int entries,
				     struct io_uring *ring,
				     struct io_uring_params *params)
{
	return fails(CALL_RING) ? -errno
				: REAL(io_uring_queue_init_params)(
					  entries, ring, params);
}

int WRAP(io_uring_register_files)(struct io_uring *ring, const int *fds,
				  unsigned int count)
{
	return fails(CALL_FILES)
		       ? -errno
		       : REAL(io_uring_register_files)(ring, fds, count);
}

int WRAP(io_uring_register_buf_ring)(struct io_uring *ring,
				     struct io_uring_buf_reg *reg,
				     unsigned int flags)
{
	return fails(CALL_BUFFERS)
		       ? -errno
		       : REAL(io_uring_register_buf_ring)(ring, reg, flags);
}

int WRAP(io_uring_register_eventfd)(struct io_uring *ring, int fd)
{
	return fails(CALL_REGISTER_EVENTFD)
		       ? -errno
		       : REAL(io_uring_register_eventfd)(ring, fd);
}

#if PSRING_HAS_BPF
int WRAP(bpf_object__open_skeleton)(struct bpf_object_skeleton *skeleton,
				    const struct bpf_object_open_opts *opts)
{
	return fails(CALL_PROGRAM)
		       ? -errno
		       : REAL(bpf_object__open_skeleton)(skeleton, opts);
}

int WRAP(bpf_object__load_skeleton)(struct bpf_object_skeleton *skeleton)
{
	return fails(CALL_LOAD) ? -errno
				: REAL(bpf_object__load_skeleton)(skeleton);
}

/* NOLINTNEXTLINE(readability-function-size) */
int WRAP(bpf_map_create)(int type, const char *name, uint32_t key_bytes,
			 uint32_t value_bytes, uint32_t entries,
			 const struct bpf_map_create_opts *opts)
{
	return fails(CALL_RINGBUF)
		       ? -errno
		       : REAL(bpf_map_create)(type, name, key_bytes,
					      value_bytes, entries, opts);
}

int WRAP(bpf_map_update_elem)(int fd, const void *key, const void *value,
			      uint64_t flags)
{
	return fails(CALL_MAP_UPDATE)
		       ? -errno
		       : REAL(bpf_map_update_elem)(fd, key, value, flags);
}
#endif

static struct psr_config lifecycle_config(const struct test_mode *mode)
{
	struct psr_config config = test_config(MCGROUP_LIFECYCLE);

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads * 2;
	config.queue_count = 3;
	config.buffer_count = 16;
	config.buffer_bytes = 256;
	return config;
}

/* A sample goes through: the second open is as good as the first. */
static void check_works(struct psr *psr, struct test_sender *sender)
{
	uint32_t number = sender->sent;

	test_start(psr);
	test_sender_send(sender, 1);
	test_expect(psr_queue(psr, number % 3), number);
}

/*
 * A call may fail without harm, as SO_RCVBUFFORCE does, and AUTO falls back:
 * then there is an engine, and it works.
 */
static bool open_failing(struct psr_config *config, uint32_t nth,
			 struct test_sender *sender)
{
	enum call call = failing;
	struct psr *untouched = (struct psr *)sender;
	struct psr *psr = untouched;
	const char *cause = NULL;
	bool reached;
	int err;

	fail_at = nth;
	err = psr_open(config, &psr, &cause);
	reached = fail_at == 0;
	fail_at = 0;
	if (err == 0) {
		CHECK(psr != untouched, "%s", calls[call].name);
		check_works(psr, sender);
		psr_close(psr);
		return reached;
	}
	CHECK(reached, "%s: %d, though nothing failed", calls[call].name, err);
	CHECK(err == -calls[call].error, "%s: %d, not %d", calls[call].name,
	      err, -calls[call].error);
	CHECK(psr == untouched, "%s: the output was touched", calls[call].name);
	CHECK(cause && strlen(cause) > 0, "%s: no cause", calls[call].name);
	return true;
}

static void test_failures(const struct test_mode *mode)
{
	struct test_sender sender = test_sender_open(MCGROUP_LIFECYCLE);
	struct psr_config config = lifecycle_config(mode);
	uint32_t fds, threads, nth;
	struct psr *psr = test_open(&config);

	config.usersock_portid = sender.portid;
	config.netns = "/proc/self/ns/net";
	psr_close(psr);
	fds = test_count_fds();
	threads = test_count_threads();
	for (failing = 0; failing < CALL_COUNT; failing++) {
		for (nth = 1; open_failing(&config, nth, &sender); nth++) {
			CHECK(nth < CALLS_MAX, "%s", calls[failing].name);
			CHECK(test_count_fds() == fds,
			      "%s, call %u: %u descriptors, not %u",
			      calls[failing].name, nth, test_count_fds(), fds);
			AWAIT(test_count_threads() == threads,
			      "%s, call %u: %u threads, not %u",
			      calls[failing].name, nth, test_count_threads(),
			      threads);
		}
		test_progress((uint64_t)failing);
	}
	test_sender_close(&sender);
}

/* AUTO: what io_uring lacks is made up for, and told. */
static void test_auto(void)
{
	static const enum call ring_calls[] = { CALL_RING, CALL_FILES,
						CALL_BUFFERS };
	const struct test_mode mode = { PSR_TRANSPORT_AUTO, 1 };
	struct test_sender sender = test_sender_open(MCGROUP_LIFECYCLE);
	struct psr_config config = lifecycle_config(&mode);
	struct psr_info info;
	struct psr *psr;

	config.usersock_portid = sender.portid;
	for (size_t i = 0; i < sizeof(ring_calls) / sizeof(ring_calls[0]);
	     i++) {
		failing = ring_calls[i];
		fail_at = 2;
		psr = test_open(&config);
		psr_info(psr, &info);
		CHECK(info.transport == PSR_TRANSPORT_RECVMMSG && info.fallback,
		      "%s", calls[failing].name);
		check_works(psr, &sender);
		psr_close(psr);
	}
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("lifecycle: call");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		test_failures(&test_modes[i]);
	test_auto();
	return 0;
}
