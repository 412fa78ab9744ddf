/* SPDX-License-Identifier: MIT */
/*
 * Loads program.bpf.c, which the build has put into program.skel.h. Nothing
 * here needs the kernel's BTF: the program reads only what every kernel shows
 * to a socket filter.
 */
#include "program.h"
#include "memory.h"
#include "program.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNTERS_BYTES (PSR_QUEUES_MAX * sizeof(struct program_counters))

/* An engine of one queue opens as many; libbpf 1.1 has 9 at once at most. */
#define DESCRIPTORS_MIN 13

static bool has(const struct __user_cap_data_struct *data, uint32_t capability)
{
	return data[CAP_TO_INDEX(capability)].effective &
	       CAP_TO_MASK(capability);
}

/*
 * As the kernel's bpf_capable and perfmon_capable, of this thread; but for user
 * namespaces, whose capabilities do not count there and are seen here.
 */
static bool is_capable(uint32_t capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	(void)syscall(SYS_capget, &header, data);
	return has(data, capability) || has(data, CAP_SYS_ADMIN);
}

/*
 * What is missing, the kernel says in many ways, such as EINVAL for a loop
 * without CAP_BPF. Without CAP_PERFMON the verifier follows every way that a
 * CPU may take by mistake: what it finds there 6.1 and 6.12 refuse, and 6.18
 * mends.
 */
static int load_error(int err, const char **reterr_cause)
{
	if (err == -ENOMEM) {
		*reterr_cause = "memory for the BPF rings: fewer queue_count "
				"or less rcvbuf_bytes";
	} else if (err == -EMFILE || err == -ENFILE) {
		*reterr_cause = "descriptors for a BPF program and its maps";
	} else if (err == -EPERM || !is_capable(CAP_BPF)) {
		*reterr_cause = "loading the BPF program: it needs CAP_BPF, "
				"outside of user namespaces and of a seccomp "
				"filter against bpf (run as root on the host)";
		err = -EPERM;
	} else if (!is_capable(CAP_PERFMON)) {
		*reterr_cause = "loading the BPF program: this kernel asks for "
				"CAP_PERFMON beside CAP_BPF (run as root)";
		err = -EPERM;
	} else {
		*reterr_cause = "loading the BPF program: it is written for "
				"Linux 6.1 and newer, with CONFIG_BPF_SYSCALL";
	}
	return err;
}

/*
 * What the kernel can do libbpf asks once, for all programs of the process, and
 * takes it for a no where it gets no descriptor to ask with (libbpf.c:
 * kernel_supports): no program would load any more, however many there are
 * later. So nothing is asked unless there are enough.
 */
static int check_descriptors(void)
{
	int fds[DESCRIPTORS_MIN];
	uint32_t count = 0;
	int err = 0;

	while (count < DESCRIPTORS_MIN && !err) {
		fds[count] = eventfd(0, EFD_CLOEXEC);
		if (fds[count] < 0)
			err = -errno;
		else
			count++;
	}
	while (count > 0)
		close(fds[--count]);
	return err;
}

static int map_counters(struct program *program)
{
	void *counters = mmap(NULL, COUNTERS_BYTES, PROT_READ, MAP_SHARED,
			      bpf_map__fd(program->skeleton->maps.counters), 0);

	if (counters == MAP_FAILED)
		return -errno;
	program->counters = counters;
	return 0;
}

static int load(struct program *program, const struct psr_config *config)
{
	struct program_bpf *skeleton = program_bpf__open();
	int err;

	if (!skeleton)
		return -errno;
	program->skeleton = skeleton;
	skeleton->rodata->settings = (struct program_settings){
		.shard = config->shard,
		.queue_count = config->queue_count,
		.buffer_bytes = config->buffer_bytes,
		.portid = config->usersock_portid,
		.group_count = config->group_count,
		.thin = config->thin,
	};
	err = program_bpf__load(skeleton);
	if (err)
		return err;
	program->fd = bpf_program__fd(skeleton->progs.take_sample);
	program->stopped = &skeleton->data->stopped;
	return map_counters(program);
}

/*
 * libbpf prints what fails, such as every psr_open without the privilege, and
 * this library never prints. The callback is one for the whole process: of two
 * that took it at once, the second would put the first one's NULL back.
 *
 * Signals wait: the verifier gives up with EAGAIN for one (kernel/bpf/verifier.c:
 * do_check), and with a timer of 10 ms libbpf's five attempts were not enough.
 */
static int load_undisturbed(struct program *program,
			    const struct psr_config *config)
{
	static pthread_mutex_t print_taken = PTHREAD_MUTEX_INITIALIZER;
	libbpf_print_fn_t print;
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_mutex_lock(&print_taken);
	print = libbpf_set_print(NULL);
	err = load(program, config);
	libbpf_set_print(print);
	pthread_mutex_unlock(&print_taken);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

static int add_ring(struct program *program, uint32_t ring_bytes)
{
	int rings_fd = bpf_map__fd(program->skeleton->maps.rings);
	uint32_t queue = program->ring_count;
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "psring", 0, 0,
				ring_bytes, NULL);

	if (fd < 0)
		return fd;
	program->ring_fds[program->ring_count++] = fd;
	return bpf_map_update_elem(rings_fd, &queue, &fd, BPF_ANY);
}

static int add_wanted(struct program *program, uint32_t group)
{
	int wanted_fd = bpf_map__fd(program->skeleton->maps.wanted);
	const uint8_t yes = 1;

	return bpf_map_update_elem(wanted_fd, &group, &yes, BPF_ANY);
}

int program_load(struct program *ret_program, const struct psr_config *config,
		 uint32_t ring_bytes, const char **reterr_cause)
{
	int err;

	/* The kernel takes the pages of a ring at once. */
	if (memory_is_too_much(config->queue_count * (uint64_t)ring_bytes)) {
		*reterr_cause = "BPF rings of more than half of this machine's "
				"memory: fewer queue_count or less "
				"rcvbuf_bytes";
		return -ENOMEM;
	}
	err = check_descriptors();
	if (!err)
		err = load_undisturbed(ret_program, config);
	for (uint32_t i = 0; i < config->queue_count && !err; i++)
		err = add_ring(ret_program, ring_bytes);
	for (uint32_t i = 0; i < config->group_count && !err; i++)
		err = add_wanted(ret_program, config->groups[i]);
	return err ? load_error(err, reterr_cause) : 0;
}

void program_unload(struct program *program)
{
	for (uint32_t i = 0; i < program->ring_count; i++)
		close(program->ring_fds[i]);
	if (program->counters)
		munmap(program->counters, COUNTERS_BYTES);
	program_bpf__destroy(program->skeleton);
}
