#!/bin/bash
# SPDX-License-Identifier: MIT
#
# man.sh BUILD - each function and struct of the header leads to a page that tells
# of it; and no page is made where header and templates do not fit.
set -eu
build=$1
cd "$(dirname "$(readlink -f "$0")")/../../lib"
work=$build/package-man
rm -rf "$work"
mkdir -p "$work/man3"

fail()
{
	echo "man.sh: $*"
	exit 1
}

# told NAME TEXT: the page of NAME has a line with TEXT
told()
{
	(cd "$build/lib/man" && mandoc -T utf8 -O width=200 "man3/$1.3") |
		sed 's/.\x08//g' | grep -qF "$2" || fail "man $1: no \"$2\""
}

functions=$(sed -n 's/^[a-z].*[ *]\(psr_[a-z_]*\)(.*/\1/p' include/psring.h)
structs=$(sed -n 's/^struct \(psr_[a-z_]*\) {$/\1/p' include/psring.h)
[ -n "$functions" ] && [ -n "$structs" ]
for function in $functions; do
	told "$function" "     $function("
	told psring "     $function(3)"
done
for struct in $structs; do
	told "$struct" "     struct $struct {"
done
told psr_view_cookie "     ENOENT             The sample has none."
told psr_wait_any "     queues[count]"

# The examples compile, each in a function where it is not one itself.
{
	cat <<-'END'
		#include <err.h>
		#include <errno.h>
		#include <inttypes.h>
		#include <poll.h>
		#include <psring.h>
		#include <stdio.h>
		#include <string.h>
		extern struct psr *psr;
		extern struct psr_queue *queue;
		extern int signal_fd;
		extern uint64_t lost_before;
		void use(const struct psr_view *view);
		void drain(struct psr_queue *queue);
	END
	sed -n '/^\.Bd -literal -offset indent$/,/^\.Ed$/p' man/*.3.in |
		sed 's/\\e/\\/g; s/\\-/-/g' | awk '
			/^\.Ed/ { print inside ? "}" : "" }
			begins { inside = !/^static/ }
			begins && inside { print "void example" NR "(void) {" }
			{ begins = /^\.Bd/ }
			!/^\.(Bd|Ed)/'
} >"$work/examples.c"
[ "$(grep -c '^void example' "$work/examples.c")" -ge 5 ]
cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wno-unused -Werror \
	-fsyntax-only -Iinclude "$work/examples.c"

# Any awk writes the same.
busybox awk -f man/man.awk -v header=include/psring.h -v out="$work/man3" \
	man/*.3.in
diff -r "$work/man3" "$build/lib/man/man3"

# refused MESSAGE: what is in $work now makes no pages
refused()
{
	local said

	said=$(awk -f man/man.awk -v header="$work/psring.h" \
		-v out="$work/man3" "$work"/*.3.in 2>&1) &&
		fail "pages in spite of: $1"
	[ "$said" = "man.awk: $1" ] || fail "says \"$said\", not \"$1\""
	anew
}

anew()
{
	cp include/psring.h man/*.3.in "$work"
}

anew
sed -i 's/^int psr_start(.*/&\n\n\/** psr_new - new *\/\nvoid psr_new(void);/' \
	"$work/psring.h"
refused "psr_new is in no page"
sed -i 's/^int psr_start(.*/&\n\nvoid psr_start_all(void);/' "$work/psring.h"
sed -i 's/^@names psr_start/& psr_start_all/' "$work/psr_start.3.in"
refused "psr_start_all: no comment of its own"
sed -i 's/^int psr_start(.*/&\nvoid psr_hidden(void);/' "$work/psring.h"
refused "psr_start: no comment of its own"
sed -i '/^@type struct psr_tunnel$/d' "$work/psr_view.3.in"
refused "struct psr_tunnel is in no page"
sed -i 's/^@names psr_start/& psr_begin/' "$work/psr_start.3.in"
refused "$work/psr_start.3.in: psr_begin is not in the header"
sed -i 's/^@list psr_queue /&psr_row /' "$work/psring.3.in"
refused "$work/psring.3.in: psr_row is not in the header"
sed -i 's/^@names psr_groups/& psr_stop/' "$work/psr_groups.3.in"
refused "psr_stop is in psr_groups and in psr_start"
sed -i 's/^@head Threads/@head Processes/' "$work/psring.3.in"
refused "$work/psring.3.in: the header does not begin with: Processes"
sed -i 's/^@errors/@mistakes/' "$work/psr_groups.3.in"
refused "$work/psr_groups.3.in: no directive @mistakes"
