/* SPDX-License-Identifier: MIT */
/*
 * The page of a report. It is read from a disk, without a network: its style
 * stands in it and its pictures beside it. Whatever text came with the results
 * is written through write_text, as it may be hostile.
 */
#include "report.h"

#include "picture.h"
#include "sentence.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<title>psring-bench</title>\n"
	"<style>\n"
	"body { font: 15px/1.45 sans-serif; color: #222; background: #fff;\n"
	"  max-width: 1240px; margin: 2em auto; padding: 0 1em }\n"
	"h2 { border-bottom: 1px solid #ccc; margin-top: 2em }\n"
	"section { display: flex; flex-wrap: wrap; gap: 1em 40px }\n"
	"figure { margin: 0; width: 600px; max-width: 100% }\n"
	"img { max-width: 100% }\n"
	"figcaption { color: #555; padding: 0 1em }\n"
	"table { border-collapse: collapse; font-size: 13px }\n"
	"th, td { text-align: left; vertical-align: top;\n"
	"  padding: 3px 12px 3px 0; border-bottom: 1px solid #ddd }\n"
	"th { white-space: nowrap }\n"
	"small { color: #666; white-space: nowrap }\n"
	".noted { background: #fff3d6 }\n"
	".warning { background: #fff3d6; border-left: 5px solid #d55e00;\n"
	"  padding: .6em 1em; font-weight: bold }\n"
	"</style></head><body>\n"
	"<h1>psring-bench</h1>\n";

static void write_text(FILE *page, const char *text)
{
	for (; *text; text++) {
		if (strchr("&<>\"'", *text))
			fprintf(page, "&#%d;", *text);
		else
			fputc(*text, page);
	}
}

static void write_fact(FILE *page, const char *name, const char *text)
{
	fputs("<tr><th>", page);
	write_text(page, name);
	fputs("</th><td>", page);
	write_text(page, text);
	fputs("</td></tr>\n", page);
}

static void write_facts(FILE *page, const struct results *results)
{
	const struct machine *machine = &results->machine;
	char text[TEXT_BYTES];

	fputs("<table>\n", page);
	write_fact(page, "Command", results->command);
	write_fact(page, "psring", machine->version);
	write_fact(page, "Date", machine->date);
	write_fact(page, "Kernel", machine->kernel);
	write_fact(page, "CPU", machine->cpu);
	snprintf(text, sizeof(text), "%u CPUs, %.1f GiB of memory",
		 machine->cpus, (double)machine->memory_bytes / (1 << 30));
	write_fact(page, "Machine", text);
	snprintf(text, sizeof(text),
		 "%u, interleaved, of %g s for each reader; %.0f s in all",
		 results->rounds, results->duration_s, results->elapsed_s);
	write_fact(page, "Rounds", text);
	fputs("</table>\n", page);
}

static bool noted(const struct result *row)
{
	return row->invalid[0] || row->disturbed || row->throttled;
}

static void write_warnings(FILE *page, const struct results *results)
{
	uint32_t count = 0, invalid = 0;

	for (uint32_t i = 0; i < results->count; i++) {
		count += noted(&results->rows[i]);
		invalid += results->rows[i].invalid[0] != '\0';
	}
	if (results->quick)
		fputs("<p class=\"warning\">A quick run: not for "
		      "comparison.</p>\n",
		      page);
	if (count)
		fprintf(page,
			"<p class=\"warning\">Of %u results %u are disturbed, "
			"throttled or not valid: <a href=\"#all\">see their "
			"notes</a>.%s</p>\n",
			results->count, count,
			invalid ? " Bars and points of those that are not "
				  "valid are drawn hollow."
				: "");
}

/* The row with which a scenario begins. */
static bool is_first(const struct results *results, const struct result *row)
{
	const struct result *first = results->rows;

	while (strcmp(first->scenario, row->scenario) != 0)
		first++;
	return first == row;
}

/* Of names, which are words, and of numbers: nothing to escape. */
static void write_sentences(FILE *page, const struct results *results)
{
	fputs("<h2>What it comes to</h2>\n<ul>\n", page);
	for (uint32_t i = 0; i < results->count; i++)
		if (is_first(results, &results->rows[i]))
			sentence_print(results, results->rows[i].scenario,
				       "<li>", page);
	fputs("</ul>\n", page);
}

/* A section for each scenario; the pictures come in the scenarios' order. */
static void write_pictures(FILE *page, const struct pictures *pictures)
{
	const char *scenario = "";

	for (uint32_t i = 0; i < pictures->count; i++) {
		const struct picture *picture = &pictures->list[i];

		if (strcmp(picture->scenario, scenario) != 0)
			fprintf(page, "%s<h2>%s</h2>\n<section>\n",
				*scenario ? "</section>\n" : "",
				picture->scenario);
		scenario = picture->scenario;
		fprintf(page,
			"<figure><img src=\"%s\" alt=\"%s\">\n"
			"<figcaption>%s</figcaption></figure>\n",
			picture->file, picture->title, picture->caption);
	}
	if (*scenario)
		fputs("</section>\n", page);
}

