/* SPDX-License-Identifier: MIT */
/*
 * ncurses belongs to the main thread. Ctrl-C stays a signal, which signals.c
 * waits for, so that it works while the terminal is stopped; the second one, like
 * a crash, ends the program in the midst of anything, and there screen_restore
 * gives the terminal back without ncurses. Ctrl-Z is a signal for a whole group of
 * processes, as of a script: signals.c has screen_listen put the screen away.
 */
#include "screen.h"

#include "screen_draw.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PAGE_LINES  10
#define RESTORE_MAX 256
#define MESSAGE_MAX 256
#define MESSAGE_S   5 /* that it is shown */
#define TOLD_MAX    65536
#define RESTORE_MS  100
#define ESCAPE_MS   25

struct screen {
	SCREEN *terminal;
	FILE *keys;
	struct screen_view view;
	struct reading shown;
	char message[MESSAGE_MAX];
	off_t message_end;    /* in what was told */
	time_t message_until; /* CLOCK_MONOTONIC */
};

/* What screen_restore gives back. */
static struct termios modes;
static char restoring[RESTORE_MAX];
static int told_fd = -1; /* what was written to standard error; -1: not kept */
static int stderr_fd;	 /* the one to write it to */

static const int crashes[] = {
	SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT
};

/* Keep what is written to standard error, if it would be seen. */
static void keep_told(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	told_fd = memfd_create("told", MFD_CLOEXEC);
	stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (told_fd >= 0 && stderr_fd >= 0)
		dup2(told_fd, STDERR_FILENO);
}

static off_t told_end(void)
{
	return told_fd < 0 ? 0 : lseek(told_fd, 0, SEEK_CUR);
}

/* Return: bytes of @text, the last of what was told; at most @size - 1. */
static size_t read_told(char *text, size_t size)
{
	off_t end = told_end();
	off_t start = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
	ssize_t len = pread(told_fd, text, (size_t)(end - start), start);

	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? (size_t)len : 0;
}

static void release_told(void)
{
	static char text[TOLD_MAX];
	size_t len = read_told(text, sizeof(text));

	if (told_fd < 0)
		return;
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	close(told_fd);
	told_fd = -1;
	if (len && write(STDERR_FILENO, text, len) < 0)
		return; /* the terminal is gone */
}

/*
 * Without ncurses, which may be in the midst of anything; the main thread may be
 * stuck in a write. Context: any thread, in a signal handler too; the program
 * ends afterwards.
 */
static void screen_restore(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	/* It starts what it has stopped; what Ctrl-S has, not. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a system call */
	tcflow(STDOUT_FILENO, TCOOFF);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): likewise */
	tcflow(STDOUT_FILENO, TCOON);
	tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
	if (poll(&output, 1, RESTORE_MS) > 0 &&
	    write(STDOUT_FILENO, restoring, strlen(restoring)) >= 0)
		release_told();
}

/* Once: the same signal then does what it does by default. */
static void crash(int signal_number)
{
	screen_restore();
	raise(signal_number);
}

static void set_crash_action(void (*handler)(int))
{
	struct sigaction action = { .sa_flags = (int)SA_RESETHAND };

	action.sa_handler = handler;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		sigaction(crashes[i], &action, NULL);
}

static void add_capability(const char *text)
{
	size_t len = strlen(restoring);

	if (text)
		snprintf(restoring + len, sizeof(restoring) - len, "%s", text);
}

static void prepare_restoring(void)
{
	restoring[0] = '\0';
	add_capability(exit_attribute_mode);
	add_capability(cursor_normal);
	add_capability(exit_ca_mode);
}

/* Keys at once; and no signal that ends the program by surprise. */
static void set_modes(void)
{
	struct termios now;

	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	if (tcgetattr(STDOUT_FILENO, &now))
		return;
	now.c_cc[VQUIT] = _POSIX_VDISABLE;
	tcsetattr(STDOUT_FILENO, TCSANOW, &now);
	def_prog_mode();
}

