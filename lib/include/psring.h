/* SPDX-License-Identifier: MIT */
/*
 * psring - the ingest engine for Linux psample packet samples
 *
 * An engine owns one or more queues. A queue is one shard of the sample
 * stream: a netlink socket, a ring of receive buffers and a ring of decoded
 * samples, the views. Ingest threads fill the queues; each queue is drained
 * by one consumer thread of yours. (With PSR_TRANSPORT_BPF one socket feeds all
 * queues, and each has a ring that the kernel fills.)
 *
 *	psr_config_init -> psr_open -> psr_start
 *	-> [psr_queue_wait -> psr_queue_peek -> use -> psr_queue_release]*
 *	-> psr_stop -> psr_close
 *
 * and psr_watch beside it, where psample's module may be unloaded or loaded
 * meanwhile.
 *
 * Errors: a function that can fail returns 0 or a count on success and a
 * negative errno value on failure. Outputs come last, are named ret_*, and
 * stay untouched on failure; what is named reterr_* is written on failure only.
 * The library never prints, never exits, keeps no global state (but one lock:
 * psr_open) and installs no signal handler. But where going on would hand out
 * what is wrong, an assertion ends the program. NULL may be passed where it is
 * named, and nowhere else.
 *
 * Compatibility: a program runs with each libpsring of the SONAME that it was
 * linked with, if that is no older than its header. No function goes or changes
 * within a SONAME, and no struct changes its size: what is added takes the place
 * of reserved space, and is off where it is 0. Reserved space of a psr_config
 * must be 0, as psr_config_init makes it, so that a library that does not know
 * what is asked for refuses it; what is written for you has 0 there. A psr_view
 * has no reserved space: it is a cache line, and what later kernels add is
 * returned by functions. Before 1.0 each minor version has its own SONAME, then
 * each major one.
 *
 * Threads: "Control" functions are called by one thread at a time. "Consumer"
 * functions are called by the one thread that drains the queue. "Any" means
 * any thread, at any time between psr_open and psr_close. No thread may be
 * cancelled (pthread_cancel) in a function of the library.
 *
 * Machines: 64 bits, little-endian.
 */
#ifndef PSRING_H
#define PSRING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct psr;
struct psr_queue;

#define PSR_QUEUES_MAX	     64
#define PSR_BUFFERS_MAX	     32768 /* io_uring/kbuf.c: buffers of a ring */
#define PSR_BUFFER_BYTES_MIN 256
#define PSR_BUFFER_BYTES_MAX (1 << 20)
#define PSR_RCVBUF_MAX	     (1 << 30)
#define PSR_WAIT_US_MAX	     1000000
#define PSR_WANTED_MAX	     128 /* sample groups in psr_config.groups */

/* Where samples come from. */
enum psr_source {
	PSR_SOURCE_PSAMPLE,  /* the kernel's psample family */
	PSR_SOURCE_USERSOCK, /* a NETLINK_USERSOCK group: another process */
};

/* How datagrams leave the socket. */
enum psr_transport {
	PSR_TRANSPORT_AUTO, /* uring where it is to be had, else recvmmsg */
	PSR_TRANSPORT_URING,
	PSR_TRANSPORT_RECVMMSG,
	/*
	 * They do not: a BPF program on one socket for all queues copies each
	 * into the ring of its queue, where the consumer decodes it. There are
	 * no ingest threads, whatever is configured; buffer_count is how many
	 * views may be out, and rcvbuf_bytes the size of each ring: a power of
	 * two not above it, but 128 KiB at the least. 32 MiB hold 131 072 short
	 * samples. Of a message the first 65 600 bytes are kept, and the first
	 * 48 attributes searched; psample's have fewer.
	 */
	PSR_TRANSPORT_BPF,
};

/*
 * What decides to which queue a sample goes. A sample without the attribute
 * in question goes to queue 0. PSR_SHARD_CPU is exact where the sender does
 * not change its CPU in the middle of one multicast: always so in the kernel.
 */
