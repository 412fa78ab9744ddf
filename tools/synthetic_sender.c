/* SPDX-License-Identifier: MIT */
/* A thread that sends, a batch at a time, and the messages that it sends. */
#include "synthetic_sender.h"

#include "clocks.h"
#include "synthetic_message.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* How long kernel memory may be short. */
#define SHORTAGE_NS (200 * NS_PER_US)

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
		return synthetic->start_real_ns +
		       pace_due_ns(synthetic, number);
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
	} while (done < claim.count &&
		 !synthetic_is_stopping(sender->synthetic));
	return 0;
}

static int sender_loop(struct sender *sender)
{
	struct claim claim;
	int error = 0;

	while (!error && !synthetic_is_stopping(sender->synthetic)) {
		claim = pace_claim(sender->synthetic);
		if (!claim.count)
			break;
		pace_wait(sender->synthetic, claim);
		if (synthetic_is_stopping(sender->synthetic))
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

int sender_open(struct sender *sender, struct synthetic *synthetic)
{
	int error;

	sender->synthetic = synthetic;
	error = sender_open_socket(sender);
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

void sender_close(struct sender *sender)
{
	if (sender->fd >= 0)
		close(sender->fd);
	free(sender->sent);
	free(sender->messages);
}

int sender_start(struct sender *sender, int cpu)
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

void sender_stop(struct sender *sender)
{
	if (sender->started)
		pthread_join(sender->thread, NULL);
	sender->started = 0;
}

/* Of a thread that runs, its clock; of one that ended, what it left. */
uint64_t sender_cpu_ns(const struct sender *sender)
{
	struct timespec used;
	clockid_t clock;
	uint64_t left = atomic_load(&sender->cpu_ns);

	if (left || !sender->started)
		return left;
	if (pthread_getcpuclockid(sender->thread, &clock) ||
	    clock_gettime(clock, &used))
		return atomic_load(&sender->cpu_ns);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}
