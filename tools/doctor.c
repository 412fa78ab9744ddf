/* SPDX-License-Identifier: MIT */
/*
 * psring doctor - say why samples would not come or get lost
 *
 * The table of checks, in the order of a sample's path, and how findings are
 * told: a line for each as soon as it is there, below it the command that mends
 * it; or, at the end, as JSON.
 */
#include "doctor.h"

#include "charge.h"
#include "json.h"
#include "output.h"
#include "plain.h"
#include "subcommands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_BYTES 1024

/* Ring of a BPF probe: the least there is, as it is all resident. */
#define PROBE_RING_BYTES (128 << 10)

/* What psample adds to a packet at most where no tunnel is, with the headers. */
#define MESSAGE_BYTES 84

static const struct options_command command = {
	.name = "doctor",
	.text = "Look at everything that samples depend on, and say what keeps "
		"them away or\nloses them, and the command that mends it. "
		"Changes nothing. For --duration (1 s)\nit watches whether "
		"packets come by. Exit status 1 if a check failed.",
	.examples =
		"  psring doctor\n"
		"        why no samples come, or too few\n"
		"  psring doctor --rate 250000\n"
		"        how long the receive buffer lasts at so many samples a second\n"
		"  psring doctor --json | jq 'select(.verdict == \"fail\")'\n"
		"        only what failed, for a program\n",
	.sections = OPTIONS_SECTION_SOURCE | OPTIONS_SECTION_NETNS |
		    OPTIONS_SECTION_DURATION | OPTIONS_SECTION_FORMAT |
		    OPTIONS_SECTION_EXPECTED,
};

static const struct {
	doctor_check *check;
	int is_psample; /* only with source psample */
} checks[] = {
	{ check_config, 1 },	     { check_psample, 1 },
	{ check_act_sample, 1 },     { check_filters, 1 },
	{ check_packets, 1 },	     { check_join, 0 },
	{ check_listeners, 1 },	     { check_uring, 0 },
	{ check_uring_features, 0 }, { check_bpf, 0 },
	{ check_rcvbuf, 0 },	     { check_rcvbuf_limit, 0 },
	{ check_trunc, 1 },	     { check_ifindex, 1 },
	{ check_cpus, 1 },
};

static const char *const verdict_names[VERDICTS] = { "ok", "warn", "fail" };

static void tell_json(struct doctor *doctor, enum verdict verdict,
		      const char *what, const char *reason)
{
	json_t *finding = json_object();
	int err = 0;

	err |= json_put(finding, "check", json_string(what));
	err |= json_put(finding, "verdict",
			json_string(verdict_names[verdict]));
	err |= json_put(finding, "reason", json_string(reason));
	err |= json_array_append_new(doctor->findings, finding);
	doctor->json_error |= err;
}

static void tell_text(const struct doctor *doctor, enum verdict verdict,
		      const char *what, const char *reason)
{
	static const char *const colours[VERDICTS] = { "32", "33", "31" };

	if (doctor->has_colour)
		printf("\033[%sm%-4s\033[0m", colours[verdict],
		       verdict_names[verdict]);
	else
		printf("%-4s", verdict_names[verdict]);
	printf("  %-10s  %s\n", what, reason);
	/* Some checks take their time: what is known is to be seen. */
	fflush(stdout);
}

void doctor_tell(struct doctor *doctor, enum verdict verdict, const char *what,
		 const char *format, ...)
{
	char reason[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	plain_line(reason);
	doctor->counts[verdict]++;
	if (doctor->findings)
		tell_json(doctor, verdict, what, reason);
	else
		tell_text(doctor, verdict, what, reason);
}

void doctor_mend(struct doctor *doctor, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;
	size_t count;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	plain_line(text);
	if (!doctor->findings) {
		printf("                  %s\n", text);
		return;
	}
	count = json_array_size(doctor->findings);
	doctor->json_error |=
		json_put(json_array_get(doctor->findings, count - 1), "command",
			 json_string(text));
}

void doctor_mend_capability(struct doctor *doctor)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[len > 0 ? len : 0] = '\0';
	doctor_mend(doctor,
		    "sudo setcap cap_net_admin,cap_bpf,cap_perfmon+ep \"%s\" "
		    "# for whoever may run it",
		    len > 0 ? path : "psring");
}

static int probe_join(void *context, int fd, uint32_t mcgroup)
{
	(void)context;
	(void)fd;
	(void)mcgroup;
	return 0;
}

int doctor_probe(enum psr_transport transport, struct psr_info *ret_info,
		 const char **reterr_cause)
{
	struct psr_config config;
	struct psr *psr;
	int err;

	psr_config_init(&config);
	config.transport = transport;
	config.await_family = 1;
	config.join = probe_join;
	if (transport == PSR_TRANSPORT_BPF)
		config.rcvbuf_bytes = PROBE_RING_BYTES;
	err = psr_open(&config, &psr, reterr_cause);
	if (err)
		return err;
	psr_info(psr, ret_info);
	psr_close(psr);
	return 0;
}

long doctor_number(const char *path, long absent)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	char *end;
	long value;

	if (fd < 0)
		return absent;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return absent;
	value = strtol(text, &end, 10);
	return end == text ? absent : value;
}

double doctor_holds(const struct doctor *doctor, uint32_t packet_bytes)
{
	const struct psr_info info = { .transport = PSR_TRANSPORT_RECVMMSG };
	const struct psr_stats sample = {
		.received = 1, .bytes = MESSAGE_BYTES + packet_bytes
	};
	double charge = charge_of_sample(&info, &sample);

	return charge > 0 ? (double)doctor->rcvbuf_bytes / charge : 0;
}

/* https://no-color.org: present and not empty. */
static int wants_colour(void)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

static void write_json(const struct doctor *doctor)
{
	for (size_t i = 0; i < json_array_size(doctor->findings); i++) {
		json_dumpf(json_array_get(doctor->findings, i), stdout,
			   JSON_COMPACT);
		putchar('\n');
	}
}

/* Return: an exit status. */
static int doctor_examine(struct doctor *doctor)
{
	int is_psample = doctor->options->source == OPTIONS_PSAMPLE;
	int status;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (is_psample || !checks[i].is_psample)
			checks[i].check(doctor);
	if (doctor->json_error)
		return fputs("psring doctor: no memory\n", stderr), EXIT_FAILED;
	if (doctor->findings)
		write_json(doctor);
	else
		printf("%u ok, %u to look at, %u failed\n",
		       doctor->counts[VERDICT_OK], doctor->counts[VERDICT_WARN],
		       doctor->counts[VERDICT_FAIL]);
	status = output_end();
	return doctor->counts[VERDICT_FAIL] ? EXIT_FAILED : status;
}

int doctor_main(int argc, char **argv)
{
	struct options options;
	struct doctor doctor = { .options = &options };
	int status = options_parse(&options, &command, argc, argv);

	if (status >= 0)
		return status;
	doctor.has_colour = wants_colour();
	if (options.format == OPTIONS_JSON) {
		doctor.findings = json_array();
		if (!doctor.findings)
			return EXIT_FAILED;
	}
	status = doctor_examine(&doctor);
	samplers_free(&doctor.samplers);
	json_decref(doctor.findings);
	return status;
}
