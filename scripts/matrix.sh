#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Build and test with the DPDK of several releases of Debian, each in an environment of
# its own (debootstrap), with gcc and clang. Ends with a table. Not a part of test.sh: it
# fetches some GiB the first time, and takes half an hour.
#
# Nothing is left but the environments, in the cache; all mounts are of a mount namespace
# that ends with the script.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/machine.sh
. "$HERE/lib/machine.sh"

CACHE=/var/cache/labyrinth-matrix
MIRROR=http://deb.debian.org/debian
SUITES=(bookworm trixie sid)
COMPILERS=(gcc clang)
TREES=
# Tests of the system suite that are about the plugin and need no package but DPDK's.
PLUGIN_TESTS=(plugin_dpdk_test plugin_testpmd processes)
PACKAGES=(
	gcc g++ libc6-dev make clang meson ninja-build pkg-config
	dpdk dpdk-dev libdpdk-dev libjansson-dev libnuma-dev
	libcmocka-dev libpcap-dev iproute2 iputils-ping jq python3
	xz-utils dpkg-dev ca-certificates procps
)
ROWS=()
BAD=0

usage() {
	cat <<-EOF
		Usage: scripts/matrix.sh [--suites 'bookworm trixie sid'] [--compilers 'gcc clang']
		                         [--cache FOLDER] [--mirror URL] [--trees FOLDER]
		Builds with the DPDK of each release of Debian and runs the unit, driver and plugin
		tests there. Needs root, debootstrap and a network the first time.

		  --cache FOLDER  where the environments are ($CACHE); remove it
		                  to make them anew
		  --trees FOLDER  FOLDER/SUITE is a DPDK source tree of that release, for the
		                  driver headers where the mirror has no source package

		Exit status: 0 all passed; 1 not all; 2 wrong usage; 3 no environment.
	EOF
}

parse() {
	while (($# > 0)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--suites | --compilers | --cache | --mirror | --trees)
			(($# > 1)) || die 2 "$1 wants a value: see --help"
			;;
		*) die 2 "unknown option '$1': see --help" ;;
		esac
		case $1 in
		--suites) read -ra SUITES <<<"$2" ;;
		--compilers) read -ra COMPILERS <<<"$2" ;;
		--cache) CACHE=$2 ;;
		--mirror) MIRROR=$2 ;;
		--trees) TREES=$2 ;;
		esac
		shift 2
	done
}

# Once; a half-made one is made anew.
environment() {
	local suite=$1 root=$CACHE/$1 include
	[[ ! -e $root/.complete ]] || return 0
	say "$suite: making $root"
	rm -rf --one-file-system "$root"
	mkdir -p "$CACHE"
	include=$(IFS=,; echo "${PACKAGES[*]}")
	debootstrap --variant=minbase --include="$include" "$suite" "$root" "$MIRROR" \
		>"$CACHE/$suite.log" 2>&1 || return 1
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# of the fuzzer and the sanitizers; named after the version of clang
	# shellcheck disable=SC2016 # the inner shell expands it
	inside "$suite" sh -c 'apt-get install -y -q --no-install-recommends \
		"libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"' >>"$CACHE/$suite.log" 2>&1 ||
		return 1
	touch "$root/.complete"
}

