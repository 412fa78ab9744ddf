#!/bin/sh
# SPDX-License-Identifier: MIT
#
# guest-run.sh - in the guest: run the command, leave its results in /run/guest
#
# Both init scripts call it when the guest's file systems are in place. If it
# leaves no status, guest.sh shows the console and what is in stderr.
set -eu

cd /run/guest
ip link set lo up
# shellcheck disable=SC2046 # the list is meant to be split
modprobe -a $(cat modules) 2>>stderr
dmesg -c >/dev/null

status=0
(
	cd "$(cat dir)" &&
		exec timeout -k 5 "$(cat /run/guest/limit)" sh /run/guest/command
) </dev/null >>stdout 2>>stderr || status=$?

dmesg >kernel-log
echo "$status" >status
