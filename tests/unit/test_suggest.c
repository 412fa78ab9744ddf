/* SPDX-License-Identifier: MIT */
/*
 * What is suggested for a mistyped word.
 */
#include "suggest.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const words[] = { "dump", "stat",   "groups",  "send",
				     "to",   "queues", "wait-us", "wait" };

static const char *nearest(const char *typed)
{
	struct suggestion suggestion = { .typed = typed };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		suggest(&suggestion, words[i]);
	return suggestion.word ? suggestion.word : "";
}

Test(suggest, a_letter_more_or_less_or_another)
{
	cr_expect_str_eq(nearest("quees"), "queues");
	cr_expect_str_eq(nearest("queuess"), "queues");
	cr_expect_str_eq(nearest("quaues"), "queues");
	cr_expect_str_eq(nearest("dumb"), "dump");
}

Test(suggest, neighbours_swapped)
{
	cr_expect_str_eq(nearest("dmup"), "dump");
	cr_expect_str_eq(nearest("udmp"), "dump");
	cr_expect_str_eq(nearest("dupm"), "dump");
	cr_expect_str_eq(nearest("pumd"), "");
}

Test(suggest, the_nearest_of_several)
{
	cr_expect_str_eq(nearest("wait-u"), "wait-us");
	cr_expect_str_eq(nearest("waits"), "wait");
}

Test(suggest, what_was_not_typed_to_its_end)
{
	cr_expect_str_eq(nearest("gro"), "groups");
}

Test(suggest, nothing_for_another_word)
{
	cr_expect_str_eq(nearest(""), "");
	cr_expect_str_eq(nearest("q"), "");
	cr_expect_str_eq(nearest("tx"), "");
	cr_expect_str_eq(nearest("seeds"), "");
	cr_expect_str_eq(nearest("interfaces"), "");
}

/* Hostile: longer than the row that the distance is reckoned in. */
Test(suggest, nothing_for_a_word_too_long)
{
	struct suggestion suggestion = { .typed = "d" };
	char word[4096];

	memset(word, 'd', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	suggest(&suggestion, word);
	cr_expect_null(suggestion.word);
	cr_expect_str_eq(nearest(word), "");
}
