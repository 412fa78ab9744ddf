/* SPDX-License-Identifier: MIT */
/*
 * The synthetic source: sockets, threads, pacing, counting.
 *
 * A sample has a number. The threads claim runs of numbers from one shared
 * counter, and group and sequence number follow from the number, so that a
 * single atomic keeps the sequence exact whatever the threads do.
 *
 * How a multicast can be counted exactly: netlink_sendmsg in af_netlink.c
 * broadcasts to the group and then also unicasts to nl_pid, whose result it
 * returns. With nl_pid 0 that is ECONNREFUSED though every member got its
 * copy, and sendmmsg ends after one message. So each socket addresses itself,
 * and a filter on it drops what arrives: the call then succeeds exactly if the
 * sample was multicast, and a batch takes one system call.
 *
 * With an interface a packet socket sends the packet out of each message
 * instead. Nothing else differs.
 */
#include "synthetic.h"

#include "clocks.h"
#include "synthetic_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH_MAX 64
#define SECOND_NS 1000000000ULL

/* Waking more often than this costs more than the samples. */
#define WAKEUPS_PER_S_MAX 20000

/* How long a sleeping or refused thread takes to notice that it shall end. */
#define NAP_NS 20000000ULL

/* How long kernel memory may be short. */
#define SHORTAGE_NS (200 * NS_PER_US)

/* Before the first sample of a punctual source: its threads must be there. */
#define HEAD_START_NS 10000000ULL

/* One thread. Its counters have one writer, itself. */
struct sender {
	struct synthetic *synthetic;
	_Atomic(uint64_t) *sent; /* [group_count] */
	uint8_t *messages;	 /* BATCH_MAX times message_stride */
	struct iovec vectors[BATCH_MAX];
	struct mmsghdr batch[BATCH_MAX];
	union {
		struct sockaddr_nl multicast;
		struct sockaddr_ll interface;
	} address;
	int fd;
	int started;
	pthread_t thread;
	uint64_t cpu_before_ns;	  /* of threads before this one */
	_Atomic(uint64_t) cpu_ns; /* 0 until the thread ends */
};

struct synthetic {
	struct synthetic_config config;
	uint32_t portid;
	uint32_t message_stride;
	uint64_t start_ns;
	uint64_t start_real_ns; /* the same moment by CLOCK_REALTIME */
	int done_fd;
	_Atomic(uint64_t) claimed; /* numbers handed out */
	_Atomic(uint32_t) running; /* threads */
	_Atomic(int) stopping;
	_Atomic(int) error; /* of the first thread that gave up */
	struct sender senders[SYNTHETIC_SENDERS_MAX];
};

/* A run of sample numbers. */
struct claim {
	uint64_t first;
	uint32_t count;
};

/*
 * How long after the start a sample is due, and how many are. Split into whole
 * seconds and the rest, so that nothing overflows: rate is at most
 * SYNTHETIC_RATE_MAX.
 */
static uint64_t due_ns(const struct synthetic *synthetic, uint64_t number)
{
	uint64_t rate = synthetic->config.rate;

	return number / rate * SECOND_NS + number % rate * SECOND_NS / rate;
}

static uint64_t due_count(const struct synthetic *synthetic)
{
	uint64_t now = clock_wall_ns();
	uint64_t elapsed = now - synthetic->start_ns;

	if (now < synthetic->start_ns)
		return 0;
	return elapsed / SECOND_NS * synthetic->config.rate +
	       elapsed % SECOND_NS * synthetic->config.rate / SECOND_NS + 1;
}

/* Samples to send at once: those that are due, or what a wake-up is worth. */
static uint32_t claim_size(struct synthetic *synthetic)
{
	uint64_t size = synthetic->config.rate / WAKEUPS_PER_S_MAX;
	uint64_t claimed, due;

	if (!synthetic->config.rate)
		return BATCH_MAX;
	if (synthetic->config.punctual)
		size = 1;
	claimed =
		atomic_load_explicit(&synthetic->claimed, memory_order_relaxed);
	due = due_count(synthetic);
	if (due > claimed && due - claimed > size)
		size = due - claimed;
	if (size < 1)
		size = 1;
	return size < BATCH_MAX ? (uint32_t)size : BATCH_MAX;
}

