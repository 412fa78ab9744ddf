#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tcg-init.sh - the first process of a qemu guest, run by guest.sh
#
# The root file system is the initial RAM disk that guest.sh made. Results go
# out by virtio ports: they carry bytes unaltered and arrive at once.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb

# Whatever happens, the guest ends: without a status, guest.sh tells.
trap 'poweroff -f' EXIT

dir=$(cat /run/guest/dir)
mkdir /run/dir
mount --bind "$dir" /run/dir

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir /dev/shm
mount -t tmpfs tmpfs /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
# The mounts above may have hidden the directory.
mkdir -p "$dir"
mount --bind /run/dir "$dir"

modprobe -a virtio_pci virtio_console
cd /run/guest
# The ports appear, and then get their names, some time after the driver.
for name in stdout stderr results; do
	until file=$(grep -lx "$name" /sys/class/virtio-ports/*/name); do
		sleep 0.1
	done 2>/dev/null
	port=${file%/name}
	ln -s "/dev/${port##*/}" "$name"
done
ln -s /out out

sh guest-run.sh
tar -chf results status kernel-log out
