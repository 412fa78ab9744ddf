/* SPDX-License-Identifier: MIT */
/* What psring stress prints where there is no memory for it. */
#include "stress_report.h"

#include "subcommands.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <jansson.h>
#include <stdlib.h>

/* Of --max, which is not asked for. */
const char *limit_cause_text(enum limit_cause cause)
{
	(void)cause;
	return "";
}

static void *no_memory(size_t size)
{
	(void)size;
	return NULL;
}

Test(stress_report, nothing_is_printed_without_memory)
{
	static const struct options options = { .format = OPTIONS_JSON };
	const struct stress_report report = { .options = &options };

	cr_redirect_stdout();
	cr_redirect_stderr();
	json_set_alloc_funcs(no_memory, free);
	cr_assert_eq(stress_report_write(&report), EXIT_FAILED);
	cr_assert_stdout_eq_str("");
	cr_assert_stderr_eq_str("psring stress: no memory for the balance\n");
}
