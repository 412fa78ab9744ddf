/* SPDX-License-Identifier: MIT */
/* Opens an engine, which links most of the library, and says its transport. */
#include <psring.h>
#include <stdio.h>

int main(void)
{
	struct psr_config config;
	const char *cause;
	struct psr_info info;
	struct psr *psr;
	int err;

	psr_config_init(&config);
	config.source = PSR_SOURCE_USERSOCK;
	config.usersock_group = 7;
	config.transport = PSR_TRANSPORT_RECVMMSG;
	err = psr_open(&config, &psr, &cause);
	if (err < 0) {
		printf("%s: %d\n", cause, err);
		return 1;
	}
	psr_info(psr, &info);
	psr_close(psr);
	puts(info.transport == PSR_TRANSPORT_RECVMMSG ? "recvmmsg" : "other");
	return 0;
}
