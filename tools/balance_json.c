/* SPDX-License-Identifier: MIT */
/* The balance as members of a JSON object. */
#include "balance.h"

#define SECOND_NS 1e9

/* json_object_set_new frees the value, and says so, where memory is short. */
static int put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static int put_count(json_t *object, const char *key, uint64_t value)
{
	return put(object, key, json_integer((json_int_t)value));
}

static json_t *exact_json(const struct balance *balance)
{
	bool built = balance_built_is_exact(balance);

	return json_pack("{s:b,s:b,s:b}", "expected",
			 !balance->kernel || balance->sample_rate == 1, "built",
			 built, "unaccounted", built);
}

static json_t *rate_json(const struct balance *balance)
{
	struct balance_rate rate;

	if (!balance_rate(balance, &rate))
		return json_null();
	return json_pack("{s:i,s:f,s:f,s:f}", "configured",
			 (int)balance->sample_rate, "observed", rate.observed,
			 "low", rate.low, "high", rate.high);
}

int balance_put_json(const struct balance *balance, json_t *object)
{
	int failed = put_count(object, "sent", balance->sent);

	failed |=
		put(object, "hooked",
		    balance->kernel ? json_integer((json_int_t)balance->hooked)
				    : json_null());
	failed |= put_count(object, "expected", balance_expected(balance));
	failed |= put_count(object, "built", balance_built(balance));
	failed |= put_count(object, "received", balance->received);
	failed |= put_count(object, "lost_socket", balance->lost_socket);
	failed |= put_count(object, "lost_ring", balance->lost_ring);
	failed |= put_count(object, "delivered", balance->delivered);
	failed |= put_count(object, "malformed", balance->malformed);
	failed |= put_count(object, "foreign", balance->foreign);
	failed |=
		put_count(object, "unaccounted", balance_unaccounted(balance));
	failed |= put(object, "exact", exact_json(balance));
	failed |= put(object, "balanced", json_boolean(balance_holds(balance)));
	failed |= put(object, "transport", json_string(balance->transport));
	failed |= put(object, "duration_s",
		      json_real((double)balance->duration_ns / SECOND_NS));
	failed |= put(object, "packets_per_s",
		      json_real(balance_packets_per_s(balance)));
	failed |= put(object, "samples_per_s",
		      json_real(balance_samples_per_s(balance)));
	failed |= put(object, "rate", rate_json(balance));
	return failed;
}
