/* SPDX-License-Identifier: MIT */
/* The search for the highest rate without loss. */
#include "limit.h"

#include "human.h"

#define START_PER_S    10000U
#define CLOSE_ENOUGH   20 /* a part of the rate */
#define HALVINGS_MAX   12
#define PACE_SHARE     0.98
#define CONFIRMS_MAX   10
#define CONFIRM_LENGTH 3

/*
 * Who keeps up is done this soon after the sender and a wait: a receive buffer
 * only puts loss off. It is longer than a thread may wait for a CPU, and 2 % of
 * a second.
 */
#define BEHIND_NS 20000000ULL

struct search {
	struct round_config config;
	uint64_t round_ns;
	struct balance last;
	struct balance *total;
	const char **reterr_cause;
	uint64_t low;		/* kept up with */
	uint64_t high;		/* not */
	enum limit_cause cause; /* of high */
};

const char *limit_cause_text(enum limit_cause cause)
{
	static const char *const texts[] = {
		[LIMIT_NONE] = "kept up",
		[LIMIT_LOSS] = "samples were lost",
		[LIMIT_BEHIND] = "the receiving side fell behind",
		[LIMIT_SENDER] = "the sender could not send more",
	};

	return texts[cause];
}

static enum limit_cause search_judge(const struct search *search, uint64_t rate)
{
	const struct balance *balance = &search->last;
	uint64_t wait_ns = search->config.engine.wait_us * 1000ULL;

	if (balance_lost(balance))
		return LIMIT_LOSS;
	if (balance->drain_ns > wait_ns + BEHIND_NS)
		return LIMIT_BEHIND;
	if (balance_packets_per_s(balance) < (double)rate * PACE_SHARE)
		return LIMIT_SENDER;
	return LIMIT_NONE;
}

static void tell(uint64_t rate, const struct balance *balance,
		 enum limit_cause cause)
{
	char asked[HUMAN_MAX], sent[HUMAN_MAX], samples[HUMAN_MAX],
		lost[HUMAN_MAX];

	fprintf(stderr,
		"%13s packets/s: sent %13s/s, samples %13s/s, lost %s, "
		"drained in %.1f ms: %s\n",
		human_digits(asked, rate),
		human_digits(sent, (uint64_t)balance_packets_per_s(balance)),
		human_digits(samples, (uint64_t)balance_samples_per_s(balance)),
		human_digits(lost, balance_lost(balance)),
		(double)balance->drain_ns / 1e6, limit_cause_text(cause));
}

/*
 * A round at @rate. Return: 0, 1 at a signal or a balance that does not hold,
 * or an error.
 */
static int search_try(struct search *search, uint64_t rate, uint64_t round_ns,
		      enum limit_cause *ret_cause)
{
	struct balance *last = &search->last;
	int status;

	search->config.sender.rate = rate;
	status = round_once(&search->config, round_ns, last,
			    search->reterr_cause);
	if (status >= 0)
		balance_add(search->total, last);
	if (status)
		return status;
	*ret_cause = search_judge(search, rate);
	tell(rate, last, *ret_cause);
	return balance_holds(last) ? 0 : 1;
}

/* At @rate, and what follows for the bounds. */
static int search_step(struct search *search, uint64_t rate)
{
	enum limit_cause cause = LIMIT_BEHIND;
	int status = 0;

	/* What is not loss may be a hiccup of the machine. */
	for (int i = 0; !status && i < 2 && cause > LIMIT_LOSS; i++)
		status = search_try(search, rate, search->round_ns, &cause);
	if (status)
		return status;
	if (cause == LIMIT_NONE) {
		search->low = rate;
	} else {
		search->high = rate;
		search->cause = cause;
	}
	return 0;
}

static int search_raise(struct search *search)
{
	int status = 0;

	for (uint64_t rate = START_PER_S;
	     !status && !search->high && rate < SYNTHETIC_RATE_MAX; rate *= 2)
		status = search_step(search, rate);
	return status;
}

static int search_halve(struct search *search)
{
	int status = 0;

	for (int i = 0;
	     !status && i < HALVINGS_MAX &&
	     search->high - search->low > search->high / CLOSE_ENOUGH;
	     i++)
		status = search_step(search, (search->low + search->high) / 2);
	return status;
}

static int search_confirm(struct search *search, struct limit *limit)
{
	uint64_t rate = search->low;
	enum limit_cause cause;
	int status = 0;

	for (int i = 0;
	     !status && !limit->found && rate >= 1 && i < CONFIRMS_MAX; i++) {
		status = search_try(search, rate,
				    CONFIRM_LENGTH * search->round_ns, &cause);
		if (!status && cause == LIMIT_NONE)
			limit->found = true;
		else if (!status)
			search->cause = cause;
		/* Ever longer steps, for there may be no such rate near. */
		rate -= rate * (uint64_t)(i + 1) / CLOSE_ENOUGH;
	}
	limit->cause = search->cause;
	limit->balance = search->last;
	return status;
}

int limit_search(const struct round_config *config, uint64_t round_ns,
		 struct limit *ret_limit, struct balance *ret_total,
		 const char **reterr_cause)
{
	struct search search = {
		.config = *config,
		.round_ns = round_ns,
		.total = ret_total,
		.reterr_cause = reterr_cause,
	};
	int status = search_raise(&search);

	*ret_limit = (struct limit){ .found = false };
	if (!status)
		status = search_halve(&search);
	if (!status)
		status = search_confirm(&search, ret_limit);
	return status;
}
