/* SPDX-License-Identifier: MIT */
/*
 * Many engines in one process, of all transports and with several shards, and a
 * program with business of its own: a thread for some queues, one thread for
 * the queues of several engines, an io_uring of the program's that polls
 * descriptors of queues, a timer whose signals end system calls or restart them,
 * children that are forked and executed all the time. Engines are opened,
 * started, stopped and closed each by another thread. All books are exact.
 */
#include "synthetic.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define STANDARD 3 /* input, output, error */
#define LIVES	 4u
#define QUEUES	 2u /* of each engine */
#define SAMPLES	 (UNDER_TSAN ? 3000u : 20000u)
#define TICK_US	 1000

/* Who drains the queues of an engine. */
enum consumers {
	ONE_EACH,
	ONE_FOR_ALL, /* and for those of the other engines that say so */
	ONE_WITH_A_RING,
};

struct plan {
	enum psr_transport transport;
	uint32_t ingest_threads;
	enum psr_shard shard;
	enum consumers consumers;
};

struct engine {
	const struct plan *plan;
	struct synthetic *synthetic;
	struct psr *psr;
	_Atomic(uint64_t) taken;
};

static const struct plan plans[] = {
	{ PSR_TRANSPORT_URING, 1, PSR_SHARD_SEQ, ONE_EACH },
	{ PSR_TRANSPORT_RECVMMSG, 0, PSR_SHARD_GROUP, ONE_EACH },
	{ PSR_TRANSPORT_URING, 0, PSR_SHARD_IIF, ONE_FOR_ALL },
	{ PSR_TRANSPORT_RECVMMSG, 2, PSR_SHARD_SEQ, ONE_FOR_ALL },
	{ PSR_TRANSPORT_URING, 2, PSR_SHARD_CPU, ONE_WITH_A_RING },
#if PSRING_HAS_BPF
	{ PSR_TRANSPORT_BPF, 0, PSR_SHARD_FLOW, ONE_FOR_ALL },
	{ PSR_TRANSPORT_BPF, 0, PSR_SHARD_SEQ, ONE_WITH_A_RING },
#endif
};

#define ENGINES (sizeof(plans) / sizeof(plans[0]))

static struct engine engines[ENGINES];

static _Atomic(uint32_t) signals;
static _Atomic(bool) over;

static void count_signal(int number)
{
	(void)number;
	atomic_fetch_add(&signals, 1);
}

/* Consumers take the timer's signals, and nobody else. */
static void mask_timer(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(how, &set, NULL);
}

static void take(struct engine *engine, struct psr_queue *queue)
{
	const struct psr_view *views;
	uint32_t count = psr_queue_peek(queue, &views);

	test_check_views(views, count);
	psr_queue_release(queue, count);
	test_progress(atomic_fetch_add(&engine->taken, count));
}

struct consumer {
	struct engine *engine;
	uint32_t queue;
	pthread_t thread;
};

static void *consume_queue(void *arg)
{
	struct consumer *consumer = arg;
	struct psr_queue *queue =
		psr_queue(consumer->engine->psr, consumer->queue);
	int verdict;

	mask_timer(SIG_UNBLOCK);
	while ((verdict = psr_queue_wait(queue, -1)) >= 0)
		if (verdict == 1)
			take(consumer->engine, queue);
	CHECK(verdict == -ESHUTDOWN, "psr_queue_wait: %d", verdict);
	return NULL;
}

static void *consume_all(void *arg)
{
	struct psr_queue *queues[ENGINES * QUEUES];
	struct engine *owners[ENGINES * QUEUES];
	uint32_t count = 0;
	int verdict;

	(void)arg;
	for (uint32_t i = 0; i < ENGINES * QUEUES; i++) {
		struct engine *engine = &engines[i / QUEUES];

		if (engine->plan->consumers != ONE_FOR_ALL)
			continue;
		owners[count] = engine;
		queues[count++] = psr_queue(engine->psr, i % QUEUES);
	}
	mask_timer(SIG_UNBLOCK);
	while ((verdict = psr_wait_any(queues, count, -1)) >= 0)
		for (uint32_t i = 0; i < count && verdict == 1; i++)
			take(owners[i], queues[i]);
	CHECK(verdict == -ESHUTDOWN, "psr_wait_any: %d", verdict);
	return NULL;
}