enum psr_shard {
	PSR_SHARD_SEQ,	 /* sequence number modulo queue_count */
	PSR_SHARD_CPU,	 /* the sampling CPU */
	PSR_SHARD_GROUP, /* the sample group */
	PSR_SHARD_IIF,	 /* the input interface */
	PSR_SHARD_FLOW,	 /* the connection, both directions: needs bpf */
};

#define PSR_NSID_OWN (-1) /* the network namespace of the engine's sockets */

/* How to build an engine. psr_config_init sets the defaults named here. */
struct psr_config {
	enum psr_source source;	      /* PSR_SOURCE_PSAMPLE */
	enum psr_transport transport; /* PSR_TRANSPORT_AUTO */
	enum psr_shard shard;	      /* PSR_SHARD_SEQ */
	uint32_t usersock_group;      /* 1 to 32, for PSR_SOURCE_USERSOCK */
	uint32_t usersock_portid;     /* only what has this nlmsg_pid; 0: all */
	uint32_t queue_count;	      /* 1 */
	uint32_t ingest_threads; /* 1; 0: the consumers drive their queues */
	uint32_t buffer_count;	 /* 2048 per queue; a power of two */
	uint32_t buffer_bytes;	 /* 65552; longer messages are truncated */
	uint32_t rcvbuf_bytes;	 /* 32 MiB per socket: 50 000 short samples */
	uint32_t wait_us;	 /* 1000: at most one wake-up in this time */
	int busy_poll;		 /* 0; else whoever ingests never sleeps */
	/*
	 * 0; else only what the kernel sent is delivered, or usersock_portid:
	 * as the kernel says, not nlmsg_pid, which the sender writes itself.
	 * Not with PSR_TRANSPORT_BPF.
	 */
	int verify_sender;
	uint32_t group_count;	/* 0: every sample group is wanted */
	const uint32_t *groups; /* [group_count] wanted sample groups */
	const int *cpus; /* [ingest_threads] CPU of each; negative, NULL: any */
	int await_family; /* 0; else no psample family is no error: psr_watch */
	/*
	 * 0 or 1: every sample. Above: the kernel passes one datagram in thin
	 * on, by chance, and psr_view.rate is multiplied by it (a probability:
	 * divided, rounded down). What is no sample is thinned as well.
	 */
	uint32_t thin;
	/*
	 * NULL; else makes netlink socket @fd a member of @mcgroup, instead of
	 * the library, in psr_open and psr_watch: by way of a process that has
	 * kept CAP_NET_ADMIN. Returns 0 or a negative errno.
	 */
	int (*join)(void *context, int fd, uint32_t mcgroup);
	void *join_context;
	/*
	 * NULL; else a path to the network namespace to listen in, as
	 * /run/netns/NAME, or /proc/self/fd/N for a descriptor. The calling
	 * thread stays in its own.
	 */
	const char *netns;
	/*
	 * 0; else what is sampled in other network namespaces is heard as well,
	 * those that have an id in the one listened in (ip netns set NAME auto):
	 * psr_view.nsid. Interface numbers, sample groups and their numbers are
	 * each namespace's own. (A namespace that has an id in itself is told
	 * by that, and not by PSR_NSID_OWN, until Linux's 88b126b39f97.) Not
	 * with PSR_TRANSPORT_BPF.
	 *
	 * Heard is only a namespace over whose user namespace the caller of
	 * psr_open has CAP_NET_BROADCAST; of another, nothing says so. And root
	 * of a container may send what looks like samples, for in its namespace
	 * it has CAP_NET_ADMIN: set verify_sender as well (net/netlink/
	 * af_netlink.c: do_one_broadcast, netlink_allowed).
	 */
	int all_netns;
	uint32_t reserved[21];
};

/*
 * Bits of psr_view.fields. Where a bit stands for an attribute of the message,
 * it is 1 << its number in linux/psample.h; the other bits are psring's own.
 */
