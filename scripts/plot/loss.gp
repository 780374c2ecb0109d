# SPDX-License-Identifier: BSD-3-Clause
# Frame loss against load. A block of the table for each size: its name, then load (% of
# line rate), loss (%, 0 as the floor), and 1 for a point of the curve, 0 for a trial of
# the search. Variables: table, blocks, floor, title, and those of common.gp.
load here . "/common.gp"
set title title
set xlabel "load, % of line rate"
set ylabel "frames lost, % (logarithmic)"
set logscale y
set yrange [floor / 2:130]
set xrange [0:102]
set format y "%g"
set ytics add ("none" floor)
set key outside right title "bytes"
only(wanted) = ($3 == wanted ? $2 : NaN)
plot for [i = 1:blocks] table index i - 1 using 1:(only(1)) skip 0 with linespoints \
		lw 2 pt 7 ps 0.7 lc rgb colour(i) title columnheader(1), \
	for [i = 1:blocks] table index i - 1 using 1:(only(0)) with points pt 6 ps 0.5 \
		lc rgb colour(i) notitle, \
	0.5 with lines dt 3 lc rgb "black" title "PDR, 0.5 %"
