#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The libraries in other people's programs: an installed copy, elsewhere than it was built
# for, with C and C++, shared and static, by pkg-config; and the sources as a subproject.
# Arguments: the build folder, the sources, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

BUILD=$1
SOURCE=$2
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CC=${CC:-cc}
WARN=(-O2 -Wall -Wextra -Werror)

say_case() {
	echo "== $*"
}

# A copy of what is built, and pkg-config files that know where it went.
install_copy() {
	local file
	say_case "install"
	DESTDIR=$WORK/root meson install -C "$BUILD" --no-rebuild --quiet >"$WORK/install.log" ||
		rx_fail "install: $(tail -3 "$WORK/install.log")"
	file=$(find "$WORK/root" -name liblabyrinth.pc)
	[[ -n $file ]] || rx_fail "no liblabyrinth.pc was installed"
	PC=$(dirname "$file")
	PREFIX_DIR=$WORK/root$(sed -n 's/^prefix=//p' "$file")
	sed -i "s|^prefix=.*|prefix=$PREFIX_DIR|" "$PC"/liblabyrinth*.pc
	LIB=$(PKG_CONFIG_PATH=$PC pkg-config --variable=libdir liblabyrinth)
	INCLUDE=$PREFIX_DIR/include/labyrinth
	cp -r "$SOURCE/app/minimal" "$WORK/app"
	cp "$HERE"/embed/*.cc "$WORK/app/"
	cd "$WORK/app"
}

# pc ARGS...: pkg-config that finds the copy.
pc() {
	PKG_CONFIG_PATH=$PC pkg-config "$@"
}

# run PROGRAM [ARGS...]: with the copy's shared libraries.
run() {
	LD_LIBRARY_PATH=$LIB timeout -k 5 120 "$@" 2>"$WORK/run.err" ||
		rx_fail "$1: exit code $?: $(tail -3 "$WORK/run.err")"
}

run_both() {
	run ./minimal_pool | grep -q '^100000 pages of .* handed over, 100000 freed$' ||
		rx_fail "minimal_pool did not say what it should"
	run ./minimal "${EAL[@]}" -l 0 --vdev net_null0 -- 100000 |
		grep -Eq '^1000[0-9]{2} packets, 640[0-9]{4} bytes$' ||
		rx_fail "minimal did not say what it should"
}

# needs PROGRAM LIBRARY: how often it is among the libraries that are looked for at start.
needs() {
	readelf -d "$1" | grep NEEDED | grep -c "\[$2" || true
}

test_shared() {
	say_case "C, shared, by pkg-config and the Makefile of app/minimal"
	PKG_CONFIG_PATH=$PC make -s CC="$CC" CFLAGS="${WARN[*]}"
	(($(needs minimal_pool liblabyrinth.so.0) == 1)) || rx_fail "minimal_pool is not shared"
	(($(needs minimal_pool librte_) == 0)) || rx_fail "minimal_pool needs DPDK"
	(($(needs minimal liblabyrinth-dpdk.so.0) == 1)) || rx_fail "minimal is not shared"
	run_both
	make -s clean
}

# static NAME PACKAGE: the archives of the copy, all else as ever.
static() {
	local flags
	flags=$(pc --static --libs "$2" | sed 's/-llabyrinth-dpdk/-l:liblabyrinth-dpdk.a/g;
		s/-llabyrinth\b/-l:liblabyrinth.a/g')
	# shellcheck disable=SC2046,SC2086 # flags are several words
	"$CC" "${WARN[@]}" $(pc --cflags "$2") "$1.c" -o "$1" $flags -pthread
	(($(needs "$1" liblabyrinth) == 0)) || rx_fail "$1 is not static"
}

test_static() {
	say_case "C, static"
	static minimal_pool liblabyrinth
	# what is static of DPDK too would want the libraries of all its drivers
	static_dpdk
	run_both
	rm -f minimal minimal_pool
}

static_dpdk() {
	# shellcheck disable=SC2046 # flags are several words
	"$CC" "${WARN[@]}" $(pc --cflags liblabyrinth-dpdk) minimal.c -o minimal -L"$LIB" \
		-l:liblabyrinth-dpdk.a -l:liblabyrinth.a $(pc --libs libdpdk) -lnuma -lm -pthread
	(($(needs minimal liblabyrinth) == 0)) || rx_fail "minimal is not static"
}

test_cxx() {
	local cxx standard
	sed -i "s|^EVERY_HEADER|$(find "$INCLUDE" -name 'labyrinth_*.h' \
		! -name '*_mbuf.h' ! -name '*_mempool.h' -printf '#include <%f>\\n')|" every_header.cc
	for cxx in g++ clang++; do
		command -v "$cxx" >/dev/null || continue
		for standard in c++11 c++20; do
			say_case "C++: $cxx -std=$standard"
			# shellcheck disable=SC2046 # flags are several words
			"$cxx" -std="$standard" "${WARN[@]}" -Wpedantic $(pc --cflags liblabyrinth) \
				every_header.cc -o every_header $(pc --libs liblabyrinth) -pthread
			run ./every_header | grep -q '^owned 100$' || rx_fail "every_header: wrong"
		done
		# shellcheck disable=SC2046 # flags are several words
		"$cxx" "${WARN[@]}" $(pc --cflags liblabyrinth-dpdk) mbuf.cc -o mbuf \
			$(pc --libs liblabyrinth-dpdk)
		run ./mbuf "${EAL[@]}" -l 0 | grep -q '^room 2176$' || rx_fail "mbuf: wrong"
	done
	[[ -e every_header ]] || rx_fail "no C++ compiler"
}

# declared HEADER...: functions that users link with; those that are inline are not.
declared() {
	awk '/^labyrinth_[a-z0-9_]+\(/ && before !~ /static|LABYRINTH_HOT/ {
			sub(/\(.*/, ""); print
		}
		{ before = $0 }' "$@" | sort -u
}

