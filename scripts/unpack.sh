#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Fetch Debian packages, with all that they need and this system lacks, and unpack them
# into a folder that git ignores: programs of others to test with. Nothing is installed,
# no service starts, and the system stays as it is. Prints the folder; / if the system has
# them all. Does nothing when they are there.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/own_apt.sh
. "$HERE/lib/own_apt.sh"

FOLDER=
RELEASE=
PACKAGES=()

usage() {
	cat <<-EOF
		Usage: scripts/unpack.sh [--into FOLDER] [--release NAME] PACKAGE...
		Unpacks packages of Debian; prints the folder that has their usr.

		  --into FOLDER   where to put them (.programs/FIRST_PACKAGE in the checkout)
		  --release NAME  also look in this release, such as bookworm-backports, and
		                  prefer it

		Exit status: 0 they are there; 2 wrong usage; 3 they are not to be had.
	EOF
}

parse() {
	while (($# > 0)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--into | --release)
			(($# > 1)) || die 2 "$1 wants a value: see --help"
			if [[ $1 == --into ]]; then FOLDER=$2; else RELEASE=$2; fi
			shift 2
			;;
		-*) die 2 "unknown option '$1': see --help" ;;
		*)
			PACKAGES+=("$1")
			shift
			;;
		esac
	done
	((${#PACKAGES[@]} > 0)) || die 2 "no package named: see --help"
	FOLDER=$(realpath -m "${FOLDER:-$HERE/../.programs/${PACKAGES[0]}}")
}

# The system's own places, and the release where the packages proper are.
source_lines() {
	local lines
	lines=$(own_apt_debian deb) || die 3 "no places of packages known for this system"
	echo "$lines"
	[[ -z $RELEASE ]] || awk -v release="$RELEASE" '
		!/security/ && sub(/ [^ ]+ [^ ]+$/, " " release " main") { print; exit }' <<<"$lines"
}

# Name=version of each package that would have to be installed.
needed() {
	own_apt --simulate --no-install-recommends ${RELEASE:+-t "$RELEASE"} install \
		"${PACKAGES[@]}" || die 3 "no such packages, or not for this system: ${PACKAGES[*]}"
	sed -nE 's/^Inst ([^ ]+) (\[[^]]*\] )?\(([^ ]+) .*/\1=\3/p' "$WORK/log"
}

fetch() {
	own_apt_begin < <(source_lines)
	own_apt -o APT::Update::Error-Mode=any update ||
		die 3 "cannot fetch the lists of packages${RELEASE:+ of $RELEASE}: is there a network?"
	needed >"$WORK/needed"
	if [[ ! -s $WORK/needed ]]; then
		FOLDER=/
		return
	fi
	mapfile -t wanted <"$WORK/needed"
	own_apt download "${wanted[@]}" || die 3 "cannot fetch ${PACKAGES[*]}"
}

# In one step: who looks meanwhile sees all or nothing.
put_in_place() {
	local beside=$FOLDER.$$ file
	mkdir -p "$beside"
	for file in "$WORK"/fetched/*.deb; do
		dpkg-deb -x "$file" "$beside"
	done
	cp "$WORK/needed" "$beside/packages"
	rm -rf "$FOLDER"
	mv -T "$beside" "$FOLDER"
}

main() {
	parse "$@"
	if [[ ! -s $FOLDER/packages ]]; then
		mkdir -p "$(dirname "$FOLDER")" || die 3 "cannot write to $(dirname "$FOLDER")"
		WORK=$(mktemp -d)
		trap 'rm -rf "$WORK"' EXIT
		fetch
		[[ $FOLDER == / ]] || put_in_place
	fi
	echo "$FOLDER"
}

main "$@"