static void write_notes(FILE *page, const struct result *row)
{
	if (row->invalid[0]) {
		fputs("Not valid: ", page);
		write_text(page, row->invalid);
		fputs(".<br>", page);
	}
	if (row->disturbed)
		fprintf(page,
			"Disturbed in %u of %u rounds: the hypervisor took up to "
			"%.1f %% of the time, other programs %.1f %%.<br>",
			row->disturbed, row->rounds, row->steal * 100,
			row->other_load * 100);
	if (row->throttled)
		fprintf(page,
			"In %u of %u rounds the sender had to yield to a "
			"receiver that was half full.<br>",
			row->throttled, row->rounds);
	if (row->unsteady)
		fprintf(page, "In %u of %u rounds the halves differ.<br>",
			row->unsteady, row->rounds);
}

static bool measured(const struct results *results, const char *scenario,
		     uint32_t metric)
{
	for (uint32_t i = 0; i < results->count; i++)
		if (strcmp(results->rows[i].scenario, scenario) == 0 &&
		    results->rows[i].figures[metric].count)
			return true;
	return false;
}

static void write_figures(FILE *page, const struct figures *figures,
			  const struct metric_kind *metric)
{
	fputs("<td>", page);
	if (figures->count)
		fprintf(page, "%.*f <small>[%.*f .. %.*f]</small>",
			metric->decimals,
			figures_median(figures) * metric->scale,
			metric->decimals, figures_min(figures) * metric->scale,
			metric->decimals, figures_max(figures) * metric->scale);
	fputs("</td>", page);
}

static void write_row(FILE *page, const struct results *results,
		      const struct result *row)
{
	char text[PARAMS_TEXT];

	fputs(noted(row) ? "<tr class=\"noted\"><td>" : "<tr><td>", page);
	write_text(page, row->reader);
	fprintf(page, "</td><td>%s</td>", params_text(&row->params, text));
	for (uint32_t i = 0; i < METRICS; i++)
		if (measured(results, row->scenario, i))
			write_figures(page, &row->figures[i], &metric_kinds[i]);
	fprintf(page, "<td>%llu</td><td>", (unsigned long long)row->lost);
	write_notes(page, row);
	fputs("</td></tr>\n", page);
}

/* The scenario that starts with @first, under what it measured. */
static void write_scenario(FILE *page, const struct results *results,
			   const struct result *first)
{
	const struct result *end = results->rows + results->count;

	fputs("<h3>", page);
	write_text(page, first->scenario);
	fputs("</h3>\n<table><tr><th>reader</th><th>parameters</th>", page);
	for (uint32_t i = 0; i < METRICS; i++)
		if (measured(results, first->scenario, i))
			fprintf(page, "<th>%s</th>", metric_kinds[i].heading);
	fputs("<th>lost</th><th>notes</th></tr>\n", page);
	for (const struct result *row = first; row < end; row++)
		if (strcmp(row->scenario, first->scenario) == 0)
			write_row(page, results, row);
	fputs("</table>\n", page);
}

static void write_tables(FILE *page, const struct results *results)
{
	fputs("<h2 id=\"all\">All results</h2>\n"
	      "<p>Medians of the rounds [least .. most]; lost: samples of all "
	      "rounds.</p>\n",
	      page);
	for (uint32_t i = 0; i < results->count; i++) {
		const struct result *row = &results->rows[i];

		if (is_first(results, row))
			write_scenario(page, results, row);
	}
	if (results->skipped_count == 0)
		return;
	fputs("<h3>Not run here</h3>\n<table>\n", page);
	for (uint32_t i = 0; i < results->skipped_count; i++)
		write_fact(page, results->skipped[i].name,
			   results->skipped[i].reason);
	fputs("</table>\n", page);
}

static void write_page(FILE *page, const struct results *results,
		       const struct pictures *pictures)
{
	fputs(head, page);
	write_warnings(page, results);
	write_facts(page, results);
	write_sentences(page, results);
	write_pictures(page, pictures);
	write_tables(page, results);
	fputs("</body></html>\n", page);
}

/* NULL, with errno, if it cannot be made. */
static FILE *create(const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, "we");
}

/* Return: 0, or a negative errno if not all is in the file. */
static int finish(FILE *file)
{
	int error = ferror(file) ? -EIO : 0;

	return fclose(file) ? -errno : error;
}

static int write_files(const struct results *results, const char *dir)
{
	enum {
		PAGE,
		SCRIPT,
		DATA,
		FILES
	};
	static const char *const names[FILES] = { "index.html", PICTURE_SCRIPT,
						  PICTURE_DATA };
	FILE *files[FILES] = { NULL };
	struct pictures pictures;
	int error = 0;

	for (uint32_t i = 0; i < FILES && !error; i++) {
		files[i] = create(dir, names[i]);
		error = files[i] ? 0 : -errno;
	}
	if (!error) {
		pictures_write(results, files[SCRIPT], files[DATA], &pictures);
		write_page(files[PAGE], results, &pictures);
	}
	for (uint32_t i = 0; i < FILES && files[i]; i++) {
		int finished = finish(files[i]);

		error = error ? error : finished;
	}
	return error;
}

int report_write(const struct results *results, const char *dir,
		 char ret_cause[TEXT_BYTES])
{
	int error = 0;

	if (mkdir(dir, 0777) && errno != EEXIST)
		error = -errno;
	if (!error)
		error = write_files(results, dir);
	if (error) {
		snprintf(ret_cause, TEXT_BYTES,
			 "the report needs a directory that can be written to, "
			 "or made where it is named");
		return error;
	}
	return pictures_draw(dir, ret_cause);
}
