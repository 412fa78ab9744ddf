/* SPDX-License-Identifier: MIT */
/*
 * What a mistyped word was meant to be: the nearest of those that there are.
 *
 *	struct suggestion suggestion = { .typed = "quues" };
 *	for each word that there is: suggest(&suggestion, word);
 *	-> suggestion.word
 */
#ifndef SUGGEST_H
#define SUGGEST_H

struct suggestion {
	const char *typed;
	const char *word;      /* the nearest so far; NULL: none is near */
	unsigned int distance; /* its; only if there is one */
};

void suggest(struct suggestion *suggestion, const char *word);

#endif /* SUGGEST_H */
