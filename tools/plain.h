/* SPDX-License-Identifier: MIT */
/*
 * What others chose, names of links, namespaces and processes or a word of the
 * command line, made fit to be shown: no terminal obeys it, and no shell, where
 * it is pasted. The kernel forbids white space, '/' and ':' in the name of a link,
 * and nothing else.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <ctype.h>
#include <string.h>

/* A word of a command. */
static inline void plain_word(char *word)
{
	for (; *word; word++)
		if (!isascii(*word) ||
		    (!isalnum(*word) && !strchr("_.:@+-", *word)))
			*word = '?';
}

/* The name of a link, in a line or, without an escape, in a string of JSON. */
static inline void plain_name(char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '"' ||
		    *name == '\\')
			*name = '?';
}

/* A line to read. */
static inline void plain_line(char *line)
{
	for (; *line; line++)
		if (!isascii(*line) || !isprint(*line))
			*line = '?';
}

#endif /* PLAIN_H */
