#!/bin/bash
# SPDX-License-Identifier: MIT
#
# quickstart.sh - from a fresh clone to counted samples, on Debian 12
#
# Installs what is missing, builds into build/, and reads samples for a few
# seconds: the kernel's, if it has sample groups, else synthetic ones.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

packages="gcc libc6-dev clang cmake ninja-build pkg-config liburing-dev
	libmnl-dev libbpf-dev bpftool libjansson-dev libpcap-dev zlib1g-dev
	libncurses-dev libmicrohttpd-dev libck-dev gnuplot-nox"
seconds=5

# What is built belongs to who asked for it.
as_user()
{
	if [ -n "${SUDO_USER:-}" ]; then
		runuser -u "$SUDO_USER" -- "$@"
	else
		"$@"
	fi
}

[ "$(id -u)" -eq 0 ] || {
	echo "quickstart.sh: needs root, to install packages and to join a" \
		"netlink group: sudo ./tools/quickstart.sh" >&2
	exit 2
}

echo "== Packages"
# shellcheck disable=SC2086 # the list is meant to be split
if ! dpkg -s $packages >/dev/null 2>&1; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	apt-get install -qy --no-install-recommends $packages
fi

echo "== Build"
as_user cmake -S . -B build -G Ninja
as_user cmake --build build

psring=build/tools/psring
source=synthetic
if $psring groups 2>/dev/null | grep -q '^ *[0-9]'; then
	source=psample
fi
echo "== $seconds seconds of $source samples, 2 queues, 2 consumers"
$psring stat --source $source --duration $seconds --queues 2 --consumers 2

cat <<EOT

== Next
  sudo $psring dump --source synthetic --count 5          # what a sample looks like
  sudo $psring dump --source synthetic --count 5 --format json
  sudo $psring stress --source synthetic --duration 5     # where every sample went
  sudo modprobe -a psample act_sample cls_matchall sch_ingress
  sudo tc qdisc add dev eth0 clsact                       # sample real traffic: 1 in 100
  sudo tc filter add dev eth0 ingress matchall action sample rate 100 group 5 trunc 128
  sudo $psring dump --groups 5
  sudo build/bench/psring-bench --quick                   # what it costs on this machine
  man ./tools/psring.8
EOT
