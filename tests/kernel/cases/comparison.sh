# SPDX-License-Identifier: MIT
#
# comparison.sh - what came out against what was sent
#
# shellcheck shell=sh

# field KEY: its value of each sample. Not with sed alone, which takes ten times
# as long.
field()
{
	grep -o "\"$1\":[^,}]*" out | sed 's/.*://; s/"//g'
}

# always KEY VALUE: the samples say that, and nothing else
always()
{
	[ "$(field "$1" | sort -u)" = "$2" ]
}

# lost NUMBER: the count of the ledger
lost()
{
	ledger lost_socket "$1"
}

# ledger KEY NUMBER: what the ledger says
ledger()
{
	grep -q "^{.*\"$1\":$2,.*\"queues\"" err
}

# Two CPUs may take the packets of one sender in turn, and swap them.
ordered()
{
	if [ "$(nproc)" -eq 1 ]; then cat; else sort; fi
}

# same FILE COMMAND... : the output of COMMAND is FILE
same()
{
	file=$1
	shift
	ordered <"$file" >wanted
	"$@" | ordered >compared
	cmp -s wanted compared && return 0
	echo "  $file expected, got of $*:"
	diff wanted compared | head -n 6 | cut -c 1-300
	return 1
}

# The first $1 bytes of each frame sent.
sent_head()
{
	cut -c "1-$(($1 * 2))" sent >expected
}
