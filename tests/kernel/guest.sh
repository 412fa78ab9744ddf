#!/bin/bash
# SPDX-License-Identifier: MIT
#
# guest.sh [-m MEGABYTES] [-t SECONDS] KERNEL DIR COMMAND
#
# Runs the shell line COMMAND as root in a throw-away guest that has psample
# and its company loaded, with DIR as the working directory, at the same path
# as here. COMMAND's output and errors come out as ours, when it has ended.
#
# KERNEL is one that fetch.sh has put into the cache ($PSR_KERNELS):
#
#   uml-*  user-mode-linux, one CPU. The guest sees this machine's whole file
#          system, so programs run there as here. Programs with ASan or TSan
#          do not start.
#   tcg-*  qemu's software emulation, two CPUs. The guest has busybox, dash,
#          tc, ip, ss, what is in DIR, and the shared libraries of the programs
#          in DIR.
#
# What the guest writes is lost (DIR does not change), except for what is below
# /out: that is copied into the directory $GUEST_OUT, if that is set.
#
#   -m   memory of the guest, default 512
#   -t   time limit of COMMAND, default 300
#
# Exit status: that of COMMAND, or
#   2    wrong arguments, or a kernel or program is missing
#   123  a BUG, WARNING or Oops in the kernel's log, which is shown
#   124  time limit; if the guest hung, its console is shown
#   125  the guest died or told no exit status; its console is shown
#
# Needs the Debian packages busybox-static, kmod, iproute2, util-linux; for
# tcg-* also qemu-system-x86, cpio, dash.
#
# How it works: the directory $run is shared with the guest as /run/guest. Here
# it holds the command and its limits; there guest-run.sh adds stdout, stderr,
# status, kernel-log and out/. The console matters only if the guest died.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${PSR_KERNELS:-/var/cache/psring-kernels}
# ipv6, or a vxlan device that asks for it deadlocks with its loading (6.12).
modules="ipv6 psample act_sample act_gact cls_matchall cls_flower sch_ingress
	act_mirred act_tunnel_key act_vlan veth dummy vxlan ip_gre 8021q"
tcg_modules="virtio_pci virtio_console"
tcg_programs="dash tc ip ss timeout kmod"

# A guest that has not ended by itself this long after its time limit hangs.
grace_seconds=30

fail()
{
	echo "guest.sh: $*" >&2
	exit 2
}

usage()
{
	sed -n '4s/^# /usage: /p' "$0" >&2
	exit 2
}

is_number()
{
	[[ $1 =~ ^[1-9][0-9]{0,6}$ ]]
}

# Kills what run_guest has started. The guest leads a process group; the kill
# by its own number is for the moment before it does.
guest_pid=
alarm_pid=
end_guest()
{
	[ -n "$guest_pid" ] || return 0
	# The shell's words about killed jobs are no part of our output.
	{
		kill -KILL -- "-$guest_pid" "$guest_pid" || true
		kill "$alarm_pid" || true
		wait "$guest_pid" "$alarm_pid" || true
	} 2>/dev/null
	guest_pid=
}

# Runs "$@", the guest, until it ends or has hung for too long. Not by
# timeout(1): a user-mode-linux makes a session of its own, out of its reach.
hung=no
run_guest()
{
	setsid "$@" </dev/null >>"$run/console" 2>&1 &
	guest_pid=$!
	sleep $((limit + grace_seconds)) &
	alarm_pid=$!
	wait -n "$guest_pid" "$alarm_pid" 2>/dev/null || true
	kill -0 "$alarm_pid" 2>/dev/null || hung=yes
	end_guest
}

# shellcheck disable=SC2317 # called by trap
clean_up()
{
	end_guest
	rm -rf "$run"
}

# A user-mode-linux keeps its memory in a file, which it maps as executable.
uml_memory_dir()
{
	local options available

	read -r available options < <(findmnt -nbo AVAIL,OPTIONS /dev/shm) || true
	case ,${options:-noexec}, in
	*,noexec,*) available=0 ;;
	esac
	if [ "$available" -gt $((memory << 20)) ]; then
		echo /dev/shm
	else
		echo "$run"
	fi
}

boot_uml()
{
	cp "$here/uml-init.sh" "$run/init"
	mkdir "$run/uml"
	# Variables that the kernel does not know become init's environment.
	TMPDIR=$(uml_memory_dir) run_guest "$cache/$kernel/linux" \
		"mem=${memory}M" root=/dev/root rootfstype=hostfs rootflags=/ ro \
		"init=$run/init" "GUEST=$run" "uml_dir=$run/uml/" \
		con0=null,fd:1 con=null ssl=null quiet loglevel=4 panic=-1
}

# The shared libraries of the programs named on standard input.
shared_libraries()
{
	{ xargs -r -d '\n' ldd 2>/dev/null || true; } |
		sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x[0-9a-f]*)$/\1/p' | sort -u
}

