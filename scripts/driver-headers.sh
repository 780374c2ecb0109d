#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Fetch the DPDK headers that a driver needs and that Debian's libdpdk-dev leaves out
# (ethdev_driver.h and what it includes), from the source package of the very version
# installed, into a folder that git ignores. Prints the folder. Does nothing when they
# are there. Where that package is not to be had, a DPDK source tree of the same release
# will do: within a release (YY.MM) these headers stay as they are.
#
# The lists, the caches and the sources of the system stay as they are.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/own_apt.sh
. "$HERE/lib/own_apt.sh"

INSTALLED=${INSTALLED:-/usr/include/dpdk}
WANTED=(ethdev_driver.h ethdev_vdev.h bus_vdev_driver.h dev_driver.h)
FOLDER=$HERE/../.driver-headers
SOURCE=
TREE=

usage() {
	cat <<-EOF
		Usage: scripts/driver-headers.sh [--into FOLDER] [--source 'deb-src ...' | --tree FOLDER]
		Fetches the driver headers of the installed DPDK; prints their folder.

		  --into FOLDER     where to put them (.driver-headers in the checkout)
		  --source LINE     line of sources.list to fetch from (as libdpdk-dev)
		  --tree FOLDER     a DPDK source tree to copy from, of the same release

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
		--into | --source | --tree) (($# > 1)) || die 2 "$1 wants a value: see --help" ;;
		*) die 2 "unknown option '$1': see --help" ;;
		esac
		case $1 in
		--into) FOLDER=$2 ;;
		--source) SOURCE=$2 ;;
		--tree) TREE=$2 ;;
		esac
		shift 2
	done
}

installed_version() {
	# shellcheck disable=SC2016 # a format of dpkg
	dpkg-query -W -f '${source:Version}\n' libdpdk-dev 2>/dev/null ||
		die 3 "no package libdpdk-dev: run scripts/install.sh, or give meson the" \
			"headers of your own DPDK by -Ddriver_headers=FOLDER"
}

need_tools() {
	local tool
	for tool in apt-get dpkg-source; do
		command -v "$tool" >/dev/null || die 3 "no $tool: run scripts/install.sh"
	done
}

# The sources stand where the packages came from.
source_lines() {
	if [[ -n $SOURCE ]]; then
		echo "$SOURCE"
	else
		own_apt_debian deb-src || die 3 "no sources known for this system: give --source"
	fi
}

no_network() {
	die 3 "$1: without a network, copy .driver-headers from a machine that has one," \
		"give --tree a DPDK source tree, or build without drivers/net (meson leaves it out)"
}

# release VERSION: its YY.MM.
release() {
	cut -d . -f 1,2 <<<"$1"
}

# use_tree VERSION
use_tree() {
	local version
	version=$(cat "$TREE/VERSION" 2>/dev/null) ||
		die 3 "$TREE is no source tree of DPDK: it has no file VERSION"
	[[ $(release "$version") == "$(release "$1")" ]] ||
		die 3 "$TREE is of DPDK $version, and $1 is installed: give one of" \
			"$(release "$1")"
}

fetch_source() {
	need_tools
	own_apt_begin < <(source_lines)
	own_apt -o APT::Update::Error-Mode=any update ||
		no_network "cannot fetch the lists of source packages"
	own_apt source "dpdk=$1" || no_network "cannot fetch the source package dpdk $1"
	TREE=$(echo "$WORK"/fetched/dpdk-*/)
}

# The header NAME in the source tree: of the libraries or of the bus of virtual devices.
find_header() {
	find "$TREE"/{lib,drivers/bus/vdev} -name "$1" -print -quit
}

# What WANTED include, and what those do, as far as it is not installed.
copy_headers() {
	local queue=("${WANTED[@]}") name path
	while ((${#queue[@]} > 0)); do
		name=${queue[0]}
		queue=("${queue[@]:1}")
		[[ ! -e $INSTALLED/$name && ! -e $WORK/headers/$name ]] || continue
		path=$(find_header "$name")
		[[ -n $path ]] || continue # of the system
		cp "$path" "$WORK/headers/"
		mapfile -t -O "${#queue[@]}" queue < <(
			sed -nE 's/^[ \t]*#[ \t]*include[ \t]*[<"]([^">]+)[">].*/\1/p' "$path")
	done
	for name in "${WANTED[@]}"; do
		[[ -e $INSTALLED/$name || -e $WORK/headers/$name ]] ||
			die 3 "the source of DPDK $1 has no $name: this DPDK is not known yet"
	done
}

# In one step: who looks meanwhile sees all of them or none.
put_in_place() {
	local beside=$FOLDER.$$
	echo "$1" >"$WORK/headers/version"
	rm -rf "$beside"
	cp -r "$WORK/headers" "$beside"
	rm -rf "$FOLDER"
	mv -T "$beside" "$FOLDER"
}

main() {
	local version
	parse "$@"
	version=$(installed_version)
	FOLDER=$(realpath -m "$FOLDER")
	if [[ $(cat "$FOLDER/version" 2>/dev/null) != "$version" ]]; then
		[[ -w $(dirname "$FOLDER") ]] || die 3 "cannot write to $(dirname "$FOLDER")"
		WORK=$(mktemp -d)
		trap 'rm -rf "$WORK"' EXIT
		mkdir "$WORK/headers"
		if [[ -n $TREE ]]; then use_tree "$version"; else fetch_source "$version"; fi
		copy_headers "$version"
		put_in_place "$version"
	fi
	echo "$FOLDER"
}

main "$@"