/* Drains a queue; then a poll of its descriptor, and a NOP for company. */
static bool serve(struct engine *engine, struct psr_queue *queue,
		  struct io_uring *ring)
{
	struct io_uring_sqe *sqe;
	int verdict;

	while ((verdict = psr_queue_wait(queue, 0)) == 1)
		take(engine, queue);
	if (verdict == -ESHUTDOWN)
		return false;
	CHECK(verdict == 0, "psr_queue_wait: %d", verdict);
	sqe = io_uring_get_sqe(ring);
	CHECK(sqe, "the program's ring is full");
	io_uring_prep_poll_add(sqe, psr_queue_fd(queue), POLLIN);
	io_uring_sqe_set_data(sqe, queue);
	sqe = io_uring_get_sqe(ring);
	CHECK(sqe, "the program's ring is full");
	io_uring_prep_nop(sqe);
	io_uring_sqe_set_data(sqe, NULL);
	return true;
}

static void *consume_by_ring(void *arg)
{
	struct engine *engine = arg;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	uint32_t open = 0;
	int err = io_uring_queue_init(4 * QUEUES, &ring, 0);

	CHECK(err == 0, "io_uring_queue_init: %d", err);
	mask_timer(SIG_UNBLOCK);
	for (uint32_t i = 0; i < QUEUES; i++)
		open += serve(engine, psr_queue(engine->psr, i), &ring);
	while (open > 0) {
		err = io_uring_submit_and_wait(&ring, 1);
		CHECK(err >= 0 || err == -EINTR, "the program's ring: %d", err);
		while (io_uring_peek_cqe(&ring, &cqe) == 0) {
			struct psr_queue *queue = io_uring_cqe_get_data(cqe);

			CHECK(cqe->res >= 0, "NOP or poll: %d", cqe->res);
			io_uring_cqe_seen(&ring, cqe);
			if (queue && !serve(engine, queue, &ring))
				open--;
		}
	}
	io_uring_queue_exit(&ring);
	return NULL;
}

static void begin(pthread_t *ret_thread, void *(*call)(void *), void *arg)
{
	CHECK(pthread_create(ret_thread, NULL, call, arg) == 0, "thread");
}

/* In a thread that does nothing else. */
static void elsewhere(void *(*call)(void *))
{
	pthread_t thread;

	begin(&thread, call, NULL);
	pthread_join(thread, NULL);
}

/* Each hears its own sender, in a group that is no other engine's. */
static void *open_all(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ENGINES; i++) {
		struct engine *engine = &engines[i];
		struct psr_config config = test_config(MCGROUP_MANY + i);
		struct synthetic_config sending;
		const char *cause = NULL;

		engine->plan = &plans[i];
		synthetic_config_init(&sending);
		sending.usersock_group = MCGROUP_MANY + i;
		sending.count = SAMPLES;
		sending.group_count = 3;
		sending.interface_count = 5;
		CHECK(synthetic_open(&sending, &engine->synthetic, &cause) == 0,
		      "%s", cause);
		config.usersock_portid = synthetic_portid(engine->synthetic);
		config.transport = engine->plan->transport;
		config.ingest_threads = engine->plan->ingest_threads;
		config.shard = engine->plan->shard;
		config.queue_count = QUEUES;
		config.buffer_count = 256;
		config.rcvbuf_bytes = 1 << 20;
		engine->psr = test_open(&config);
		engine->taken = 0;
	}
	return NULL;
}

static void *start_all(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ENGINES; i++)
		test_start(engines[i].psr);
	return NULL;
}

static void *stop_all(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ENGINES; i++)
		test_stop(engines[i].psr);
	return NULL;
}

static void *close_all(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ENGINES; i++) {
		psr_close(engines[i].psr);
		synthetic_close(engines[i].synthetic);
	}
	return NULL;
}

