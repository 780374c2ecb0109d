# SPDX-License-Identifier: BSD-3-Clause
# The plot of scripts/scenario-100g.sh, as SVG and PNG. Variables: table (the TSV), out
# (file name without its ending), pools, policies, sizes (lists), title.
# A column of panels for each pool: what was delivered, for how long frames were lost
# once pages were back, and the latency.
set datafile separator tab
set datafile missing "-"
set style fill solid 0.85 noborder
set style data histogram
set style histogram cluster gap 1
set boxwidth 0.9
set xtics rotate by -40 scale 0
set ytics nomirror
set grid ytics lc rgb "#d0d0d0"
set key noautotitle

colour(i) = word("#1b6ca8 #e07b39 #6a994e #8e5ea2", i)
nb_pools = words(pools)
# Rows of one policy and one pool, in the order of sizes, as the table has them.
rows(policy, pages) = sprintf("< awk -F'\\t' '$2 == \"%s\" && $3 == %s' '%s'", \
	policy, pages, table)

array label[3] = ["delivered, % of what was sent", "recovery, us", "p99 latency, us"]
array column_of[3] = [5, 11, 13]

do for [ending in "svg png"] {
	if (ending eq "svg") {
		set terminal svg size 420 * nb_pools + 60, 1000 font "sans,12" background "white"
	} else {
		set terminal pngcairo size 420 * nb_pools + 60, 1000 font "sans,10"
	}
	set output out . "." . ending
	set multiplot layout 3, nb_pools rowsfirst title title
	do for [panel = 1:3] {
		do for [p = 1:nb_pools] {
			set title sprintf("%s pages", word(pools, p))
			set ylabel (p == 1 ? label[panel] : "")
			set xlabel (panel == 3 ? "frame, bytes" : "")
			set yrange [0:*]
			if (panel == 1) { set yrange [0:105] }
			if (panel == 1 && p == nb_pools) { set key top left opaque } \
				else { unset key }
			plot for [i = 1:words(policies)] rows(word(policies, i), word(pools, p)) \
				using (column(column_of[panel])):xtic(1) \
				lc rgb colour(i) title word(policies, i)
		}
	}
	unset multiplot
	unset output
}
