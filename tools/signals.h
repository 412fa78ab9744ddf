/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM and, unless it is ignored, SIGHUP ask the program to end; the
 * second one ends it at once.
 *
 * A thread of its own waits for them, so that the second one also works while
 * all others are stuck, say in a write to a terminal that was stopped. There
 * is no signal handler, and no system call of another thread is interrupted.
 *
 * It also takes SIGTSTP, as of Ctrl-Z, which stops the program as it always does,
 * but that a screen is put away first.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/*
 * Block these signals in this thread and all that it will start, ignore
 * SIGPIPE and SIGXFSZ (a write then fails, with EPIPE or EFBIG), and wait. Once
 * per process.
 * Return: a descriptor that becomes readable, for good, at the first signal;
 * or a negative errno.
 */
int signals_open(void);

/*
 * There is a screen: before the second one ends the program, @restore gives the
 * terminal back, in the thread that waits; and SIGTSTP only makes signals_stop_fd
 * readable. NULL: no more.
 */
void signals_have_screen(void (*restore)(void));

/* An eventfd, that does not block. */
int signals_stop_fd(void);

/*
 * With the screen put away, in the thread that called signals_open. Returns when
 * the program goes on.
 */
void signals_stop(void);

/* Whether the first signal came. Any thread. */
int signals_came(void);

#endif /* SIGNALS_H */
