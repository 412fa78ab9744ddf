#!/bin/bash
# SPDX-License-Identifier: MIT
#
# lint.sh format|tidy|shell|man|symbols|figures BUILD - rules that a machine can check
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
rule=$1
build=$2

sources()
{
	find lib tools bench tests -name "$1" -not -path '*/CMakeFiles/*'
}

case $rule in
format)
	sources '*.[ch]' | xargs clang-format --dry-run -Werror
	;;
tidy)
	# One file a process: clang-tidy 14 carries va_list's state to the next.
	# A BPF program is for the kernel's verifier to judge.
	sources '*.c' | grep -v '\.bpf\.c$' | xargs -P 2 -n 1 clang-tidy --quiet -p "$build"
	;;
shell)
	sources '*.sh' | xargs shellcheck -x .ci/run tools/completion.bash
	# One shell reads them all: the second function of a name would be the only one.
	twice=$(sed -n 's/^\([a-z_0-9]*\)()$/\1/p' tests/kernel/cases/*.sh | sort | uniq -d)
	[ -z "$twice" ] || { echo "tests/kernel/cases: twice: $twice"; exit 1; }
	;;
man)
	# In one place, where they find each other.
	rm -rf "$build/man"
	mkdir "$build/man"
	sources '*.[1-8]' | xargs cp -t "$build/man"
	cp -t "$build/man" "$build"/lib/man/man3/*
	cd "$build/man"
	# Not those that only refer to one.
	grep -L '^\.so ' ./* | xargs mandoc -Tlint -W style
	;;
symbols)
	# Either library shows what the header declares, and nothing else; the
	# shared one by the version that its SONAME has.
	sed -n 's/^[a-z].*[ *]\(psr_[a-z_]*\)(.*/\1/p' lib/include/psring.h |
		sort >"$build/declared"
	[ -s "$build/declared" ]
	version=$(readelf -d "$build/lib/libpsring.so" |
		sed -n 's/.*SONAME.*libpsring\.so\.\(.*\)\]/\1/p')
	nm -D --defined-only "$build/lib/libpsring.so" |
		sed -n "s/.* T \(.*\)@@PSRING_$version.*/\1/p" |
		sort >"$build/exported"
	diff "$build/declared" "$build/exported"
	nm -g --defined-only "$build/lib/libpsring.a" |
		sed -n 's/.* [A-Z] //p' | sort >"$build/exported"
	diff "$build/declared" "$build/exported"
	;;
figures)
	# What the README tells is what the file in bench/results/ says.
	# shellcheck disable=SC2016 # no expansion, but Markdown
	figures=$(sed -n 's|.*`\(bench/results/.*json\)`.*|\1|p' README.md)
	"$build/bench/psring-bench" show --markdown "$figures" \
		flood rate latency shards sizes decode drain ring \
		>"$build/figures.md"
	sed '1,/^<!-- figures -->$/d; /^<!-- end of figures -->$/,$d' \
		README.md >"$build/readme-figures.md"
	[ -s "$build/readme-figures.md" ]
	diff "$build/figures.md" "$build/readme-figures.md"
	# And what psring-tuning(7) tells.
	awk -f tests/figures.awk "$figures" lib/psring-tuning.7
	;;
*)
	echo "lint.sh: no rule $rule" >&2
	exit 2
	;;
esac
