/* SPDX-License-Identifier: MIT */
/*
 * The captured messages of tests/corpus. The number of records stands beside
 * each file: a file that lost some would else make the tests weaker unseen.
 */
#include "corpus.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *file;
	uint32_t records;
	bool has_samples;
} files[] = {
	{ "tcg-6.1.192/config-dump", 3, false },
	{ "tcg-6.1.192/config-group", 6, false },
	{ "tcg-6.1.192/egress-ip4-trunc64", 28, true },
	{ "tcg-6.1.192/forwarded", 12, true },
	{ "tcg-6.1.192/groups-rates", 30, true },
	{ "tcg-6.1.192/ingress-ip4-trunc128", 29, true },
	{ "tcg-6.1.192/trunc0", 1, true },
	{ "tcg-6.1.192/tunnel-vxlan-rx", 3, true },
	{ "uml-6.1.176/config-dump", 3, false },
	{ "uml-6.1.176/config-group", 6, false },
	{ "uml-6.1.176/egress-ip4-trunc64", 28, true },
	{ "uml-6.1.176/forwarded", 10, true },
	{ "uml-6.1.176/groups-rates", 27, true },
	{ "uml-6.1.176/ingress-ip4-trunc128", 29, true },
	{ "uml-6.1.176/nlctrl-notify", 6, false },
	{ "uml-6.1.176/trunc0", 1, true },
	{ "uml-6.1.176/tunnel-vxlan-rx", 6, true },
};

#define FILES (sizeof(files) / sizeof(files[0]))

static struct corpus_record records[CORPUS_RECORDS];

static FILE *file_open(const char *file, const char *suffix)
{
	char path[512];
	FILE *stream;

	(void)snprintf(path, sizeof(path), "%s/%s.%s", PSRING_CORPUS, file,
		       suffix);
	stream = fopen(path, "rbe");
	cr_assert_not_null(stream, "%s is not there", path);
	return stream;
}

static void read_bytes(FILE *stream, struct corpus_record *record)
{
	uint32_t len = 0;

	cr_assert_eq(fread(&len, sizeof(len), 1, stream), 1);
	cr_assert_leq(len, sizeof(record->bytes));
	cr_assert_eq(fread(record->bytes, 1, len, stream), len);
	record->len = len;
}

/* The line says "MSG", the header's fields, ": " and then the attributes. */
static void read_text(FILE *stream, struct corpus_record *record)
{
	char line[CORPUS_TEXT_MAX];
	const char *attributes;

	do {
		cr_assert_not_null(fgets(line, sizeof(line), stream),
				   "%s.txt has no line for record %u",
				   record->file, record->index);
	} while (strncmp(line, "MSG ", 4) != 0);
	attributes = strstr(line, ": ");
	cr_assert_not_null(attributes);
	(void)snprintf(record->text, sizeof(record->text), "%s",
		       attributes + 2);
}

static void read_file(struct corpus_record *first, size_t file)
{
	FILE *binary = file_open(files[file].file, "bin");
	FILE *text = files[file].has_samples
			     ? file_open(files[file].file, "txt")
			     : NULL;

	for (uint32_t i = 0; i < files[file].records; i++) {
		first[i].file = files[file].file;
		first[i].index = i;
		first[i].is_sample = files[file].has_samples;
		read_bytes(binary, &first[i]);
		if (text)
			read_text(text, &first[i]);
	}
	cr_assert_eq(fgetc(binary), EOF);
	(void)fclose(binary);
	if (text)
		(void)fclose(text);
}

const struct corpus_record *corpus_load(void)
{
	uint32_t count = 0;

	for (size_t i = 0; i < FILES; i++) {
		cr_assert_leq(count + files[i].records, CORPUS_RECORDS);
		read_file(&records[count], i);
		count += files[i].records;
	}
	cr_assert_eq(count, CORPUS_RECORDS);
	return records;
}

bool corpus_next(const char **text, struct corpus_attribute *ret_attribute)
{
	int taken = 0;

	*ret_attribute = (struct corpus_attribute){ .value = "" };
	/* NOLINTNEXTLINE(cert-err34-c): the numbers are of our own files */
	if (sscanf(*text, " %23[A-Z_]/%hu%n", ret_attribute->name,
		   &ret_attribute->len, &taken) != 2)
		return false;
	*text += taken;
	taken = 0;
	if (sscanf(*text, "=%255[0-9a-f]%n", ret_attribute->value, &taken) == 1)
		*text += taken;
	return true;
}
