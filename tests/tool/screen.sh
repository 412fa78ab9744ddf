#!/bin/bash
# SPDX-License-Identifier: MIT
#
# screen.sh PSRING - psring stat on a terminal, as somebody sees it who types: the
# screen is complete at both sizes, keys do what they say, and the terminal is
# afterwards as it was.
set -eu
psring=$(readlink -f "$1")
work=$(mktemp -d)
export LC_ALL=C.UTF-8
mux=(tmux -u -f /dev/null -S "$work/tmux")
cleanup()
{
	"${mux[@]}" kill-server 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT

capture()
{
	"${mux[@]}" capture-pane -p "$@"
}

fail()
{
	echo "$*"
	capture
	exit 1
}

keys()
{
	"${mux[@]}" send-keys -t shell "$@"
}

# shows PATTERN: as soon as it does
shows()
{
	for _ in $(seq 200); do
		if capture | grep -q -e "$1"; then
			return
		fi
		sleep 0.1
	done
	fail "no \"$1\""
}

# open_shell COLUMNS LINES
open_shell()
{
	"${mux[@]}" new-session -d -s shell -x "$1" -y "$2" \
		"PS1='ready ' bash --norc --noprofile"
	shows ready
}

close_shell()
{
	"${mux[@]}" kill-server
	while [ -e "$work/tmux" ] && "${mux[@]}" ls >"$work/ls" 2>&1; do
		sleep 0.1
	done
}

# run NAME=VALUE... : stat, with the modes of the terminal before and after it
run()
{
	keys "stty -a >$work/before; $* $psring stat --source synthetic" \
		" --rate 20000 --queues 2 --group-count 3 --interfaces 4" \
		" --listen :0; echo status \$?; stty -a >$work/after; echo over" Enter
}

# What every screen has, at whatever size. The right ends of the bars are one
# below the other.
check_layout()
{
	shows '^ listening on synthetic, 2 queues'
	capture | tail -n 1 | grep -q '^ q quit' || fail "a message for keys"
	for pattern in '^ psring stat  synthetic by .*, 2 queues, 2 consumers.* up ' \
		'^ in  *[1-9][0-9.]* k/s  *received  *[0-9 ]*  latency  p50 ' \
		'^ lost  *0/s  *lost  *0 ' '^QUEUE .*WAKE/s$' \
		'^    1 .*\[.*\] .*%' '^THREAD' 'psr-ingest .*%' \
		' consumer 1 ' ' GROUP .*TRAFFIC▾.*TOTAL' \
		'^  *3  *[0-9].* [kM]bit/s .*%.*iB' '^ q quit'; do
		shows "$pattern"
	done
	capture >"$work/screen"
	[ "$(wc -l <"$work/screen")" -eq "$2" ] || fail "not $2 lines"
	tail -n 1 "$work/screen" | grep -q '^ q quit' || fail "no foot"
	[ "$(wc -L <"$work/screen")" -le "$1" ] || fail "wider than $1"
	[ "$(grep -o '^    [01] .*\]' "$work/screen" | sed 's/[│█]/=/g' |
		awk '{ print length }' | uniq | wc -l)" -eq 1 ] || fail "bars of two widths"
}

# Whatever the lines are sorted by has a mark, at the right end too.
check_marks()
{
	local column
	for column in '+-95%' TOTAL '\(GROUP\|INTERFACE\)' SAMPLES/s PACKETS/s \
		TRAFFIC; do
		keys s
		shows "$column▾$([ "$1" -lt 160 ] || echo ".*$column▾")"
	done
}

# check_small COLUMNS LINES ROW... : each row is in the picture from end to end,
# and what has no room is in no other's.
check_small()
{
	local row
	"${mux[@]}" resize-window -t shell -x "$1" -y "$2"
	shift 2
	for row; do
		shows "^$row\$"
	done
}

# The clock stands still, but messages pass; a pause that is none lets it go on.
check_pause()
{
	local clock
	keys p
	shows PAUSED
	clock=$(capture | head -n 1)
	sleep 2.5
	shows '^ metrics at http://127.0.0.1:[1-9][0-9]*/metrics$'
	[ "$(capture | head -n 1)" = "$clock" ] || fail "no pause"
	keys s
	shows '+-95%▾'
	[ "$(capture | head -n 1)" = "$clock" ] || fail "a key ends the pause"
	keys Left p
	until [ "$(capture | head -n 1)" != "$clock" ]; do sleep 0.1; done
}

check_end()
{
	shows '^over'
	capture -S - | grep -q '^status 0' || fail "status"
	capture -S - | grep -q balanced || fail "no ledger"
	capture -S - | grep -q '^listening on' || fail "what was told is gone"
	capture -S - | grep -q '^THREAD' && fail "the screen stays"
	# The first line has its size, which changes.
	diff <(tail -n +2 "$work/before") <(tail -n +2 "$work/after") ||
		fail "modes of the terminal"
}

for size in "80 24" "200 60"; do
	read -r columns lines <<<"$size"
	open_shell "$columns" "$lines"
	run
	check_layout "$columns" "$lines"
	check_pause
	if [ "$columns" -eq 80 ]; then
		capture | grep -q INTERFACE && fail "two tables"
		keys i
	fi
	shows ' INTERFACE .*TRAFFIC▾.*TOTAL'
	shows ' #4 In .*bit/s'
	check_marks "$columns"
	keys '?'
	shows 'the truth is within'
	shows '^ q quit  any other key: back'
	keys g
	shows '^QUEUE'
	keys g Left
	shows 'PACKETS/s▾'
	"${mux[@]}" resize-window -t shell -x 100 -y 30
	until capture | tail -n 1 | grep -q '^ q quit' &&
		[ "$(capture | wc -l)" -eq 30 ]; do sleep 0.1; done
	check_small 60 15 ' psring stat .*  up [0-9:]*' \
		'QUEUE .*LOST/s     USED  PEAK BATCH' '    0 .*%  *[0-9]*' \
		' *GROUP SAMPLES/s PACKETS/s▾' \
		' q quit  p pause  g groups  i interfaces  s sort  ? help'
	check_small 40 10 ' psring stat  *up [0-9:]*' \
		'QUEUE      IN/s      OUT/s     LOST/s' '    1 .* k  *0' \
		' q quit  p pause  g groups  i interfaces'
	check_small 20 30 ' psring  up [0-9:]*' ' in  *[0-9.]* k/s' \
		' q quit  p pause'
	check_small 100 7 'QUEUE .*  WAKE/s' \
		' q quit  p pause  g groups  i interfaces  s sort  ? help'
	if [ "$columns" -eq 80 ]; then keys C-c; else keys q; fi
	check_end
	echo "$columns x $lines: complete, and given back"
	close_shell
done

# Colours where they are wanted, and none where not: a 3 before the colour.
for colour in 0 1; do
	open_shell 80 24
	run "NO_COLOR=$([ $colour -eq 1 ] || echo 1)"
	shows '^ q quit'
	found=0
	if capture -e | grep -q $'\e\\[\\([0-9]*;\\)*3[0-7]'; then found=1; fi
	[ "$found" -eq "$colour" ] || fail "colours: $found, wanted $colour"
	keys q
	check_end
	close_shell
done

# What is piped into a script is not for the screen.
open_shell 80 24
keys "printf 'q\nleft\n' |" \
	" { $psring stat --source synthetic --duration 2; cat; }; echo over" Enter
shows '^ q quit'
shows '^over'
capture -S - | tr '\n' ' ' | grep -q ' q left over' || fail "who read it?"
close_shell

# Without UTF-8 not a byte of it; without a cursor, lines.
open_shell 80 24
run LC_ALL=C
shows '^ q quit'
shows 'TRAFFICv'
capture | LC_ALL=C grep -q '[^ -~]' && fail "not ASCII"
keys q
check_end
keys C-l
run TERM=dumb
shows '^ seconds  samples/s'
keys C-c
shows '^over'
close_shell

# Ctrl-Z is for all that the shell waits for: a script around it stops as well,
# and both go on. Where there is no screen, too.
open_shell 80 24
keys "bash -c '$psring stat --source synthetic --rate 1; stty -a >$work/after; echo over'" \
	Enter
shows '^ q quit'
keys C-z
# The shell may have been first, with a prompt that nobody sees.
until ! capture | grep -q '^THREAD'; do sleep 0.1; done
keys Enter jobs Enter
shows '^.1.+  Stopped'
keys fg Enter
shows '^ q quit'
shows '^THREAD'
keys q
shows '^over$'
grep -q ' icanon .* echo ' "$work/after" || fail "modes after a stop"
keys C-l "$psring stat --source synthetic --rate 1 | cat" Enter
shows '^     1.0 '
keys C-z
shows '^.1.+  Stopped'
keys fg Enter
shows '^     [2-9].0 '
close_shell
echo "stopped, and gone on"

# The terminal takes no more, so that who draws is stuck: the second signal ends
# the program, and gives the terminal back.
python3 - "$psring" <<-'EOT'
	import os, pty, select, signal, subprocess, sys, termios, time
	master, slave = pty.openpty()
	before = termios.tcgetattr(slave)
	os.set_blocking(slave, False)
	# What a worker of the kernel moves on meanwhile makes room again.
	while select.select([], [slave], [], 0.3)[1]:
	    try:
	        os.write(slave, b"x" * 4096)
	    except BlockingIOError:
	        pass
	os.set_blocking(slave, True)
	stat = subprocess.Popen([sys.argv[1], "stat", "--source", "synthetic"],
	    stdin=slave, stdout=slave, stderr=subprocess.DEVNULL,
	    env={"TERM": "xterm"})
	while termios.tcgetattr(slave) == before:
	    time.sleep(0.01)
	while stat.poll() is None:
	    stat.send_signal(signal.SIGINT)
	    time.sleep(0.3)
	if stat.returncode != 130 or termios.tcgetattr(slave) != before:
	    sys.exit(f"status {stat.returncode}, modes {termios.tcgetattr(slave)}")
	print("stuck, and given back")

	# A crash, and a second signal while Ctrl-S holds the output: what was told
	# meanwhile follows the screen.
	for end in signal.SIGABRT, signal.SIGSEGV, signal.SIGINT:
	    master, slave = pty.openpty()
	    before = termios.tcgetattr(slave)
	    stat = subprocess.Popen([sys.argv[1], "stat", "--source", "synthetic",
	        "--rate", "1000"], stdin=slave, stdout=slave, stderr=slave,
	        env={"TERM": "xterm"})
	    shown = b""
	    while b"q quit" not in shown:
	        shown += os.read(master, 4096)
	    if end == signal.SIGINT:
	        os.write(master, b"\x13")
	    while stat.poll() is None:
	        stat.send_signal(end)
	        time.sleep(0.3)
	    shown = b""
	    while select.select([master], [], [], 0)[0]:
	        shown += os.read(master, 4096)
	    given = shown.partition(b"\x1b[?1049l")[2]
	    wanted = 130 if end == signal.SIGINT else -end
	    if (b"listening on synthetic" not in given or stat.returncode != wanted
	            or termios.tcgetattr(slave) != before):
	        sys.exit(f"{end}: status {stat.returncode}, told {shown}")
	print("crashed, and given back")

	# The terminal goes away, and no signal says so.
	master, slave = pty.openpty()
	signal.signal(signal.SIGHUP, signal.SIG_IGN)
	stat = subprocess.Popen([sys.argv[1], "stat", "--source", "synthetic"],
	    stdin=slave, stdout=slave, stderr=subprocess.PIPE,
	    env={"TERM": "xterm"}, restore_signals=False)
	os.close(slave)
	shown = b""
	while b"latency" not in shown:
	    shown += os.read(master, 4096)
	os.close(master)
	told = stat.communicate()[1]
	if stat.returncode != 1 or b"Input/output error" not in told:
	    sys.exit(f"without a terminal: status {stat.returncode}, {told}")
	print("gone")
EOT