# exported LIBRARY VERSION
exported() {
	nm -D --defined-only --with-symbol-versions "$LIB/$1" |
		sed -n "s/.* T \(.*\)@@$2\$/\1/p" | sort -u
}

# The libraries have what the headers say, with a version each, and nothing else.
test_symbols() {
	say_case "symbols"
	# less those of liblabyrinth-dpdk and of DPDK's drivers
	mapfile -t headers < <(find "$INCLUDE" -name 'labyrinth_*.h' ! -name '*_mbuf.h' \
		! -name '*_mempool.h' ! -name '*_net.h')
	diff <(declared "${headers[@]}") <(exported liblabyrinth.so LABYRINTH_0) ||
		rx_fail "liblabyrinth.so: headers (<) and symbols (>) differ"
	diff <(declared "$INCLUDE/labyrinth_mbuf.h") \
		<(exported liblabyrinth-dpdk.so LABYRINTH_DPDK_0) ||
		rx_fail "liblabyrinth-dpdk.so: headers (<) and symbols (>) differ"
	(($(exported liblabyrinth.so LABYRINTH_0 | wc -l) > 50)) || rx_fail "too few symbols"
}

# application NAME SOURCES...: with the project as its subproject, built; goes there.
application() {
	local name=$1
	shift
	cp -r "$HERE/embed/$name" "$WORK/$name"
	mkdir -p "$WORK/$name/subprojects/labyrinth"
	cp -r "$SOURCE"/{meson.build,meson_options.txt,lib} "$WORK/$name/subprojects/labyrinth/"
	(cd "$SOURCE/app/minimal" && cp "$@" "$WORK/$name/")
	cd "$WORK/$name"
	# not a copy that the machine may have installed
	if ! meson setup build --force-fallback-for=labyrinth >"$WORK/$name.log" 2>&1 ||
			! meson compile -C build >>"$WORK/$name.log" 2>&1; then
		rx_fail "$name: $(tail -5 "$WORK/$name.log")"
	fi
	cd build
}

test_subproject() {
	say_case "as a subproject"
	application subproject minimal.c minimal_pool.c
	run_both
	say_case "as a subproject, without DPDK"
	application without_dpdk minimal_pool.c
	[[ -z $(find . -name '*labyrinth-dpdk*') ]] || rx_fail "DPDK was not left out"
	run ./minimal_pool >/dev/null
}

# What README quotes from minimal.c is in it, line for line.
test_quote() {
	say_case "the quotation in README"
	python3 - "$SOURCE/README.md" minimal.c <<-'PYTHON' || rx_fail "README quotes what is not there"
		import sys
		readme, source = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
		quote = readme.split("`app/minimal/minimal.c`")[1].split("```c\n")[1].split("```")[0]
		sys.exit(not quote.strip() or quote not in source)
	PYTHON
	(($(wc -l <minimal.c) <= 80)) || rx_fail "minimal.c is longer than promised"
}

rx_begin "$1" "$3" 256
install_copy
test_quote
test_symbols
test_shared
test_static
test_cxx
test_subproject
