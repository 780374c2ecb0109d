-- SPDX-License-Identifier: BSD-3-Clause
-- Send for some seconds what the .pkt file before this one set up, and write down how many
-- frames the port took. From run.sh: LABYRINTH_SECONDS, LABYRINTH_SENT (a file).

local seconds = tonumber(os.getenv("LABYRINTH_SECONDS") or "10")
local result = assert(os.getenv("LABYRINTH_SENT"), "LABYRINTH_SENT: no file for the count")

-- Pktgen reads the port's counters once a second: what it shows is older than that.
local SETTLE_MS = 3000

pktgen.screen("off")
pktgen.clr()
pktgen.delay(SETTLE_MS)
pktgen.start("0")
pktgen.delay(math.floor(seconds * 1000))
pktgen.stop("0")
pktgen.delay(SETTLE_MS)

local file = assert(io.open(result, "w"))
file:write(string.format("%d\n", pktgen.portStats("0", "port")[0].opackets))
file:close()
pktgen.quit()
