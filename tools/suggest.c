/* SPDX-License-Identifier: MIT */
/*
 * The distance of two words: how many letters must be put in, taken out or
 * replaced, or neighbours swapped, to make one of the other (Levenshtein's, as
 * optimal string alignment). A word that begins as typed is as near as one that
 * is a letter off: it was not typed to its end.
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

/* [i][j]: from the first i letters of a word to the first j of another. */
typedef unsigned int distances[WORD_MAX + 1][WORD_MAX + 1];

/* From those of shorter beginnings. */
static unsigned int distance_at(distances far, const char *a, size_t i,
				const char *b, size_t j)
{
	unsigned int distance;

	if (!i || !j)
		return (unsigned int)(i + j);
	distance = least(least(far[i - 1][j], far[i][j - 1]) + 1,
			 far[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		distance = least(distance, far[i - 2][j - 2] + 1);
	return distance;
}

static unsigned int distance_of(const char *a, size_t a_length, const char *b,
				size_t b_length)
{
	distances far;

	for (size_t i = 0; i <= a_length; i++)
		for (size_t j = 0; j <= b_length; j++)
			far[i][j] = distance_at(far, a, i, b, j);
	return far[a_length][b_length];
}

void suggest(struct suggestion *suggestion, const char *word)
{
	size_t typed = strlen(suggestion->typed), length = strlen(word);
	unsigned int distance;

	if (typed > WORD_MAX || length > WORD_MAX)
		return;
	distance = distance_of(suggestion->typed, typed, word, length);
	if (!strncmp(word, suggestion->typed, typed))
		distance = least(distance, 1);
	if (distance > typed / LETTERS_RIGHT)
		return;
	if (suggestion->word && distance >= suggestion->distance)
		return;
	suggestion->word = word;
	suggestion->distance = distance;
}
