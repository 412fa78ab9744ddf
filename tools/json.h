/* SPDX-License-Identifier: MIT */
/*
 * Members of JSON objects. Where memory is short the value is freed as well,
 * and a missing value is refused: so failures are collected, and looked at once.
 */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdint.h>

static inline int json_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static inline json_t *json_count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

#endif /* JSON_H */
