# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# The driver headers before a build. Needs say.sh and HERE, the scripts folder.

# driver_headers: fetch them; without them all but drivers/net is built.
driver_headers() {
	"$HERE/driver-headers.sh" >/dev/null ||
		warn "NO DRIVER HEADERS: the virtual 100 Gb/s NIC (net_labyrinth) is left out"
}
