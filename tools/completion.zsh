#compdef psring
# SPDX-License-Identifier: MIT
#
# Completion of psring in zsh, as completion.bash does it.
local help argument

if (( CURRENT == 2 )); then
	compadd -- $($words[1] --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
	return
fi
help=$($words[1] $words[2] --help 2>/dev/null)
# "  --format text|json": behind --format comes one of these,
# "  --read FILE, -r": the name of a file behind both.
argument=$(awk -v option="$words[CURRENT-1]" '
	/^  --/ && ($1 == option || $3 == option) {
		sub(/,$/, "", $2)
		print $2
	}' <<<$help)
if [[ $argument == (FILE|*PATH) ]]; then
	_files
elif [[ -n $argument ]]; then
	compadd -- ${(M)${(s:|:)argument}:#[a-z]##}
else
	compadd -- $(sed -n 's/^  \(--[a-z-]*\).*/\1/p' <<<$help)
fi