enum psr_field {
	PSR_FIELD_IIF = 1 << 0,
	PSR_FIELD_OIF = 1 << 1,
	PSR_FIELD_TRUNCATED = 1 << 2,	/* the message exceeded buffer_bytes */
	PSR_FIELD_USERSPACE = 1 << 3,	/* nlmsg_pid is not 0, if it is true */
	PSR_FIELD_PROBABILITY = 1 << 4, /* rate is a probability * UINT32_MAX */
	/* rate times thin exceeds 32 bits, or is below 1: rate is the limit. */
	PSR_FIELD_RATE_SATURATED = 1 << 5,
	PSR_FIELD_DATA = 1 << 6,
	PSR_FIELD_TUNNEL = 1 << 8, /* psr_view_tunnel */
	PSR_FIELD_OUT_TC = 1 << 10,
	PSR_FIELD_OUT_TC_OCC = 1 << 11, /* psr_view_out_tc_occ */
	PSR_FIELD_LATENCY = 1 << 12,
	PSR_FIELD_TIMESTAMP = 1 << 13,
	PSR_FIELD_PROTO = 1 << 14,
	PSR_FIELD_COOKIE = 1 << 15, /* psr_view_cookie */
};

/*
 * One sampled packet: a view, one cache line, host byte order.
 *
 * The view and the bytes at data are borrowed: valid from psr_queue_peek until
 * psr_queue_release. Copy what must live longer (psr_view_copy). A field whose
 * bit is not set is 0.
 */
struct psr_view {
	const uint8_t *data;   /* the packet, from its link-layer header */
	uint64_t timestamp_ns; /* CLOCK_REALTIME when sampled */
	uint64_t latency_ns;   /* time in the switch */
	uint32_t orig_size;    /* bytes of the packet before truncation */
	uint32_t group;	       /* sample group */
	uint32_t group_seq;    /* counts the group's samples; wraps */
	uint32_t rate;	       /* one packet in rate is sampled */
	uint32_t iif;	       /* input ifindex; the kernel sends 16 bits */
	uint32_t oif;	       /* output ifindex; likewise */
	int32_t nsid;	       /* id of the network namespace; PSR_NSID_OWN */
	uint32_t private_id;   /* which buffer holds the message */
	uint16_t data_len;     /* bytes at data */
	uint16_t proto;	       /* EtherType */
	uint16_t out_tc;       /* egress traffic class */
	uint16_t fields;       /* enum psr_field bits */
};

/* Bits of psr_tunnel.fields: 1 << number in enum psample_tunnel_key_attr. */
enum psr_tunnel_field {
	PSR_TUNNEL_ID = 1 << 0,
	PSR_TUNNEL_IPV4_SRC = 1 << 1,
	PSR_TUNNEL_IPV4_DST = 1 << 2,
	PSR_TUNNEL_TOS = 1 << 3,
	PSR_TUNNEL_TTL = 1 << 4,
	PSR_TUNNEL_DONT_FRAGMENT = 1 << 5,
	PSR_TUNNEL_CSUM = 1 << 6,
	PSR_TUNNEL_OAM = 1 << 7,
	PSR_TUNNEL_GENEVE_OPTS = 1 << 8,
	PSR_TUNNEL_TP_SRC = 1 << 9,
	PSR_TUNNEL_TP_DST = 1 << 10,
	PSR_TUNNEL_VXLAN_OPTS = 1 << 11,
	PSR_TUNNEL_IPV6_SRC = 1 << 12,
	PSR_TUNNEL_IPV6_DST = 1 << 13,
	PSR_TUNNEL_ERSPAN_OPTS = 1 << 15,
	PSR_TUNNEL_IPV4_INFO_BRIDGE = 1 << 16,
};

/* The tunnel header that was taken off or will be put on; host byte order. */
struct psr_tunnel {
	uint64_t id;	     /* key: VNI and the like */
	uint32_t fields;     /* enum psr_tunnel_field bits */
	uint8_t ipv4_src[4]; /* addresses: network byte order, as everywhere */
	uint8_t ipv4_dst[4];
	uint8_t ipv6_src[16];
	uint8_t ipv6_dst[16];
	uint16_t tp_src; /* UDP ports */
	uint16_t tp_dst;
	uint8_t tos;
	uint8_t ttl;
	uint16_t geneve_opts_len; /* options as bytes, borrowed like the view */
	uint16_t vxlan_opts_len;
	uint16_t erspan_opts_len;
	const uint8_t *geneve_opts;
	const uint8_t *vxlan_opts;
	const uint8_t *erspan_opts;
	uint64_t reserved[5];
};