static struct claim claim_next(struct synthetic *synthetic)
{
	struct claim claim = { .count = claim_size(synthetic) };
	uint64_t end = synthetic->config.count;

	claim.first = atomic_fetch_add_explicit(
		&synthetic->claimed, claim.count, memory_order_relaxed);
	if (end && claim.first >= end)
		claim.count = 0;
	else if (end && end - claim.first < claim.count)
		claim.count = (uint32_t)(end - claim.first);
	return claim;
}

static int is_stopping(struct synthetic *synthetic)
{
	return atomic_load_explicit(&synthetic->stopping, memory_order_relaxed);
}

static void spin_once(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/*
 * Open loop: the deadline follows from the number, not from the last send, so
 * that a late wake-up is caught up and the average rate is exact.
 */
static void sender_pace(struct sender *sender, struct claim claim)
{
	struct synthetic *synthetic = sender->synthetic;
	uint64_t deadline, now;

	if (!synthetic->config.rate)
		return;
	deadline = synthetic->start_ns +
		   due_ns(synthetic, claim.first + claim.count - 1);
	now = clock_wall_ns();
	while (now < deadline && !is_stopping(synthetic)) {
		if (synthetic->config.punctual)
			spin_once();
		else
			clock_sleep_until((int64_t)(deadline - now < NAP_NS
							    ? deadline
							    : now + NAP_NS));
		now = clock_wall_ns();
	}
}

static struct synthetic_message *sender_message(struct sender *sender,
						uint32_t index)
{
	size_t stride = sender->synthetic->message_stride;

	return (struct synthetic_message *)(sender->messages + index * stride);
}

/*
 * A punctual sample says when it was due: whoever takes its age then also
 * counts how late it was sent.
 */
static uint64_t timestamp_ns(const struct synthetic *synthetic, uint64_t number)
{
	if (synthetic->config.punctual)
		return synthetic->start_real_ns + due_ns(synthetic, number);
	return clock_real_ns();
}

static void sender_stamp(struct sender *sender, struct claim claim)
{
	const struct synthetic_config *config = &sender->synthetic->config;
	struct synthetic_stamp stamp;

	for (uint32_t i = 0; i < claim.count; i++) {
		uint64_t number = claim.first + i;

		stamp.group = 1 + (uint32_t)(number % config->group_count);
		stamp.group_seq = (uint32_t)(number / config->group_count);
		stamp.iif = 1 + stamp.group_seq % config->interface_count;
		/* Of a packet the kernel takes the time, and asking for it is a
		 * system call where there is no vDSO, as in user-mode-linux. */
		stamp.timestamp_ns =
			config->interface ? 0
					  : timestamp_ns(sender->synthetic,
							 number);
		synthetic_message_stamp(sender_message(sender, i), &stamp);
	}
}

static void sender_count(struct sender *sender, uint64_t first, uint32_t count)
{
	uint32_t groups = sender->synthetic->config.group_count;

	for (uint32_t i = 0; i < count; i++) {
		_Atomic(uint64_t) *sent = &sender->sent[(first + i) % groups];

		atomic_store_explicit(
			sent,
			atomic_load_explicit(sent, memory_order_relaxed) + 1,
			memory_order_relaxed);
	}
}

/* A shortage of kernel memory: the sample was not sent, and may be later. */
static int is_passing(int error)
{
	return error == ENOBUFS || error == ENOMEM || error == EAGAIN ||
	       error == EINTR;
}

/*
 * Send the claim, all of it unless the thread shall end. sendmmsg reports an
 * error only for its first message, and else how many went before it.
 */
static int sender_send(struct sender *sender, struct claim claim)
{
	uint32_t done = 0;

	do {
		int count = sendmmsg(sender->fd, sender->batch + done,
				     claim.count - done, 0);

		if (count < 0 && !is_passing(errno))
			return -errno;
		if (count < 0) {
			clock_sleep_until(clock_now_ns() + SHORTAGE_NS);
			continue;
		}
		sender_count(sender, claim.first + done, (uint32_t)count);
		done += (uint32_t)count;
	} while (done < claim.count && !is_stopping(sender->synthetic));
	return 0;
}

static int sender_loop(struct sender *sender)
{
	struct claim claim;
	int error = 0;

	while (!error && !is_stopping(sender->synthetic)) {
		claim = claim_next(sender->synthetic);
		if (!claim.count)
			break;
		sender_pace(sender, claim);
		if (is_stopping(sender->synthetic))
			break;
		sender_stamp(sender, claim);
		error = sender_send(sender, claim);
	}
	return error;
}

static void *sender_run(void *argument)
{
	struct sender *sender = argument;
	struct synthetic *synthetic = sender->synthetic;
	int error, none = 0;

	/* The default slack, 50 us, is half of the time between 10 000/s. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	pthread_setname_np(pthread_self(), "sender");
	error = sender_loop(sender);
	if (error)
		atomic_compare_exchange_strong(&synthetic->error, &none, error);
	atomic_store(&sender->cpu_ns, clock_ns_of(CLOCK_THREAD_CPUTIME_ID));
	if (atomic_fetch_sub(&synthetic->running, 1) == 1)
		eventfd_write(synthetic->done_fd, 1);
	return NULL;
}

/* A port that receives nothing, and whose number the kernel chose. */
static int multicast_bind(int fd, struct sockaddr_nl *address)
{
	struct sock_filter reject = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &reject };
	socklen_t length = sizeof(*address);

	address->nl_family = AF_NETLINK;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) ||
	    bind(fd, (struct sockaddr *)address, length) ||
	    getsockname(fd, (struct sockaddr *)address, &length))
		return -errno;
	return 0;
}

