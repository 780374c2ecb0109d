# SPDX-License-Identifier: BSD-3-Clause
# Latency percentiles. A block of the table for each part of PDR; rows: percentile, then µs
# of each size. Variables: table, series (sizes), blocks, loads (names of the blocks), title,
# and those of common.gp.
load here . "/common.gp"
set logscale y
set multiplot layout 1, blocks title title
set xtics scale 0
set xrange [-0.3:4.3]
set format y "%g"
set yrange [floor:ceiling]
do for [b = 1:blocks] {
	set title word(loads, b) . " % of PDR"
	set ylabel (b == 1 ? "us from arrival to the application (logarithmic)" : "")
	set key bottom right title "bytes"
	if (b > 1) { unset key }
	plot for [i = 1:series] table index b - 1 using 0:(column(1 + i)):xtic(1) \
		with linespoints lw 2 pt 7 ps 0.7 lc rgb colour(i) title columnheader(1 + i)
}
unset multiplot