#define PSR_BATCH_BUCKETS 16

/*
 * Counters since psr_open. Every datagram is in exactly one place:
 *
 *	received = delivered + pending + malformed + foreign	   per queue
 *	sent = received + lost_socket + lost_ring + left_in_socket
 *
 * The first is exact whenever the sender pauses, the second after psr_stop
 * when every queue was drained until -ESHUTDOWN. What the kernel's filter holds
 * back, because it is not wanted or by psr_config.thin, is in no sum: it was not
 * sent to us.
 */
struct psr_stats {
	uint64_t received;    /* datagrams taken from the socket, or BPF ring */
	uint64_t delivered;   /* views released by the consumer */
	uint64_t pending;     /* views in the ring or borrowed */
	uint64_t malformed;   /* not a well-formed sample */
	uint64_t foreign;     /* netlink, but not a sample; or forged */
	uint64_t lost_socket; /* receive buffer full: the kernel's own count */
	uint64_t lost_ring;   /* bpf: the ring was full; else 0 */
	int64_t left_in_socket; /* 0 once stopped and drained; -1: unknown */
				/* bpf: in the ring, always known	   */
	/* Beside the sums. */
	uint64_t bytes; /* of the datagrams received */
	/* In the receive buffer, or BPF ring, of a queue, which holds */
	/* psr_info.rcvbuf_bytes: now, and the most that was seen, at  */
	/* looks at the statistics and when a receive is armed again;  */
	/* bpf: at each turn. psr_stats adds the queues' up.	       */
	uint64_t backlog_bytes;
	uint64_t backlog_peak_bytes;
	uint64_t truncated; /* delivered, cut to buffer_bytes */
	uint64_t trailing;  /* bytes behind the first message of a datagram */
	uint64_t userspace; /* delivered, nlmsg_pid is not 0 */
	uint64_t forged;    /* foreign, not from whom verify_sender wants */
	uint64_t evicted;   /* times that a group's evidence made room */
	uint64_t stalls;    /* times that no receive buffer was left */
	uint64_t arms;	    /* times that the multishot receive was armed */
	/* psr_stats only: times that psample was unloaded. What is sampled */
	/* from then until psr_watch has joined again is in no sum.	    */
	uint64_t interruptions;
	/* Of the thread that ingests, under the first queue that it drives. */
	uint64_t wakeups;  /* returns from a sleep */
	uint64_t syscalls; /* system calls of ingest and of waking */
	/* [n]: hand-overs of 2^n to 2^(n+1) - 1 datagrams at once */
	uint64_t batches[PSR_BATCH_BUCKETS];
	uint64_t reserved[11];
};

#define PSR_TRACKED_MAX 1024 /* sample groups whose evidence a queue holds */

/*
 * What the sequence numbers of one sample group say: evidence, not proof. The
 * kernel counts without a lock, so two sampling CPUs make gaps and repeats
 * with nothing lost, and a failed allocation makes a loss without a gap.
 *
 * A group that is made anew restarts: it counts from 0 again. That is told from
 * its numbers: one below 64 that is 64 or more behind the highest or more than
 * 4096 ahead of it, or any that is more than 4096 behind. All from first_seq on
 * is about the time since. A queue that has seen fewer restarts than others
 * adds to received only.
 *
 * A number 64 or more behind cannot be told to be late or there again: it
 * counts as reordered, so missing and net_missing may be negative.
 *
 * When there are more groups than PSR_TRACKED_MAX, that of the one that was
 * longest unused makes room; if it comes back, it is a new one.
 */
