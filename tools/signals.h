/* SPDX-License-Identifier: MIT */
/*
 * SIGINT and SIGTERM ask the program to end; the second one ends it at once.
 *
 * A thread of its own waits for them, so that the second one also works while
 * all others are stuck, say in a write to a terminal that was stopped. There
 * is no signal handler, and no system call of another thread is interrupted.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/*
 * Block the two signals in this thread and all that it will start, ignore
 * SIGPIPE and SIGXFSZ (a write then fails, with EPIPE or EFBIG), and wait. Once
 * per process.
 * Return: a descriptor that becomes readable, for good, at the first signal;
 * or a negative errno.
 */
int signals_open(void);

/*
 * What the second one does first, in the thread that waits, such as give the
 * terminal back; NULL: nothing.
 */
void signals_before_kill(void (*restore)(void));

/* Whether the first signal came. Any thread. */
int signals_came(void);

#endif /* SIGNALS_H */
