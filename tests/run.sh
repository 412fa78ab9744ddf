#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh - everything that is tested, on Debian 12: installs what is missing,
# builds with both compilers and the sanitizers, runs all tests through ctest
# and ends with its summary. Below build/test/, nothing elsewhere but packages
# and the caches of kernels and of a clean Debian.
#
#   run.sh [CTEST-OPTION...]     for example: run.sh -R gcc.decode
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

build_packages="gcc g++ libc6-dev clang libclang-rt-14-dev cmake ninja-build
	pkg-config liburing-dev libmnl-dev libbpf-dev bpftool libjansson-dev libpcap-dev
	zlib1g-dev libncurses-dev libmicrohttpd-dev libcriterion-dev libck-dev
	libuv1-dev"
lint_packages="clang-format clang-tidy shellcheck mandoc binutils findutils"
run_packages="strace procps iproute2 util-linux gnuplot-nox
	python3-jsonschema zsh tcpdump tshark tmux curl prometheus"
kernel_packages="busybox-static kmod patchelf debian-archive-keyring
	qemu-system-x86 cpio dash"
package_packages="abigail-tools debootstrap dpkg-dev file lintian"
packages="$build_packages $lint_packages $run_packages $kernel_packages
	$package_packages"
work=build/test

[ "$(id -u)" -eq 0 ] || {
	echo "run.sh: needs root, to join netlink groups and to install" \
		"packages: sudo ./tests/run.sh" >&2
	exit 2
}

# shellcheck disable=SC2086 # the list is meant to be split
if ! dpkg -s $packages >/dev/null 2>&1; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	apt-get install -qy --no-install-recommends $packages
fi
tests/kernel/fetch.sh
# Its packages are unpacked while we compile.
tests/package/debian.sh &
debian=$!

# tree NAME COMPILER SANITIZERS SUITES BPF: configures and builds one build tree
trees=
tree()
{
	trees="$trees $1"
	echo "== Build $1"
	cmake -S . -B "$work/$1" -G Ninja -DCMAKE_C_COMPILER="$2" \
		-DPSRING_SANITIZE="$3" -DPSRING_SUITES="$4" \
		-DPSRING_TESTS=ON -DPSRING_WERROR=ON -DPSRING_TREE="$1" \
		-DPSRING_BPF="$5" \
		>"$work/$1.log" || {
		cat "$work/$1.log"
		exit 1
	}
	cmake --build "$work/$1"
}

mkdir -p "$work"
tree gcc gcc "" "unit;race;once" ON
# As where the tools for BPF are missing.
tree clang clang "" "unit" OFF
tree asan clang address,undefined "unit;race;fuzz" ON
# Criterion aborts under ThreadSanitizer.
tree tsan gcc thread "race" ON

wait $debian || {
	echo "run.sh: no clean Debian to install packages in, see above:" \
		"debian.sh says why" >&2
	exit 1
}

# One ctest over all trees: one summary.
for name in $trees; do
	echo "subdirs(\"$name\")"
done >"$work/CTestTestfile.cmake"
ctest --test-dir "$work" -j 2 --output-on-failure --no-tests=error "$@"