/* The last line of it, for a while. */
static void read_message(struct screen *screen)
{
	size_t len = read_told(screen->message, MESSAGE_MAX);
	off_t end = told_end();
	struct timespec now = { 0 };
	char *line;

	while (len && screen->message[len - 1] == '\n')
		screen->message[--len] = '\0';
	line = strrchr(screen->message, '\n');
	screen->view.message = line ? line + 1 : screen->message;
	/* Not the time of the reading, which stands still in a pause. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (end != screen->message_end)
		screen->message_until = now.tv_sec + MESSAGE_S;
	screen->message_end = end;
	if (now.tv_sec >= screen->message_until)
		screen->view.message = "";
}

static void draw(struct screen *screen)
{
	if (!screen->shown.elapsed_ns)
		return;
	read_message(screen);
	screen_draw(&screen->view, &screen->shown);
}

static void step_sort(struct screen_view *view, int step)
{
	view->sort = (enum screen_column)(((int)view->sort + step + COLUMNS) %
					  COLUMNS);
}

static void step_line(struct screen_view *view, int step)
{
	int first = (int)view->first + step;

	view->first = first < 0		   ? 0
		      : first > METER_ROWS ? METER_ROWS
					   : (uint32_t)first;
}

static void show_kind(struct screen_view *view, enum meter_kind kind)
{
	view->kind = kind;
	view->first = 0;
}

static void press_letter(struct screen_view *view, int key)
{
	switch (key) {
	case 'q':
		/* The way of Ctrl-C, so that there is one. */
		kill(getpid(), SIGINT);
		break;
	case 'p':
	case ' ':
		view->is_paused = !view->is_paused;
		break;
	case 'g':
		show_kind(view, METER_GROUP);
		break;
	case 'i':
		show_kind(view, METER_INTERFACE);
		break;
	case '\t':
		show_kind(view, (view->kind + 1) % METER_KINDS);
		break;
	case '?':
	case 'h':
		view->has_help = true;
		break;
	case 's':
		step_sort(view, 1);
		break;
	case CTRL('L'):
		clearok(curscr, TRUE);
		break;
	}
}

static void press(struct screen_view *view, int key)
{
	if (view->has_help && key != 'q' && key != KEY_RESIZE) {
		view->has_help = false;
		return;
	}
	switch (key) {
	case KEY_RIGHT:
		step_sort(view, 1);
		break;
	case KEY_LEFT:
		step_sort(view, -1);
		break;
	case KEY_DOWN:
		step_line(view, 1);
		break;
	case KEY_UP:
		step_line(view, -1);
		break;
	case KEY_NPAGE:
		step_line(view, PAGE_LINES);
		break;
	case KEY_PPAGE:
		step_line(view, -PAGE_LINES);
		break;
	default:
		press_letter(view, key);
	}
}

int screen_listen(struct screen *screen)
{
	struct pollfd terminal = { .fd = STDOUT_FILENO };
	bool is_changed = false;
	eventfd_t stops;
	int key;

	if (!eventfd_read(signals_stop_fd(), &stops)) {
		endwin();
		signals_stop();
		refresh();
	}
	/* ncurses follows the size of the terminal, and tells of it here. */
	while ((key = getch()) != ERR) {
		press(&screen->view, key);
		is_changed = true;
	}
	if (is_changed)
		draw(screen);
	/* Where SIGHUP is ignored nothing else tells of it. */
	return poll(&terminal, 1, 0) > 0 ? -EIO : 0;
}

void screen_show(struct screen *screen, const struct reading *reading)
{
	if (!screen->view.is_paused)
		screen->shown = *reading;
	draw(screen);
}

/* NO_COLOR: whatever it is, unless it is empty (no-color.org). */
static bool wants_colours(void)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
	const char *refusal = getenv("NO_COLOR");

	return !refusal || !*refusal;
}

bool screen_is_possible(void)
{
	bool has_cursor;
	int verdict;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
	if (!isatty(STDOUT_FILENO) || !getenv("TERM") ||
	    setupterm(NULL, STDOUT_FILENO, &verdict) != OK)
		return false;
	has_cursor = cursor_address && clear_screen;
	del_curterm(cur_term);
	return has_cursor;
}

/* What is no terminal is for another program of the script: not a byte of it. */
static FILE *open_keys(void)
{
	return isatty(STDIN_FILENO) ? stdin : fopen("/dev/null", "re");
}

static void close_keys(FILE *keys)
{
	if (keys && keys != stdin)
		(void)fclose(keys);
}

int screen_open(const struct options *options, struct screen **ret_screen)
{
	void (*stop_action)(int);
	struct screen *screen;

	screen = calloc(1, sizeof(*screen));
	if (!screen)
		return -ENOMEM;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): before threads use it */
	setlocale(LC_CTYPE, "");
	screen->view.options = options;
	screen->view.sort = COLUMN_TRAFFIC;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): likewise */
	screen->view.has_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	tcgetattr(STDOUT_FILENO, &modes);
	/* Where it is ignored, ncurses has no handler of its own for it. */
	stop_action = signal(SIGTSTP, SIG_IGN);
	screen->keys = open_keys();
	if (screen->keys)
		screen->terminal = newterm(NULL, stdout, screen->keys);
	signal(SIGTSTP, stop_action);
	if (!screen->terminal) {
		close_keys(screen->keys);
		free(screen);
		return -ENOTTY;
	}
	prepare_restoring();
	signals_have_screen(screen_restore);
	set_crash_action(crash);
	set_modes();
	if (wants_colours())
		screen->view.has_colours = canvas_open_colours();
	keep_told();
	*ret_screen = screen;
	return 0;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	endwin();
	tcsetattr(STDOUT_FILENO, TCSADRAIN, &modes);
	signals_have_screen(NULL);
	set_crash_action(SIG_DFL);
	delscreen(screen->terminal);
	close_keys(screen->keys);
	release_told();
	free(screen);
}