static int sender_open_multicast(struct sender *sender)
{
	struct synthetic *synthetic = sender->synthetic;
	struct sockaddr_nl *address = &sender->address.multicast;
	int error;

	sender->fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	if (sender->fd < 0)
		return -errno;
	error = multicast_bind(sender->fd, address);
	if (error)
		return error;
	address->nl_groups = 1U << (synthetic->config.usersock_group - 1);
	if (!synthetic->portid)
		synthetic->portid = address->nl_pid;
	return 0;
}

/* Protocol 0: a packet socket that receives nothing. */
static int sender_open_interface(struct sender *sender)
{
	sender->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (sender->fd < 0)
		return -errno;
	sender->address.interface = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)sender->synthetic->config.interface,
	};
	return 0;
}

/* What of a message goes out: all, or the packet that stands in it. */
static struct iovec message_vector(const struct synthetic_config *config,
				   struct synthetic_message *message)
{
	if (config->interface)
		return (struct iovec){ message->data, config->size };
	return (struct iovec){ message, synthetic_message_bytes(config->size) };
}

static void sender_prepare(struct sender *sender)
{
	const struct synthetic *synthetic = sender->synthetic;
	const struct synthetic_config *config = &synthetic->config;

	for (uint32_t i = 0; i < BATCH_MAX; i++) {
		struct synthetic_message *message = sender_message(sender, i);

		synthetic_message_init(message, config->size,
				       synthetic->portid);
		sender->vectors[i] = message_vector(config, message);
		sender->batch[i].msg_hdr = (struct msghdr){
			.msg_name = &sender->address,
			.msg_namelen =
				config->interface ? sizeof(struct sockaddr_ll)
						  : sizeof(struct sockaddr_nl),
			.msg_iov = &sender->vectors[i],
			.msg_iovlen = 1,
		};
	}
}

static int sender_open(struct sender *sender, struct synthetic *synthetic)
{
	int error;

	sender->synthetic = synthetic;
	error = synthetic->config.interface ? sender_open_interface(sender)
					    : sender_open_multicast(sender);
	if (error)
		return error;
	sender->sent =
		calloc(synthetic->config.group_count, sizeof(*sender->sent));
	sender->messages = calloc(BATCH_MAX, synthetic->message_stride);
	if (!sender->sent || !sender->messages)
		return -ENOMEM;
	sender_prepare(sender);
	return 0;
}

