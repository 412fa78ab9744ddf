# SPDX-License-Identifier: MIT
#
# figures.awk - a table in psring-tuning(7) whose section names a scenario has
# medians of it
#
#	awk -f figures.awk RESULTS.json psring-tuning.7
#
# Times in the page are in ns, or in us with a decimal or, of latency, without.

FNR == NR && $1 == "\"scenario\":" {
	gsub(/[",]/, "")
	scenario = $2
}

FNR == NR && $1 == "\"median\":" {
	median[scenario, sprintf("%.0f", $2)]
	median[scenario, sprintf("%.1f", $2 / 1000)]
	if (scenario == "latency")
		median[scenario, sprintf("%.0f", $2 / 1000)]
}

FNR == NR {
	next
}

/^\.Ss/ {
	scenarios = ""
}

/scenario [a-z]+/ {
	match($0, /scenario [a-z]+/)
	scenarios = scenarios substr($0, RSTART + 9, RLENGTH - 9) " "
}

/^\.Bd/ {
	row = 1
}

/^\.Ed/ {
	row = 0
}

# Not the row of headings.
row && scenarios != "" && !/^\.|queue|wait_us/ {
	for (i = 2; i <= NF; i++)
		if ($i ~ /^[0-9.]+$/)
			check($i)
}

function check(figure,	names, count, i)
{
	checked++
	count = split(scenarios, names, " ")
	for (i = 1; i <= count; i++)
		if ((names[i], figure) in median)
			return
	print FILENAME ":" FNR ": " figure " is no median of: " scenarios
	wrong = 1
}

END {
	if (!checked)
		print FILENAME ": no table of a scenario"
	exit wrong || !checked
}