struct psr_group_stats {
	uint32_t group;
	uint32_t rate;	      /* of the newest sample */
	uint64_t received;    /* exact, if nothing was evicted meanwhile */
	uint64_t restarts;    /* lower bound */
	uint32_t first_seq;   /* first seen */
	uint32_t highest_seq; /* highest seen, past wraps */
	uint64_t span;	      /* numbers from the first to the highest */
	int64_t missing;      /* numbers of the span never seen: estimate */
	int64_t net_missing;  /* missing - duplicate: estimate */
	uint64_t duplicate;   /* there again, of the last 64: lower bound */
	uint64_t reordered;   /* else behind the highest: lower bound */
	int sequenced;	      /* 1; 0: all numbers were 0, as Open vSwitch's, */
	/* or thin is above 1: then gaps are on purpose, and */
	/* all from restarts to reordered is 0;              */
	/* -1: queues saw different restarts, so that        */
	/* from span to reordered nothing is known           */
	int probability; /* rate is a probability * UINT32_MAX */
	int32_t nsid;	 /* whose group it is: as in psr_view */
	uint32_t reserved[11];
};

/* What psr_open obtained. */
struct psr_info {
	enum psr_transport transport; /* in use: never PSR_TRANSPORT_AUTO */
	const char *fallback; /* why not uring, though AUTO; else NULL */
	uint32_t queue_count;
	uint32_t rcvbuf_bytes; /* smallest granted, as the kernel counts it */
	uint64_t buffer_memory_bytes; /* all queues: reserved, not resident; */
				      /* bpf: the rings, resident	     */
	uint64_t reserved[4];
};

/* A sample group of the kernel. */
struct psr_group {
	uint32_t group;
	uint32_t refcount; /* actions that sample into it */
	uint32_t group_seq;
	uint32_t reserved[5];
};

/**
 * psr_config_init - set every field to its default
 *
 * Context: any.
 */
void psr_config_init(struct psr_config *ret_config);

/**
 * psr_open - build an engine: sockets, rings, threads
 * @config: what to build; copied, with what it points to
 * @ret_psr: the engine, to be closed with psr_close
 * @reterr_cause: on failure, the cause and its remedy, a static string; may be
 *	NULL
 *
 * All that can fail and all that needs a privilege happens here: afterwards
 * privileges may be dropped, in all threads, for those of the engine run
 * already. The sockets are members of the multicast group, and reject
 * everything until psr_start.
 *
 * Context: any: several may run at once. Blocks for the kernel's replies.
 * PSR_TRANSPORT_BPF takes libbpf's print callback of the process away for the
 * time of the call, and makes others that do so wait: it must not be set
 * meanwhile.
 * Return: 0, or
 *   -EINVAL      a field of @config is out of range, or netns no network
 *                namespace; or @config or @ret_psr is NULL
 *   -EOPNOTSUPP  PSR_SHARD_FLOW without PSR_TRANSPORT_BPF, verify_sender or
 *                all_netns with it, or this library was built without it
 *   -ENOENT      the kernel has no psample family, and await_family is 0; or
 *                there is nothing at the path netns
 *   -EACCES      the path netns may not be opened
 *   -EPERM       CAP_SYS_ADMIN is missing to enter netns, or CAP_NET_BROADCAST
 *                for all_netns; or CAP_NET_ADMIN (with await_family and no family,
 *                psr_watch says so); or, for PSR_TRANSPORT_BPF, CAP_BPF,
 *                or CAP_PERFMON, without which kernels before 6.18 may refuse
 *                the program; or io_uring is disabled
 *   -ENOSYS      the kernel's io_uring is too old, or is not built in, or BPF
 *                is not
 *   -ENOMEM      memory; or what buffers take of the smallest samples, or BPF
 *                rings from the start, is more than half of the machine's
 *   -EMFILE, -ENFILE, -EAGAIN, or what else the kernel said
 */
int psr_open(const struct psr_config *config, struct psr **ret_psr,
	     const char **reterr_cause);

