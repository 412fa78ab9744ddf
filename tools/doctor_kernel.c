/* SPDX-License-Identifier: MIT */
/*
 * What the kernel is built with, and which of its modules are loaded or could be.
 */
#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#define PATH_BYTES  512
#define CONFIG_LINE 256

#define LOAD "modprobe -a psample act_sample cls_matchall sch_ingress"

enum module_state {
	MODULE_LOADED, /* or built in */
	MODULE_LOADABLE,
	MODULE_ABSENT,
};

/* Options of the kernel, and what is missing without them. */
static struct kernel_option {
	const char *name;
	char set_as; /* as distributions have it */
	enum verdict verdict;
	const char *purpose;
} const kernel_options[] = {
	{ "PSAMPLE", 'm', VERDICT_FAIL, "samples at all" },
	{ "NET_SCHED", 'e', VERDICT_WARN, "sampling by tc" },
	{ "NET_CLS_ACT", 'e', VERDICT_WARN, "sampling by tc" },
	{ "NET_ACT_SAMPLE", 'm', VERDICT_WARN, "sampling by tc" },
	{ "NET_CLS_MATCHALL", 'm', VERDICT_WARN, "tc's filter matchall" },
	{ "NET_SCH_INGRESS", 'm', VERDICT_WARN, "tc's clsact and ingress" },
	{ "IO_URING", 'e', VERDICT_WARN, "transport uring" },
	{ "BPF_SYSCALL", 'e', VERDICT_WARN, "transport bpf" },
};

#define KERNEL_OPTIONS (sizeof(kernel_options) / sizeof(kernel_options[0]))

/* Below /lib/modules of the running kernel. */
static void modules_path(const char *name, char ret_path[PATH_BYTES])
{
	struct utsname kernel = { 0 };

	uname(&kernel);
	snprintf(ret_path, PATH_BYTES, "/lib/modules/%s/%s", kernel.release,
		 name);
}

static int list_holds(const char *list, const char *module)
{
	char path[PATH_BYTES], line[4096], wanted[64];
	int found = 0;
	FILE *file;

	modules_path(list, path);
	/* kernel/net/psample/psample.ko.xz: or a dependency, behind a space */
	snprintf(wanted, sizeof(wanted), "/%s.ko", module);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, ":\n")] = '\0';
		found = strstr(line, wanted) != NULL;
	}
	if (file)
		fclose(file);
	return found;
}

static enum module_state module_look(const char *module)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (!access(path, F_OK) || list_holds("modules.builtin", module))
		return MODULE_LOADED;
	return list_holds("modules.dep", module) ? MODULE_LOADABLE
						 : MODULE_ABSENT;
}

static void tell_no_family(struct doctor *doctor)
{
	char path[PATH_BYTES];

	modules_path("", path);
	if (module_look("psample") == MODULE_LOADABLE) {
		doctor_tell(doctor, VERDICT_FAIL, "psample",
			    "the module is not loaded");
		doctor_mend(doctor, LOAD);
	} else if (!doctor->is_built_without && access(path, F_OK)) {
		doctor_tell(doctor, VERDICT_FAIL, "psample",
			    "this kernel has none, and there is no %s to load "
			    "it from: of a container, the host does",
			    path);
		doctor_mend(doctor, LOAD " # on the host");
	} else {
		doctor_tell(doctor, VERDICT_FAIL, "psample",
			    "this kernel has none, and no such module");
		doctor_mend(doctor,
			    "apt-get install linux-image-amd64 && reboot");
	}
}

void check_psample(struct doctor *doctor)
{
	const char *cause = NULL;

	doctor->group_count = psr_groups(NULL, 0, &cause);
	doctor->has_family = doctor->group_count >= 0;
	if (doctor->has_family)
		doctor_tell(doctor, VERDICT_OK, "psample",
			    "there, with %d sample group%s",
			    doctor->group_count,
			    doctor->group_count == 1 ? "" : "s");
	else if (doctor->group_count == -ENOENT)
		tell_no_family(doctor);
	else
		doctor_tell(doctor, VERDICT_FAIL, "psample", "%s: %s", cause,
			    strerrordesc_np(-doctor->group_count));
}

void check_act_sample(struct doctor *doctor)
{
	switch (module_look("act_sample")) {
	case MODULE_LOADED:
		doctor_tell(doctor, VERDICT_OK, "act_sample",
			    "there: tc can sample");
		break;
	case MODULE_LOADABLE:
		doctor_tell(doctor, VERDICT_OK, "act_sample",
			    "not loaded, tc does it when it is told to sample");
		break;
	default:
		doctor_tell(doctor, VERDICT_WARN, "act_sample",
			    "neither there nor to be loaded from here: unless "
			    "the host did, tc cannot sample");
		if (!doctor->is_built_without)
			doctor_mend(doctor, LOAD " # on the host");
		break;
	}
}

/* Return: the file, plain or compressed; NULL: there is none. */
static gzFile config_open(char ret_path[PATH_BYTES])
{
	static const char *const places[] = { "/proc/config.gz",
					      "/boot/config-%s",
					      "/lib/modules/%s/config" };
	struct utsname kernel = { 0 };
	gzFile file = NULL;

	uname(&kernel);
	for (size_t i = 0; !file && i < sizeof(places) / sizeof(*places); i++) {
		snprintf(ret_path, PATH_BYTES, places[i], kernel.release);
		file = gzopen(ret_path, "re");
	}
	return file;
}

/* Return: a bit for each of kernel_options that is y or m. */
static unsigned int config_read(gzFile file)
{
	char line[CONFIG_LINE];
	unsigned int present = 0;

	while (gzgets(file, line, sizeof(line))) {
		char *value = strstr(line, "=");

		if (!value || strncmp(line, "CONFIG_", 7) != 0)
			continue;
		*value++ = '\0';
		for (size_t i = 0; i < KERNEL_OPTIONS; i++)
			if (!strcmp(line + 7, kernel_options[i].name) &&
			    (*value == 'y' || *value == 'm'))
				present |= 1U << i;
	}
	return present;
}

void check_config(struct doctor *doctor)
{
	char path[PATH_BYTES];
	gzFile file = config_open(path);
	unsigned int present;

	if (!file) {
		doctor_tell(doctor, VERDICT_WARN, "config",
			    "no /proc/config.gz and none below /boot: what the "
			    "kernel is built with cannot be told");
		doctor_mend(doctor, "modprobe configs");
		return;
	}
	present = config_read(file);
	gzclose(file);
	if (present == (1U << KERNEL_OPTIONS) - 1)
		doctor_tell(doctor, VERDICT_OK, "config",
			    "%s has all %zu options", path, KERNEL_OPTIONS);
	for (size_t i = 0; i < KERNEL_OPTIONS; i++) {
		const struct kernel_option *option = &kernel_options[i];

		if (present & 1U << i)
			continue;
		doctor->is_built_without |= option->verdict == VERDICT_FAIL;
		doctor_tell(doctor, option->verdict, "config",
			    "CONFIG_%s is missing in %s: no %s", option->name,
			    path, option->purpose);
		doctor_mend(doctor, "scripts/config -%c %s # and build anew",
			    option->set_as, option->name);
	}
}
