/* SPDX-License-Identifier: MIT */
/*
 * A place in a JSON file that anybody may have written: an object, and where it
 * stands.
 *
 * A function that takes a member returns what it is asked for, and for anything
 * else 0, after it told the cause. The first cause stays, so that reading goes
 * on regardless.
 */
#ifndef PLACE_H
#define PLACE_H

#include "results.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The members of an object of the file. */
struct place {
	const json_t *object;
	char name[48]; /* before a member's: "results[3].latency_ns." */
	char *cause;   /* [TEXT_BYTES], empty at first */
};

bool place_has(const struct place *place, const char *key);

uint64_t place_whole(const struct place *place, const char *key, uint64_t min,
		     uint64_t max);
uint32_t place_u32(const struct place *place, const char *key, uint32_t min,
		   uint32_t max);
double place_real(const struct place *place, const char *key);
bool place_bool(const struct place *place, const char *key);
/* @ret: stays as it is, where the text is refused */
void place_text(const struct place *place, const char *key, char *ret,
		size_t bytes);
/* A text of a-z, 0-9 and _. */
void place_name(const struct place *place, const char *key,
		char ret[NAME_BYTES]);
/* The number of elements of an array, so that none beyond @max is looked at. */
uint32_t place_array(const struct place *place, const char *key, uint32_t min,
		     uint32_t max);

/* The object that a member, or an element of an array, is. */
struct place place_member(const struct place *outer, const char *key);
struct place place_element(const struct place *outer, const char *key,
			   uint32_t index);

/* Of a value that the caller took himself. */
double place_check_real(const struct place *place, const char *key,
			const json_t *json);
void place_refuse(const struct place *place, const char *key,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* PLACE_H */