static void sender_close(struct sender *sender)
{
	if (sender->fd >= 0)
		close(sender->fd);
	free(sender->sent);
	free(sender->messages);
}

struct limit {
	bool broken;
	const char *cause;
};

static const char *config_cause(const struct synthetic_config *config)
{
	const struct limit limits[] = {
		{ config->usersock_group < 1 || config->usersock_group > 32,
		  "a NETLINK_USERSOCK group is 1 to 32" },
		{ config->size < SYNTHETIC_SIZE_MIN ||
			  config->size > SYNTHETIC_SIZE_MAX,
		  "a synthetic packet has 42 to 65468 bytes" },
		{ config->group_count < 1 ||
			  config->group_count > SYNTHETIC_GROUPS_MAX,
		  "the synthetic source has 1 to 4096 sample groups" },
		{ config->group_count > 1 && config->interface,
		  "packets on an interface are of one sample group" },
		{ config->interface_count < 1 ||
			  config->interface_count > SYNTHETIC_INTERFACES_MAX,
		  "the synthetic source has 1 to 65535 interfaces" },
		{ config->senders < 1 ||
			  config->senders > SYNTHETIC_SENDERS_MAX,
		  "the synthetic source has 1 to 64 threads" },
		{ config->rate > SYNTHETIC_RATE_MAX,
		  "the synthetic source sends at most 1000000000 a second" },
		{ config->punctual && !config->rate,
		  "a punctual source needs a rate" },
		{ config->cpu < -1 || config->cpu >= CPU_SETSIZE,
		  "the sender's CPU is -1, for any, or a CPU's number" },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].broken)
			return limits[i].cause;
	return NULL;
}

static int synthetic_build(struct synthetic *synthetic)
{
	int error;

	synthetic->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (synthetic->done_fd < 0)
		return -errno;
	for (uint32_t i = 0; i < synthetic->config.senders; i++) {
		error = sender_open(&synthetic->senders[i], synthetic);
		if (error)
			return error;
	}
	return 0;
}

void synthetic_config_init(struct synthetic_config *ret_config)
{
	*ret_config = (struct synthetic_config){
		.usersock_group = 31,
		.size = 128,
		.group_count = 1,
		.interface_count = 1,
		.senders = 1,
		.cpu = -1,
	};
}

int synthetic_open(const struct synthetic_config *config,
		   struct synthetic **ret_synthetic, const char **reterr_cause)
{
	const char *cause = config_cause(config);
	struct synthetic *synthetic = NULL;
	int error = -EINVAL;

	if (cause)
		goto fail;
	cause = "the sender got no socket or no memory";
	error = -ENOMEM;
	synthetic = calloc(1, sizeof(*synthetic));
	if (!synthetic)
		goto fail;
	synthetic->config = *config;
	synthetic->done_fd = -1;
	for (uint32_t i = 0; i < SYNTHETIC_SENDERS_MAX; i++)
		synthetic->senders[i].fd = -1;
	/* A cache line and more apart, so that the prefetcher is of use. */
	synthetic->message_stride =
		(synthetic_message_bytes(config->size) + 63) & ~63U;
	error = synthetic_build(synthetic);
	if (error)
		goto fail;
	*ret_synthetic = synthetic;
	return 0;
fail:
	synthetic_close(synthetic);
	if (reterr_cause)
		*reterr_cause = cause;
	return error;
}

uint32_t synthetic_portid(const struct synthetic *synthetic)
{
	return synthetic->portid;
}

static int sender_create(struct sender *sender, int cpu)
{
	pthread_attr_t attributes;
	cpu_set_t set;
	int error;

	sender->cpu_before_ns += atomic_exchange(&sender->cpu_ns, 0);
	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	if (cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		error = pthread_attr_setaffinity_np(&attributes, sizeof(set),
						    &set);
	}
	if (!error)
		error = pthread_create(&sender->thread, &attributes, sender_run,
				       sender);
	pthread_attr_destroy(&attributes);
	sender->started = !error;
	return -error;
}

