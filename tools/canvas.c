/* SPDX-License-Identifier: MIT */
/* Text on an ncurses screen. */
#include "canvas.h"

#include <stdarg.h>

bool canvas_open_colours(void)
{
	if (start_color() == ERR || use_default_colors() == ERR)
		return false;
	init_pair(PAIR_GOOD, COLOR_GREEN, -1);
	init_pair(PAIR_WARN, COLOR_YELLOW, -1);
	init_pair(PAIR_BAD, COLOR_RED, -1);
	init_pair(PAIR_HEAD, COLOR_BLACK, COLOR_GREEN);
	init_pair(PAIR_NAME, COLOR_CYAN, -1);
	return has_colors();
}

/* What is a colour's purpose must also be seen without. */
attr_t canvas_attribute(const struct canvas *canvas, enum canvas_pair pair)
{
	if (canvas->view->has_colours)
		return (attr_t)COLOR_PAIR(pair);
	if (pair == PAIR_HEAD)
		return A_REVERSE;
	return pair == PAIR_BAD ? A_BOLD : A_NORMAL;
}

/*
 * Bytes of @text that @room columns have place for: each character takes one,
 * and in UTF-8 more bytes. What two spaces set apart is a figure, say, that cut
 * would be another: it is there whole or not at all.
 */
static int bytes_in(const char *text, int room)
{
	int whole = 0, bytes = 0;

	for (; text[bytes]; bytes++) {
		if (text[bytes] == ' ' && text[bytes + 1] == ' ')
			whole = bytes;
		if ((text[bytes] & 0xc0) != 0x80 && room-- <= 0)
			return whole;
	}
	return bytes;
}

/* Not beyond the last column, where ncurses would go on in the next row. */
void canvas_put(int row, int col, attr_t attributes, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	/* clang-tidy 14 carries va_list's state from a unit test's copy. */
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	attrset((int)attributes);
	mvaddnstr(row, col, text, bytes_in(text, COLS - col));
	attrset(A_NORMAL);
}

/* A row of its attributes from @col on, for the words of a head. */
void canvas_band(const struct canvas *canvas, int row, int col, int width)
{
	attrset((int)canvas_attribute(canvas, PAIR_HEAD));
	mvhline(row, col, ' ', width);
	attrset(A_NORMAL);
}
