# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion of psring in bash. What there is to complete, --help tells, so that
# it is what the psring on the command line knows.

# _psring COMMAND WORD BEFORE: completes WORD, which comes after the word BEFORE
_psring()
{
	local help argument words

	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$("$1" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
	else
		help=$("$1" "${COMP_WORDS[1]}" --help)
		# "  --format text|json": behind --format comes one of these,
		# "  --read FILE, -r": the name of a file behind both.
		argument=$(awk -v option="$3" '
			/^  --/ && ($1 == option || $3 == option) {
				sub(/,$/, "", $2)
				print $2
			}' <<<"$help")
		if [[ $argument = @(FILE|*PATH) ]]; then
			compopt -o default # the shell's own, of file names
			words=
		elif [ -n "$argument" ]; then
			words=$(tr '|' '\n' <<<"$argument" | grep -x '[a-z]*')
		else
			words=$(sed -n 's/^  \(--[a-z-]*\).*/\1/p' <<<"$help")
		fi
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
} 2>/dev/null

complete -F _psring psring