# Fills the directory $1 with the guest's root file system.
tcg_root()
{
	local root=$1 name program version

	mkdir -p "$root"/{bin,dev,etc,lib,out,proc,root,run/guest,sys,tmp}
	mkdir -p "$root"/{lib64,sbin,usr/bin,usr/sbin,var,"$dir"}
	cp -a "$dir/." "$root$dir/"
	cp "$here/tcg-init.sh" "$root/init"
	cp "$run"/{command,dir,limit,modules,guest-run.sh} "$root/run/guest/"

	cp "$(command -v busybox)" "$root/bin/busybox"
	for name in $("$root/bin/busybox" --list); do
		[ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
	done
	for name in $tcg_programs; do
		program=$(command -v "$name") || fail "$name is not installed"
		cp --remove-destination -L "$program" "$root/bin/$name"
		readlink -f "$program"
	done >"$run/programs"
	# busybox' sh would run its own ip, whatever is in PATH.
	ln -sf dash "$root/bin/sh"
	ln -sf kmod "$root/bin/modprobe"
	ln -sf kmod "$root/bin/rmmod"
	find "$dir" -type f -perm /111 >>"$run/programs"
	shared_libraries <"$run/programs" |
		while read -r name; do
			[ -e "$root$name" ] || cp -L --parents "$name" "$root"
		done

	version=$(ls "$cache/$kernel/lib/modules")
	(
		cd "$cache/$kernel"
		# shellcheck disable=SC2086 # the list is meant to be split
		modprobe -d . -S "$version" -a -D $modules $tcg_modules |
			sed -n 's|^insmod .*/\(lib/modules/\S*\).*|\1|p' |
			sort -u |
			xargs cp --parents -t "$root"
		cp --parents lib/modules/"$version"/modules.{builtin{,.modinfo},order} \
			"$root"
	)
	depmod -b "$root" "$version"
}

# The guest's results come through files that are its virtio ports.
boot_tcg()
{
	local port ports=()

	tcg_root "$run/root"
	(cd "$run/root" && find . | cpio -o -H newc --quiet) >"$run/initrd"
	for port in stdout stderr results; do
		ports+=(-chardev "file,id=$port,path=$port"
			-device "virtserialport,chardev=$port,name=$port")
	done
	# Relative, because a file name in qemu's options may not hold a comma.
	cd "$run"
	run_guest qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 \
		-m "$memory" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$cache/$kernel/linux" -initrd initrd \
		-append 'console=ttyS0 quiet loglevel=4 panic=-1 nosoftlockup' \
		-serial file:serial -device virtio-serial "${ports[@]}"
	tr -d '\r' <serial >>console
	tar -xf results 2>/dev/null || true
}

memory=512
limit=300
while getopts m:t: option; do
	case $option in
	m) memory=$OPTARG ;;
	t) limit=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 3 ] || usage
if ! is_number "$memory" || ! is_number "$limit"; then
	usage
fi
kernel=$1
[ -d "$2" ] || fail "no directory $2"
dir=$(readlink -f "$2")
[[ $kernel =~ ^(uml|tcg)-[0-9.]+$ ]] || fail "no kernel is called $kernel"
[ -d "$cache/$kernel" ] || fail "no $kernel in $cache: run fetch.sh"
cache=$(readlink -f "$cache")
command -v busybox >/dev/null || fail "busybox is not installed"
if [[ $kernel == tcg-* ]]; then
	for program in qemu-system-x86_64 cpio modprobe depmod; do
		command -v $program >/dev/null || fail "$program is not installed"
	done
fi

if [ -n "${GUEST_OUT:-}" ]; then
	mkdir -p "$GUEST_OUT" || fail "cannot create $GUEST_OUT"
	GUEST_OUT=$(readlink -f "$GUEST_OUT")
fi

ulimit -c 0 # a user-mode-linux that panics aborts
run=$(mktemp -d "${TMPDIR:-/tmp}/psring-guest.XXXXXX")
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$run/out"
cp "$here/guest-run.sh" "$run/"
printf '%s\n' "$3" >"$run/command"
printf '%s\n' "$dir" >"$run/dir"
printf '%s\n' "$limit" >"$run/limit"
printf '%s\n' "$modules" >"$run/modules"
printf '%s\n' "$cache/$kernel" >"$run/kernel"
: >"$run/console"
: >"$run/stdout"
: >"$run/stderr"

case $kernel in
uml-*) boot_uml ;;
tcg-*) boot_tcg ;;
esac

cat "$run/stdout"
cat "$run/stderr" >&2
if [ -n "${GUEST_OUT:-}" ]; then
	cp -a "$run/out/." "$GUEST_OUT/"
fi

# The log of a guest that died is its console.
log=$run/console
[ ! -s "$run/status" ] || log=$run/kernel-log
if grep -E 'BUG:|WARNING:|Oops' "$log" >"$run/complaints"; then
	echo "guest.sh: the kernel $kernel complains:" >&2
	cat "$run/complaints" >&2
	exit 123
fi
[ ! -s "$run/status" ] || exit "$(cat "$run/status")"
echo "guest.sh: $kernel told no exit status; its console's end:" >&2
tail -n 30 "$run/console" >&2
[ $hung = no ] || exit 124
exit 125
