# SPDX-License-Identifier: BSD-3-Clause
# Implementations side by side: a panel for each case. A block of the table for each case;
# rows: implementation, median, least, most, and 1 if it is ours, 0 an rte_mempool, 2 neither.
# Variables: table, blocks, titles (separated by |), counts (rows of each block), most and
# steps (of each axis), longest (characters of a name), title, and those of common.gp.
load here . "/common.gp"
columns = blocks > 1 ? 2 : 1
set multiplot layout (blocks + columns - 1) / columns, columns title title
set grid noytics xtics lt 1 lw 0.5 lc rgb "#d0d0d0"
set lmargin longest + 2
set rmargin 12
set ytics scale 0
unset key
# the part of a text between bars
part(text, n) = n == 1 ? text[1:strstrt(text . "|", "|") - 1] : \
	part(text[strstrt(text . "|", "|") + 1:*], n - 1)
fill(kind) = kind == 1 ? 0x1b6ca8 : kind == 0 ? 0xe07b39 : 0x909090
number(x) = x >= 1000 ? sprintf("  %.0f", x) : sprintf("  %.4g", x)
do for [b = 1:blocks] {
	set yrange [word(counts, b) - 0.4:-0.6]
	set xrange [0:word(most, b)]
	tick = word(steps, b) * 1.0
	set xtics tick
	set format x (word(most, b) >= 1e5 ? "%.0s%c" : "%g")
	set title part(titles, b)
	plot table index b - 1 using 2:0:(0):2:($0 - 0.4):($0 + 0.4):(fill($5)) \
			with boxxyerror lc rgb variable, \
		"" index b - 1 using 2:0:3:4:ytic(1) with xerrorbars pt 0 lw 1.5 lc rgb "black", \
		"" index b - 1 using 4:0:(number($2)) with labels left
}
unset multiplot
