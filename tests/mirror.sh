# SPDX-License-Identifier: MIT
#
# mirror.sh - where this machine's apt gets Debian from; to be sourced
# shellcheck shell=bash

# The package repository of this machine whose release matches the pattern $1,
# as apt itself understands its sources, whatever their format.
repository()
{
	# shellcheck disable=SC2016 # the variables are apt's
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' |
		awk -v release="^($1)\$" '
			$2 ~ release && $3 == "main" && !n++ { print $1 }'
}
