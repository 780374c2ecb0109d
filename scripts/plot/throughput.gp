# SPDX-License-Identifier: BSD-3-Clause
# Throughput by frame size against line rate. Columns of the table: size, line rate in Mpps
# and Gb/s, then Mpps and Gb/s of each series. Variables: table, series and sizes (how
# many), title, and those of common.gp.
load here . "/common.gp"
set style data histogram
set style histogram cluster gap 1
set boxwidth 0.9
set xtics scale 0
set key outside top center horizontal autotitle columnheader
set xrange [-0.6:sizes - 0.4]
set multiplot layout 2, 1 title title
set ylabel "Gb/s on the wire, preamble and gap included"
set yrange [0:*]
plot for [i = 1:series] table using 3 + 2 * i:xtic(1) lc rgb colour(i), \
	table using 0:3 with linespoints lw 2 dt 2 pt 2 lc rgb "black" title "line rate"
set key off
set xlabel "frame, bytes (FCS included)"
set ylabel "Mpps (logarithmic)"
set logscale y
set yrange [*:*]
plot for [i = 1:series] table using 2 + 2 * i:xtic(1) lc rgb colour(i), \
	table using 0:2 with points pt 2 ps 1.5 lw 2 lc rgb "black"
unset multiplot