# inside SUITE COMMAND...: as root of the environment, in mounts of its own.
inside() {
	local root=$CACHE/$1
	shift
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount bash -c '
		set -e
		root=$1
		shift
		# a mount of its own, which "ip netns" wants to be the root
		mount --bind "$root" "$root"
		for folder in proc sys dev; do mount --rbind "/$folder" "$root/$folder"; done
		mount -t tmpfs -o mode=755 none "$root/run"
		mount -t tmpfs none "$root/tmp"
		exec chroot "$root" "$@"' bash "$root" env -i HOME=/root TERM=dumb \
		LABYRINTH_KILLS="${LABYRINTH_KILLS-200}" \
		LABYRINTH_REAL_KILLS="${LABYRINTH_REAL_KILLS-20}" \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# What git knows, as it is in the folder now.
copy_source() {
	local root=$CACHE/$1
	rm -rf "$root/src"
	mkdir "$root/src"
	git -C "$HERE/.." ls-files -z --cached --others --exclude-standard |
		(cd "$HERE/.." && xargs -0 ls -d 2>/dev/null | tar -c -T -) |
		tar -x -C "$root/src"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
}

# What driver-headers.sh says why not stands in the log of the environment.
headers() {
	local from=("--source" "deb-src $MIRROR $1 main") log=$CACHE/$1-headers.log
	inside "$1" /src/scripts/driver-headers.sh "${from[@]}" >"$log" 2>&1 && return
	if [[ -n $TREES && -d $TREES/$1 ]]; then
		rm -rf "$CACHE/$1/dpdk"
		cp -r "$TREES/$1" "$CACHE/$1/dpdk"
		from=(--tree /dpdk)
		inside "$1" /src/scripts/driver-headers.sh "${from[@]}" >>"$log" 2>&1 && return
	fi
	warn "$1: NO DRIVER HEADERS, so no drivers/net: see $log"
}

# build SUITE COMPILER: with warnings as errors; the log is in the environment.
build() {
	inside "$1" sh -c "rm -rf /build/$2 && mkdir -p /build && cd /src &&
		CC=$2 meson setup /build/$2 -Dwerror=true && ninja -C /build/$2" \
		>"$CACHE/$1-$2-build.log" 2>&1
}

# tests SUITE COMPILER: all of them, whatever fails.
tests() {
	inside "$1" sh -c "cd /build/$2
		meson test --logbase suites --suite unit --suite driver -t 4
		meson test --logbase plugin ${PLUGIN_TESTS[*]} -t 4" \
		>"$CACHE/$1-$2-test.log" 2>&1 || true
}

# results SUITE COMPILER FILTER: how many tests of both runs ended so.
results() {
	cat "$CACHE/$1/build/$2/meson-logs/"{suites,plugin}.json 2>/dev/null |
		jq -r ".result | $3" | wc -l
}

row() {
	local suite=$1 compiler=$2 version=$3 verdict passed failed skipped
	if ! build "$suite" "$compiler"; then
		verdict="does not build: $CACHE/$suite-$compiler-build.log"
		BAD=1
	else
		tests "$suite" "$compiler"
		passed=$(results "$suite" "$compiler" 'select(. == "OK")')
		skipped=$(results "$suite" "$compiler" 'select(. == "SKIP")')
		failed=$(results "$suite" "$compiler" 'select(IN("OK", "SKIP") | not)')
		verdict="$passed passed, $failed failed, $skipped skipped"
		((failed == 0 && passed > 0)) || BAD=1
	fi
	ROWS+=("| $suite | $version | $(inside "$suite" "$compiler" -dumpfullversion -dumpversion |
		sed "s/^/$compiler /") | $verdict |")
	say "${ROWS[-1]}"
}

suite() {
	local version compiler
	if ! environment "$1"; then
		warn "$1: no environment: see $CACHE/$1.log"
		BAD=3
		return
	fi
	copy_source "$1"
	headers "$1"
	version=$(inside "$1" pkg-config --modversion libdpdk)
	for compiler in "${COMPILERS[@]}"; do
		row "$1" "$compiler" "$version"
	done
}

main() {
	local name
	parse "$@"
	((EUID == 0)) || die 3 "environments need root: run 'sudo scripts/matrix.sh'"
	command -v debootstrap >/dev/null ||
		die 3 "no debootstrap: run 'apt-get install debootstrap'"
	machine_begin 768
	for name in "${SUITES[@]}"; do
		suite "$name"
	done
	machine_end
	printf '| Debian | DPDK | compiler | unit, driver and plugin tests |\n|---|---|---|---|\n'
	printf '%s\n' "${ROWS[@]}"
	exit "$BAD"
}

main "$@"
