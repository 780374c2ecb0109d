# SPDX-License-Identifier: BSD-3-Clause
# Losses over time, by policy: a panel for each size. A block of the table for each size and
# policy; rows: ms, frames lost since the moment before, % of those that came. Variables:
# table, sizes, policies (lists), from and to (ms while frames are kept), last (ms), title,
# and those of common.gp.
load here . "/common.gp"
panels = words(sizes)
columns = panels > 1 ? 2 : 1
set multiplot layout (panels + columns - 1) / columns, columns title title
set yrange [-3:103]
set xrange [0:last]
set object 1 rectangle from from, graph 0 to to, graph 1 fc rgb "#e8e8e8" fs solid noborder \
	behind
do for [s = 1:panels] {
	set title word(sizes, s) . " bytes"
	set ylabel (s % columns == 1 || columns == 1 ? "lost, % of what came" : "")
	set xlabel (s > panels - columns ? "ms; grey: the application keeps every frame" : "")
	set key center right
	if (s > 1) { unset key }
	plot for [p = 1:words(policies)] table index (s - 1) * words(policies) + p - 1 \
		using 1:2 with lines lw 2 lc rgb colour(p) title word(policies, p)
}
unset multiplot
