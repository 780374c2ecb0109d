# SPDX-License-Identifier: BSD-3-Clause
# Curves in panels. A block of the table for each curve, in the order of the panels: its
# name, then x, median, least and most. Variables: table, counts (curves of each panel),
# panels, titles, xlabels, ylabels, ticks (of the x axis, empty: as they come; all separated
# by |), logs (for each panel some of x and y, or -), columns (panels in a row), title, and
# those of common.gp.
load here . "/common.gp"
part(text, n) = n == 1 ? text[1:strstrt(text . "|", "|") - 1] : \
	part(text[strstrt(text . "|", "|") + 1:*], n - 1)
set multiplot layout (panels + columns - 1) / columns, columns title title
set key below Left reverse samplen 2
set grid xtics ytics lt 1 lw 0.5 lc rgb "#d0d0d0"
set format y "%g"
set autoscale xfix
first = 0
do for [p = 1:panels] {
	how = word(logs, p)
	unset logscale
	set format x "%g"
	if (strstrt(how, "x") > 0) { set logscale x 2; set format x "%.0s%c" }
	if (strstrt(how, "y") > 0) { set logscale y; set yrange [*:*] } else { set yrange [0:*] }
	set xtics autofreq
	if (strlen(part(ticks, p)) > 0) { eval "set xtics (" . part(ticks, p) . ")" }
	set offsets graph 0.03, graph 0.03, 0, 0
	set title part(titles, p)
	set xlabel part(xlabels, p) offset 0, 0.6
	set ylabel part(ylabels, p)
	n = word(counts, p)
	# more would be a thicket
	few(y) = n > 4 ? NaN : y
	plot for [i = 1:n] table index first + i - 1 using 1:(few($2)):3:4 skip 1 \
			with yerrorbars pt 0 lw 1 lc rgb colour(i) notitle, \
		for [i = 1:n] table index first + i - 1 using 1:2 with linespoints lw 2 \
			pt 7 ps 0.6 lc rgb colour(i) title columnheader(1)
	first = first + n
}
unset multiplot
