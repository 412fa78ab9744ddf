/* SPDX-License-Identifier: MIT */
/*
 * The distance of two words is Levenshtein's: how many letters must be put in,
 * taken out or replaced to make one of the other. A word that begins as typed
 * is as near as one that is a letter off: it was not typed to its end.
 */
#include "suggest.h"

#include <string.h>

/* No word of ours is longer, and what is longer is near to none. */
#define WORD_MAX 32

/* Where more than one letter in so many is off, it is another word. */
#define LETTERS_RIGHT 3

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Row i: how far the first i letters of @a are from each beginning of @b. */
static unsigned int distance_of(const char *a, const char *b, size_t b_length)
{
	unsigned int row[WORD_MAX + 1], diagonal, above;

	for (unsigned int j = 0; j <= b_length; j++)
		row[j] = j;
	for (unsigned int i = 0; a[i]; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (unsigned int j = 1; j <= b_length; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1,
				       diagonal + (a[i] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_length];
}

void suggest(struct suggestion *suggestion, const char *word)
{
	size_t typed = strlen(suggestion->typed), length = strlen(word);
	unsigned int distance;

	if (typed > WORD_MAX || length > WORD_MAX)
		return;
	distance = distance_of(suggestion->typed, word, length);
	if (!strncmp(word, suggestion->typed, typed))
		distance = least(distance, 1);
	if (distance > typed / LETTERS_RIGHT)
		return;
	if (suggestion->word && distance >= suggestion->distance)
		return;
	suggestion->word = word;
	suggestion->distance = distance;
}