/**
 * psr_start - let samples in
 *
 * Context: control. No privilege needed. May follow psr_stop, or itself.
 * Return: 0, or
 *   -ENOMEM  the socket filter could not be attached (not bpf)
 */
int psr_start(struct psr *psr);

/**
 * psr_watch - go on when psample was unloaded and loaded again
 *
 * With the module all memberships go, and no socket is told: the engine hears
 * nothing any more (net/netlink/genetlink.c: genl_unregister_mc_groups). To be
 * called when psr_watch_fd is readable; at other times it does no harm. Looks
 * for the family, and joins again where it has a new one; consumers, queues and
 * what is in them stay. (What still waits of the load before the last one is
 * counted as foreign.) With await_family, the way to the first samples too.
 *
 * Context: control. Blocks for the kernel's reply.
 * Return: 1 if the engine is listening; 0 if there is no psample family: the
 * next call is due when there is; or
 *   -EPERM   joining takes CAP_NET_ADMIN, or config.join
 *   -EAGAIN  the module comes and goes all the time
 *   -EINTR   a signal came while the kernel was asked
 *   or what else the kernel or config.join said. It may be called again, after
 *   a while: psr_watch_fd does not tell of an error.
 */
int psr_watch(struct psr *psr);

/**
 * psr_watch_fd - a descriptor that is readable when psr_watch is due
 *
 * Context: any.
 * Return: the descriptor, owned by @psr; -1 with PSR_SOURCE_USERSOCK, which
 * needs no watching.
 */
int psr_watch_fd(const struct psr *psr);

/**
 * psr_stop - let no more samples in
 *
 * Keeps the membership, so that psr_start needs no privilege. What is queued
 * is still delivered: drain each queue until psr_queue_wait returns
 * -ESHUTDOWN. Every sample sent after the return is rejected, none sent before
 * the call is forgotten. The end is heard of within wait_us, as all else.
 *
 * While a child that was forked, and has not called exec, holds the engine's
 * descriptors, a sample sent during the call may come after the return.
 *
 * Context: control. Never waits for a consumer. May follow itself, and precede
 * the first psr_start: the queues end all the same.
 * Return: 0, or
 *   -ENOMEM, -EMFILE, -ENFILE  call it again; until it succeeds some queues may
 *                              reject samples, and none ends
 */
int psr_stop(struct psr *psr);

/**
 * psr_close - free everything that the engine owns
 * @psr: engine or NULL
 *
 * Every queue and every borrowed view dies. The kernel takes an io_uring apart
 * a moment later, and interrupts the thread that called psr_open for it: one
 * system call of that thread may end with EINTR though no signal came
 * (io_uring/io_uring.c: io_ring_exit_work). Until then it holds its locked
 * memory: where ulimit -l is low, a psr_open that follows at once may get -ENOMEM,
 * or fall back.
 *
 * Context: control; no consumer function may be running.
 */
void psr_close(struct psr *psr);

/**
 * psr_info - what psr_open obtained
 *
 * Context: any.
 */
void psr_info(const struct psr *psr, struct psr_info *ret_info);

/**
 * psr_queue - the queue at an index
 *
 * Context: any.
 * Return: the queue, owned by @psr; NULL if @index >= queue_count.
 */
struct psr_queue *psr_queue(struct psr *psr, uint32_t index);

/**
 * psr_queue_peek - borrow the oldest views
 * @queue: the queue; the caller is its only consumer
 * @ret_views: the oldest view; the others follow it in memory [return value]
 *
 * Repeats what it returned, and may add to it, until views are released. Who has
 * little time uses some, releases some, looks at the clock, and peeks again.
 *
 * Context: consumer. No wait, no allocation; no system call unless
 * ingest_threads is 0: then an empty queue looks into its socket (bpf: into
 * its ring, without one). One look takes buffer_count datagrams at most, samples
 * or not; recvmmsg no more than 64, bpf 256. Fewer buffers make it shorter.
 * Return: number of views at @ret_views; 0 if the queue is empty.
 */
uint32_t psr_queue_peek(struct psr_queue *queue,
			const struct psr_view **ret_views);