/* Consumers of all engines; returns how many there are. */
static uint32_t begin_consumers(struct consumer *consumers)
{
	uint32_t count = 0;

	begin(&consumers[count++].thread, consume_all, NULL);
	for (uint32_t i = 0; i < ENGINES; i++) {
		struct engine *engine = &engines[i];

		if (engine->plan->consumers == ONE_WITH_A_RING)
			begin(&consumers[count++].thread, consume_by_ring,
			      engine);
		for (uint32_t q = 0;
		     q < QUEUES && engine->plan->consumers == ONE_EACH; q++) {
			struct consumer *consumer = &consumers[count++];

			consumer->engine = engine;
			consumer->queue = q;
			begin(&consumer->thread, consume_queue, consumer);
		}
	}
	return count;
}

static void check_books(struct engine *engine)
{
	struct psr_stats stats = test_stats(engine->psr);
	uint64_t sent = synthetic_sent(engine->synthetic);
	uint64_t lost = stats.lost_socket + stats.lost_ring;

	CHECK(test_balances(&stats) && stats.pending == 0 &&
		      stats.left_in_socket == 0 && stats.malformed == 0 &&
		      stats.foreign == 0 && stats.delivered == engine->taken &&
		      sent == SAMPLES && sent == stats.received + lost,
	      "%s: sent %" PRIu64 ", received %" PRIu64 ", lost %" PRIu64
	      ", delivered %" PRIu64 ", taken %" PRIu64,
	      test_transport_name(engine->plan->transport), sent,
	      stats.received, lost, stats.delivered, engine->taken);
}

static void live(void)
{
	struct consumer consumers[1 + ENGINES * QUEUES];
	uint32_t count;

	elsewhere(open_all);
	count = begin_consumers(consumers);
	elsewhere(start_all);
	for (uint32_t i = 0; i < ENGINES; i++)
		CHECK(synthetic_start(engines[i].synthetic) == 0, "senders");
	for (uint32_t i = 0; i < ENGINES; i++) {
		CHECK(synthetic_wait(engines[i].synthetic, -1) == 1, "sender");
		synthetic_stop(engines[i].synthetic);
	}
	elsewhere(stop_all);
	for (uint32_t i = 0; i < count; i++)
		pthread_join(consumers[i].thread, NULL);
	for (uint32_t i = 0; i < ENGINES; i++)
		check_books(&engines[i]);
	elsewhere(close_all);
}

/* In the program that was executed. */
static int inherits(void)
{
	for (int fd = STANDARD; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 1;
	return 0;
}

/* Children all the time; *@arg: their number. */
static void *execute(void *arg)
{
	uint32_t *executions = arg;
	int status = -1;
	pid_t pid;

	while (!atomic_load(&over)) {
		pid = fork();
		CHECK(pid >= 0, "fork: errno %d", errno);
		if (pid == 0) {
			execl("/proc/self/exe", "many", "child", (char *)NULL);
			_exit(127);
		}
		CHECK(waitpid(pid, &status, 0) == pid && status == 0,
		      "a child inherited a descriptor: %#x",
		      (unsigned int)status);
		(*executions)++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct itimerval ticking = { { 0, TICK_US }, { 0, TICK_US } };
	struct sigaction action = { .sa_handler = count_signal };
	uint32_t executions = 0;
	pthread_t executor;

	(void)argv;
	if (argc > 1)
		return inherits();
	/* What whoever started this left open is none of our business. */
	CHECK(close_range(STANDARD, ~0u, 0) == 0, "errno %d", errno);
	test_watch("many: samples of an engine");
	mask_timer(SIG_BLOCK);
	begin(&executor, execute, &executions);
	for (uint32_t i = 0; i < LIVES; i++) {
		action.sa_flags = i % 2 ? SA_RESTART : 0;
		CHECK(sigaction(SIGALRM, &action, NULL) == 0, "errno %d",
		      errno);
		CHECK(setitimer(ITIMER_REAL, &ticking, NULL) == 0, "errno %d",
		      errno);
		live();
	}
	atomic_store(&over, true);
	pthread_join(executor, NULL);
	printf("%zu engines, %u lives, %u signals, %u children\n", ENGINES,
	       LIVES, atomic_load(&signals), executions);
	CHECK(atomic_load(&signals) > 0 && executions > 0, "nothing beside");
	return 0;
}
