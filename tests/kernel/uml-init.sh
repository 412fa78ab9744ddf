#!/bin/sh
# SPDX-License-Identifier: MIT
#
# uml-init.sh - the first process of a user-mode-linux guest, run by guest.sh
#
# The root file system is the host's, read-only, and GUEST is guest.sh's
# directory there. Puts a tmpfs over the host's files, so that everything looks
# writable, makes that the root, and runs the command in it.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb

# Whatever happens, the guest ends: without a status, guest.sh tells.
trap 'busybox poweroff -f' EXIT

kernel=$(cat "$GUEST/kernel")
dir=$(cat "$GUEST/dir")
root=/run/root

mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir /run/upper /run/work /run/dir "$root"
modprobe -d "$kernel" overlay
mount -t overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work \
	overlay "$root"
mount --bind "$root$dir" /run/dir

mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t devtmpfs devtmpfs "$root/dev"
mkdir -p "$root/dev/shm" "$root/out" "$root/lib/modules"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/guest" "$root/run/old"
mount -t hostfs -o "$GUEST" hostfs "$root/run/guest"
mount --bind "$root/run/guest/out" "$root/out"
mount --bind "$kernel/lib/modules" "$root/lib/modules"
# The mounts above may have hidden the directory.
mkdir -p "$root$dir"
mount --bind /run/dir "$root$dir"

# What was written reaches the host within a second, even from a guest that
# hangs later.
echo 50 >/proc/sys/vm/dirty_expire_centisecs
echo 50 >/proc/sys/vm/dirty_writeback_centisecs

# Not chroot: a process in one may not create a user namespace.
cd "$root"
pivot_root . run/old
sh /run/guest/guest-run.sh
sync