/**
 * psr_queue_release - give the oldest borrowed views back
 * @count: at most what psr_queue_peek returned and was not released since; with
 *	more, an assertion ends the program
 *
 * Their buffers return to the kernel: a consumer that keeps its views stalls
 * the queue, and samples are then lost in the socket (bpf: for want of room in
 * the ring), and counted there.
 *
 * Context: consumer. No wait; a system call only to wake a stalled queue.
 */
void psr_queue_release(struct psr_queue *queue, uint32_t count);

/**
 * psr_queue_wait - sleep until the queue has views
 * @timeout_ms: 0 returns after one look (psr_queue_peek), -1 waits for ever. A
 *	wait that never sleeps does not hear of signals: without ingest threads,
 *	with busy_poll or while what comes is no sample.
 *
 * Borrowed views count: release them before waiting for more.
 *
 * With a timeout of 0 and nothing there, the queue's descriptor is armed: see
 * psr_queue_fd. With ingest_threads 0 or PSR_TRANSPORT_BPF, the thread that
 * first calls psr_queue_peek or psr_queue_wait owns the queue for life.
 *
 * Context: consumer. May precede psr_start.
 * Return: 1 if there are views, 0 on timeout or signal, or
 *   -ESHUTDOWN  the queue is stopped and empty
 *   -EEXIST     ingest_threads is 0, or the transport bpf, and another thread
 *               owns the queue
 *   or the error that ended the ingest thread
 */
int psr_queue_wait(struct psr_queue *queue, int timeout_ms);

/**
 * psr_wait_any - sleep until one of several queues has views
 * @queues: [count] queues, all drained by the caller. They may be of several
 *	engines: the wait_us of the first without ingest threads is that of all
 *
 * Context: consumer of all @queues.
 * Return: 1 if a queue has views, 0 on timeout or signal, or
 *   -EINVAL     no queue, more than PSR_QUEUES_MAX, or NULL among them
 *   -ESHUTDOWN  all queues are stopped and empty
 *   or what else psr_queue_wait returns
 */
int psr_wait_any(struct psr_queue *const *queues, uint32_t count,
		 int timeout_ms);

/**
 * psr_queue_fd - a descriptor for epoll, poll or io_uring
 *
 * Whenever psr_queue_wait(queue, 0) has returned 0, the descriptor becomes
 * readable once there are views or the queue ends; the next psr_queue_wait
 * clears it. So a level-triggered loop does not spin, and an edge-triggered one
 * (EPOLLET) misses nothing, if each calls psr_queue_wait(queue, 0) until it
 * returns 0 before it sleeps. A wake-up for nothing is possible. Do not read
 * from it.
 *
 * Context: any.
 * Return: the descriptor, owned by the queue.
 */
int psr_queue_fd(const struct psr_queue *queue);

/**
 * psr_view_copy - a view that outlives its release
 * @storage: [size] of yours, for the packet; may be NULL where @size is 0
 * @ret_copy: as @view, with data in @storage; may be @view, where that is a
 *	copy
 *
 * psr_view_message, psr_view_out_tc_occ, psr_view_cookie and psr_view_tunnel
 * look into the message, which is not copied: ask before the release.
 *
 * Context: consumer; any for the copy of a copy. No system call, no allocation.
 * Costs a memcpy of the packet, and a cache line.
 * Return: data_len of @view: where it is more than @size, the copy has @size.
 */
uint32_t psr_view_copy(const struct psr_view *view, void *storage,
		       uint32_t size, struct psr_view *ret_copy);

/**
 * psr_view_message - the netlink message that the sample came in
 * @view: a view borrowed from @queue
 * @ret_message: borrowed like the view; struct nlmsghdr, struct genlmsghdr and
 *	the attributes of linux/psample.h, in this machine's byte order
 *
 * As the kernel sent it: the way to what a view has no field for, and what a
 * capture file holds. The rate is there as it was before thin changed the
 * view's.
 *
 * Context: consumer. No system call, no allocation.
 * Return: bytes at @ret_message: those that nlmsg_len tells, or fewer, where
 * PSR_FIELD_TRUNCATED is set; or
 *   -EINVAL  @view is a copy, released, or not in @queue
 */
