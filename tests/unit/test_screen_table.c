/* SPDX-License-Identifier: MIT */
/* The table of psring stat on 80 columns: what a line says, and that it fits. */
#include "screen_table.h"

#include <criterion/criterion.h>
#include <string.h>

#define COLUMNS_WIDE 80
#define ROWS	     8

/* Each test is a process of its own. */
static struct interfaces interfaces;
static struct reading reading = { .interfaces = &interfaces, .passed_s = 1 };

static void name_interface(uint32_t ifindex, const char *name)
{
	interfaces.known[ifindex].ifindex = ifindex;
	snprintf(interfaces.known[ifindex].name, IF_NAMESIZE, "%s", name);
}

/* What is drawn below the head when @count samples came. */
static void draw(enum meter_kind kind, const struct psr_view *views,
		 uint32_t count, double correction,
		 char ret_rows[ROWS][COLUMNS_WIDE + 1])
{
	const struct screen_view view = { .kind = kind, .sort = COLUMN_NAME };
	const struct canvas canvas = { .view = &view, .reading = &reading };
	FILE *terminal = fopen("/dev/null", "r+e");
	SCREEN *screen = newterm("xterm", terminal, terminal);

	cr_assert_not_null(screen);
	cr_assert_eq(meter_open(1, &reading.meter), 0);
	meter_add(reading.meter, 0, views, count);
	meter_begin(&reading.lines);
	meter_look(reading.meter, 0, correction, &reading.lines);
	resizeterm(24, COLUMNS_WIDE);
	screen_table_draw(&canvas);
	for (int i = 0; i < ROWS; i++)
		mvinnstr(i + 1, 0, ret_rows[i], COLUMNS_WIDE);
	endwin();
	delscreen(screen);
	fclose(terminal);
	meter_close(reading.meter);
}

#define BOTH (PSR_FIELD_IIF | PSR_FIELD_OIF)

/*
 * As dump tells it. Of two names of 15 letters that have no room, and differ in
 * the last, the second is a number.
 */
Test(screen_table, keeps_names_apart)
{
	static const struct psr_view views[] = {
		{ .iif = 1, .oif = 2, .nsid = PSR_NSID_OWN, .fields = BOTH },
		{ .iif = 1, .nsid = PSR_NSID_OWN, .fields = PSR_FIELD_IIF },
		{ .iif = 2, .oif = 3, .nsid = PSR_NSID_OWN, .fields = BOTH },
		{ .iif = 3, .oif = 2, .nsid = 7, .fields = BOTH },
		{ .iif = 3, .oif = 4, .nsid = PSR_NSID_OWN, .fields = BOTH },
		{ .oif = 3, .nsid = PSR_NSID_OWN, .fields = PSR_FIELD_OIF },
		{ .nsid = 7 },
	};
	static const char *const names[] = {
		"eth0 > #2",
		"eth0 In",
		"#2 > enp3s0f0np0.100",
		"#3 > #2 @7",
		"enp3s0f0np0.100 > #4",
		"enp3s0f0np0.100 Out",
		"none @7",
	};
	char rows[ROWS][COLUMNS_WIDE + 1], expected[COLUMNS_WIDE];

	name_interface(1, "eth0");
	name_interface(3, "enp3s0f0np0.100");
	name_interface(4, "enp3s0f0np0.101");
	draw(METER_INTERFACE, views, 7, 1, rows);
	for (int i = 0; i < 7; i++) {
		snprintf(expected, sizeof(expected), "%28s         1 ",
			 names[i]);
		cr_expect(strstr(rows[i], expected) == rows[i], "%s", rows[i]);
	}
}

/* Of 100 samples; of 100 of more; of none. */
Test(screen_table, tells_how_sure_it_is)
{
	static const char *const errors[] = { "19.6% ", "19.6%?", "- " };
	static struct psr_view views[100];
	char rows[ROWS][COLUMNS_WIDE + 1], expected[COLUMNS_WIDE];

	for (int i = 0; i < 100; i++)
		views[i] = (struct psr_view){ .nsid = PSR_NSID_OWN,
					      .rate = 1000000,
					      .orig_size = 100 };
	for (int i = 0; i < 3; i++) {
		draw(METER_GROUP, views, i < 2 ? 100 : 0, i ? 1.5 : 1, rows);
		snprintf(expected, sizeof(expected), "bit/s%8s", errors[i]);
		cr_expect_not_null(strstr(rows[0], expected), "%s", rows[0]);
	}
}
