/* SPDX-License-Identifier: MIT */
/* Plain text is printable ASCII: nothing in it that a terminal would act on. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>

static inline bool text_is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

static inline void text_make_plain(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

#endif /* TEXT_H */