int psr_view_message(const struct psr_queue *queue, const struct psr_view *view,
		     const uint8_t **ret_message);

/**
 * psr_view_out_tc_occ - bytes queued in the egress traffic class
 * @view: a view borrowed from @queue
 *
 * Context: consumer. No system call, no allocation. Walks the message.
 * Return: 0, or
 *   -ENOENT  the sample does not say
 *   -EINVAL  it did, but @view is a copy, released, or not in @queue
 */
int psr_view_out_tc_occ(const struct psr_queue *queue,
			const struct psr_view *view, uint64_t *ret_bytes);

/**
 * psr_view_cookie - what the user attached to the sampling action
 * @view: a view borrowed from @queue
 * @ret_cookie: borrowed like the view
 *
 * Context: consumer. No system call, no allocation. Walks the message.
 * Return: bytes at @ret_cookie, or
 *   -ENOENT  the sample has none
 *   -EINVAL  it had one, but @view is a copy, released, or not in @queue
 */
int psr_view_cookie(const struct psr_queue *queue, const struct psr_view *view,
		    const uint8_t **ret_cookie);

/**
 * psr_view_tunnel - the tunnel that the packet came from or goes to
 * @view: a view borrowed from @queue
 *
 * Context: consumer. No system call, no allocation. Walks the message.
 * Return: 0, or
 *   -ENOENT   the sample has none
 *   -EINVAL   it had one, but @view is a copy, released, or not in @queue
 *   -EBADMSG  a member has a length that its type cannot have
 */
int psr_view_tunnel(const struct psr_queue *queue, const struct psr_view *view,
		    struct psr_tunnel *ret_tunnel);

/**
 * psr_queue_stats - the counters of one queue
 *
 * Context: any. One system call, for lost_socket and backlog_bytes.
 */
void psr_queue_stats(struct psr_queue *queue, struct psr_stats *ret_stats);

/**
 * psr_stats - the counters of all queues, added
 *
 * Context: any. One system call per queue.
 */
void psr_stats(struct psr *psr, struct psr_stats *ret_stats);

/**
 * psr_group_stats - the sequence evidence of each sample group
 * @ret_groups: [max] in the order in which the groups were met, but for those
 *	that took the place of another
 *
 * Context: any. No system call.
 * Return: number of groups at @ret_groups. PSR_TRACKED_MAX for each queue is
 * room for all that there can be.
 */
uint32_t psr_group_stats(const struct psr *psr,
			 struct psr_group_stats *ret_groups, uint32_t max);

/**
 * psr_groups - the kernel's sample groups of this network namespace
 * @ret_groups: [max]
 * @reterr_cause: as in psr_open
 *
 * Context: any. Blocks for the kernel's reply. No privilege needed.
 * Return: number of groups: where it is more than @max, the first @max were
 * written; or
 *   -ENOENT  the kernel has no psample family
 *   or what else the kernel said
 */
int psr_groups(struct psr_group *ret_groups, uint32_t max,
	       const char **reterr_cause);

/**
 * psr_check_rcvbuf - does this kernel drop, and count, what does not fit?
 * @reterr_cause: as in psr_open
 *
 * Linux 6.16-rc6 had no limit for what is multicast (ae8f160e7eb2, mended by
 * a3c4a125ec72): there a slow consumer costs all memory, and no sample.
 *
 * Context: any. Overfills a small socket of its own with 64 messages, which
 * whoever listens to NETLINK_USERSOCK group 32 hears as well.
 * Return: 0, or
 *   -EOVERFLOW  receive buffers have no limit
 *   -EPROTO     the kernel's count of what it dropped is wrong
 *   -EPERM      CAP_NET_ADMIN is missing
 *   or what else the kernel said
 */
int psr_check_rcvbuf(const char **reterr_cause);

#ifdef __cplusplus
}
#endif

#endif /* PSRING_H */
