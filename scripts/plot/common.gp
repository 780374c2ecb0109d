# SPDX-License-Identifier: BSD-3-Clause
# What all plots of results share. Variables: out (file name without its ending), wide and
# high (pixels), ending (svg or png).
set datafile separator tab
set datafile missing "-"
set encoding utf8
set ytics nomirror
set grid ytics lt 1 lw 0.5 lc rgb "#d0d0d0"
set border 3
set style fill solid 0.85 noborder
colour(i) = word("#1b6ca8 #e07b39 #6a994e #8e5ea2 #c1121f #7f7f7f #bc8f00 #17a2a2 \
	#4b3f72 #a0522d #c77dff #2f4f4f", (int(i) - 1) % 12 + 1)
if (ending eq "svg") {
	set terminal svg noenhanced size wide, high font "sans,12" background "white"
} else {
	set terminal pngcairo noenhanced size wide, high font "sans,10"
}
set output out . "." . ending
