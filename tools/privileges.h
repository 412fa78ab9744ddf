/* SPDX-License-Identifier: MIT */
/*
 * Give up privileges once the engine is open: what is left to do, reading bytes
 * that came off a network, needs none.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

/*
 * Before other threads are started: they then have none either.
 * Return: 0, or a negative errno: something is left.
 */
int privileges_drop(void);

#endif /* PRIVILEGES_H */
