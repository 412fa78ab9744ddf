/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Sums of ROUNDS_MAX of them are far from infinite. */
#define REAL_MAX 1e18

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

void place_refuse(const struct place *place, const char *key,
		  const char *format, ...)
{
	va_list arguments;
	int len;

	if (place->cause[0])
		return;
	va_start(arguments, format);
	len = snprintf(place->cause, TEXT_BYTES, "%s%s: ", place->name, key);
	vsnprintf(place->cause + len, TEXT_BYTES - (size_t)len, format,
		  arguments);
	va_end(arguments);
}

bool place_has(const struct place *place, const char *key)
{
	return json_object_get(place->object, key);
}

static const json_t *take(const struct place *place, const char *key)
{
	if (!place_has(place, key))
		place_refuse(place, key, "missing");
	return json_object_get(place->object, key);
}

uint64_t place_whole(const struct place *place, const char *key, uint64_t min,
		     uint64_t max)
{
	const json_t *json = take(place, key);
	json_int_t value = json_integer_value(json);

	if (json_is_integer(json) && value >= 0 && (uint64_t)value >= min &&
	    (uint64_t)value <= max)
		return (uint64_t)value;
	place_refuse(place, key,
		     "not a whole number from %" PRIu64 " to %" PRIu64, min,
		     max);
	return 0;
}

uint32_t place_u32(const struct place *place, const char *key, uint32_t min,
		   uint32_t max)
{
	return (uint32_t)place_whole(place, key, min, max);
}

double place_check_real(const struct place *place, const char *key,
			const json_t *json)
{
	double value = json_number_value(json);

	if (json_is_number(json) && value >= 0 && value <= REAL_MAX)
		return value;
	place_refuse(place, key, "not a number from 0 to %g", REAL_MAX);
	return 0;
}

double place_real(const struct place *place, const char *key)
{
	return place_check_real(place, key, take(place, key));
}

bool place_bool(const struct place *place, const char *key)
{
	const json_t *json = take(place, key);

	if (!json_is_boolean(json))
		place_refuse(place, key, "neither true nor false");
	return json_is_true(json);
}

static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

void place_text(const struct place *place, const char *key, char *ret,
		size_t bytes)
{
	const char *text = json_string_value(take(place, key));

	if (text && strlen(text) < bytes && is_plain(text))
		snprintf(ret, bytes, "%s", text);
	else
		place_refuse(
			place, key,
			"not a text of at most %zu printable ASCII characters",
			bytes - 1);
}

void place_name(const struct place *place, const char *key,
		char ret[NAME_BYTES])
{
	place_text(place, key, ret, NAME_BYTES);
	if (!ret[0] || ret[strspn(ret, NAME_CHARACTERS)])
		place_refuse(place, key, "not a name of a-z, 0-9 and _");
}

uint32_t place_array(const struct place *place, const char *key, uint32_t min,
		     uint32_t max)
{
	const json_t *array = take(place, key);
	size_t count = json_array_size(array);

	if (json_is_array(array) && count >= min && count <= max)
		return (uint32_t)count;
	place_refuse(place, key, "not an array of %u to %u", min, max);
	return 0;
}

static struct place enter(const struct place *outer, const char *key,
			  const json_t *object)
{
	struct place inner = { .object = object, .cause = outer->cause };
	int len;

	len = snprintf(inner.name, sizeof(inner.name), "%s%s.", outer->name,
		       key);
	assert(len < (int)sizeof(inner.name));
	if (!json_is_object(object))
		place_refuse(outer, key, "not an object");
	return inner;
}

struct place place_member(const struct place *outer, const char *key)
{
	return enter(outer, key, take(outer, key));
}

struct place place_element(const struct place *outer, const char *key,
			   uint32_t index)
{
	const json_t *array = json_object_get(outer->object, key);
	char name[32];

	snprintf(name, sizeof(name), "%s[%u]", key, index);
	return enter(outer, name, json_array_get(array, index));
}
