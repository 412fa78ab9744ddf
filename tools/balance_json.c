/* SPDX-License-Identifier: MIT */
/* The balance as members of a JSON object. */
#include "balance.h"
#include "json.h"

#define SECOND_NS 1e9

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
	int failed = json_put(object, "sent", json_count(balance->sent));

	failed |= json_put(object, "hooked",
			   balance->kernel
				   ? json_integer((json_int_t)balance->hooked)
				   : json_null());
	failed |= json_put(object, "expected",
			   json_count(balance_expected(balance)));
	failed |= json_put(object, "built", json_count(balance_built(balance)));
	failed |= json_put(object, "received", json_count(balance->received));
	failed |= json_put(object, "lost_socket",
			   json_count(balance->lost_socket));
	failed |= json_put(object, "lost_ring", json_count(balance->lost_ring));
	failed |= json_put(object, "delivered", json_count(balance->delivered));
	failed |= json_put(object, "malformed", json_count(balance->malformed));
	failed |= json_put(object, "foreign", json_count(balance->foreign));
	failed |= json_put(object, "unaccounted",
			   json_count(balance_unaccounted(balance)));
	failed |= json_put(object, "exact", exact_json(balance));
	failed |= json_put(object, "balanced",
			   json_boolean(balance_holds(balance)));
	failed |=
		json_put(object, "transport", json_string(balance->transport));
	failed |= json_put(object, "duration_s",
			   json_real((double)balance->duration_ns / SECOND_NS));
	failed |= json_put(object, "packets_per_s",
			   json_real(balance_packets_per_s(balance)));
	failed |= json_put(object, "samples_per_s",
			   json_real(balance_samples_per_s(balance)));
	failed |= json_put(object, "rate", rate_json(balance));
	return failed;
}
