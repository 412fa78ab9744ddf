/* SPDX-License-Identifier: MIT */
/*
 * Advice on standard error: what about a run is not as one would want it, and
 * what to do about it. Nothing here changes the exit status.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include "ledger.h"
#include "options.h"

/* About what was obtained, once the engine is open. */
void advice_open(const struct options *options, const struct psr_info *info);

/* That samples come in from now on: a script may wait for this line. */
void advice_listening(const struct options *options, const struct psr *psr);

/* About what happened, at the end. */
void advice_end(const struct options *options, const struct ledger *ledger);

#endif /* ADVICE_H */
