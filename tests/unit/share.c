/* SPDX-License-Identifier: MIT */
#include "share.h"

#include "filter.h"
#include "multicast.h"
#include "socket.h"

#include <criterion/criterion.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RCVBUF_BYTES (1 << 20)

static void open_socket(int *ret_fd)
{
	const char *cause;

	cr_assert_eq(
		socket_open(-1, NETLINK_USERSOCK, RCVBUF_BYTES, ret_fd, &cause),
		0, "%s", cause);
	cr_assert_eq(socket_join(*ret_fd, MULTICAST_GROUP), 0);
}

static void open_program(struct share *share, const struct psr_config *config)
{
	struct program *program = &share->program;
	const char *cause;

	cr_assert_eq(program_load(program, config, RCVBUF_BYTES, &cause), 0,
		     "%s", cause);
	open_socket(&share->fds[0]);
	cr_assert_eq(socket_attach(share->fds[0], program->fd), 0);
	for (uint32_t i = 0; i < share->count; i++)
		cr_assert_eq(ringbuf_map(&share->ringbufs[i],
					 program->ring_fds[i], RCVBUF_BYTES),
			     0);
	program_set_stopped(program, false);
}

void share_open(struct share *ret_share, const struct psr_config *config)
{
	struct filter filter;

	*ret_share = (struct share){
		.count = config->queue_count,
		.sender = multicast_open_sender(),
		.bpf = config->transport == PSR_TRANSPORT_BPF,
	};
	if (ret_share->bpf) {
		open_program(ret_share, config);
		return;
	}
	for (uint32_t i = 0; i < config->queue_count; i++) {
		open_socket(&ret_share->fds[i]);
		filter_build(&filter, config, i);
		cr_assert_eq(socket_accept(ret_share->fds[i], &filter), 0);
	}
}

void share_close(struct share *share)
{
	for (uint32_t i = 0; i < share->count; i++) {
		if (!share->bpf || i == 0)
			close(share->fds[i]);
		ringbuf_unmap(&share->ringbufs[i]);
	}
	program_unload(&share->program);
	close(share->sender);
}

void share_reject_all(struct share *share)
{
	if (share->bpf)
		program_set_stopped(&share->program, true);
	for (uint32_t i = 0; i < share->count && !share->bpf; i++)
		cr_assert_eq(socket_reject_all(share->fds[i]), 0);
}

static bool socket_took(int fd, size_t len)
{
	uint8_t byte;
	ssize_t received =
		recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC);

	cr_assert(received < 0 || (size_t)received == len);
	return received >= 0;
}

static bool ringbuf_took(struct ringbuf *ringbuf, const void *bytes, size_t len)
{
	uint32_t offset;
	const struct record *record = ringbuf_take(ringbuf, &offset);

	if (!record)
		return false;
	cr_assert_eq(record->len, len);
	cr_assert_eq(memcmp(record->message, bytes, len), 0);
	cr_assert_eq(ringbuf_messages(ringbuf) + offset, record->message);
	ringbuf_release(ringbuf, ringbuf->next);
	return true;
}

int share_send(struct share *share, const void *bytes, size_t len)
{
	int winner = NOBODY;

	multicast_send(share->sender, bytes, len);
	for (uint32_t i = 0; i < share->count; i++)
		if (share->bpf ? ringbuf_took(&share->ringbufs[i], bytes, len)
			       : socket_took(share->fds[i], len))
			winner = winner == NOBODY ? (int)i : SEVERAL;
	return winner;
}
