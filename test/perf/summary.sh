# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What runs gave, one number a line, in short.

# median < numbers
median() {
	sort -n | awk '{ n[NR] = $1 }
		END { print NR % 2 ? n[(NR + 1) / 2] : (n[NR / 2] + n[NR / 2 + 1]) / 2 }'
}

# summary NAME < numbers: median, least and most in Mpps.
summary() {
	sort -n | awk -v name="$1" '
		{ n[NR] = $1 / 1e6 }
		END {
			median = NR % 2 ? n[(NR + 1) / 2] : (n[NR / 2] + n[NR / 2 + 1]) / 2
			printf "%-16s median %8.2f  min %8.2f  max %8.2f Mpps  (%d runs)\n",
				name, median, n[1], n[NR], NR
		}'
}
