/* SPDX-License-Identifier: MIT */
/*
 * The captured messages of tests/corpus, each with the line that the program
 * which captured it wrote: a second opinion on every one of them.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CORPUS_RECORDS	  228
#define CORPUS_SAMPLES	  204 /* of them */
#define CORPUS_RECORD_MAX 512
#define CORPUS_TEXT_MAX	  1024

struct corpus_record {
	const char *file;
	uint32_t index; /* within the file */
	bool is_sample;
	size_t len;
	uint8_t bytes[CORPUS_RECORD_MAX];
	char text[CORPUS_TEXT_MAX]; /* of samples: attribute/length=value */
};

/* All records, [CORPUS_RECORDS]. A file that is not as it should be asserts. */
const struct corpus_record *corpus_load(void);

/* One attribute of a record's text; its value as written there, or "". */
struct corpus_attribute {
	char name[24];
	uint16_t len;
	char value[256];
};

/*
 * Takes the next attribute off *@text, which begins as the record's; false at
 * its end.
 */
bool corpus_next(const char **text, struct corpus_attribute *ret_attribute);

#endif /* CORPUS_H */