/*
 * Samples that were claimed before are due in the past: the rate goes on from
 * here.
 */
static void synthetic_begin(struct synthetic *synthetic)
{
	uint64_t claimed = atomic_load(&synthetic->claimed);
	uint64_t past_ns =
		synthetic->config.rate ? due_ns(synthetic, claimed) : 0;
	eventfd_t ended;

	(void)eventfd_read(synthetic->done_fd, &ended);
	atomic_store(&synthetic->stopping, 0);
	/* In this order no sample goes before the time that it is stamped. */
	synthetic->start_real_ns = clock_real_ns() - past_ns;
	synthetic->start_ns = clock_wall_ns() - past_ns;
	if (synthetic->config.punctual) {
		synthetic->start_real_ns += HEAD_START_NS;
		synthetic->start_ns += HEAD_START_NS;
	}
}

int synthetic_start(struct synthetic *synthetic)
{
	uint32_t senders = synthetic->config.senders;
	sigset_t all, before;
	int error = 0;

	synthetic_begin(synthetic);
	atomic_store(&synthetic->running, senders);
	/* The threads inherit the mask: signals are for the caller's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (uint32_t i = 0; i < senders && !error; i++)
		error = sender_create(&synthetic->senders[i],
				      i == 0 ? synthetic->config.cpu : -1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		synthetic_stop(synthetic);
	return error;
}

int synthetic_wait(struct synthetic *synthetic, int timeout_ms)
{
	struct pollfd done = { .fd = synthetic->done_fd, .events = POLLIN };
	int ready;

	ready = poll(&done, 1, timeout_ms);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		return 0;
	return atomic_load(&synthetic->error) ? atomic_load(&synthetic->error)
					      : 1;
}

int synthetic_fd(const struct synthetic *synthetic)
{
	return synthetic->done_fd;
}

void synthetic_stop(struct synthetic *synthetic)
{
	atomic_store(&synthetic->stopping, 1);
	for (uint32_t i = 0; i < synthetic->config.senders; i++) {
		struct sender *sender = &synthetic->senders[i];

		if (sender->started)
			pthread_join(sender->thread, NULL);
		sender->started = 0;
	}
}

uint64_t synthetic_sent_group(const struct synthetic *synthetic, uint32_t group)
{
	uint64_t sum = 0;

	if (group < 1 || group > synthetic->config.group_count)
		return 0;
	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sum += atomic_load_explicit(
			&synthetic->senders[i].sent[group - 1],
			memory_order_relaxed);
	return sum;
}

uint64_t synthetic_sent(const struct synthetic *synthetic)
{
	uint64_t sum = 0;

	for (uint32_t i = 1; i <= synthetic->config.group_count; i++)
		sum += synthetic_sent_group(synthetic, i);
	return sum;
}

/* Of a thread that runs, its clock; of one that ended, what it left. */
static uint64_t thread_cpu_ns(const struct sender *sender)
{
	struct timespec used;
	clockid_t clock;
	uint64_t left = atomic_load(&sender->cpu_ns);

	if (left || !sender->started)
		return left;
	if (pthread_getcpuclockid(sender->thread, &clock) ||
	    clock_gettime(clock, &used))
		return atomic_load(&sender->cpu_ns);
	return (uint64_t)used.tv_sec * SECOND_NS + (uint64_t)used.tv_nsec;
}

uint64_t synthetic_cpu_ns(const struct synthetic *synthetic)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sum += synthetic->senders[i].cpu_before_ns +
		       thread_cpu_ns(&synthetic->senders[i]);
	return sum;
}

void synthetic_close(struct synthetic *synthetic)
{
	if (!synthetic)
		return;
	synthetic_stop(synthetic);
	for (uint32_t i = 0; i < synthetic->config.senders; i++)
		sender_close(&synthetic->senders[i]);
	if (synthetic->done_fd >= 0)
		close(synthetic->done_fd);
	free(synthetic);
}
