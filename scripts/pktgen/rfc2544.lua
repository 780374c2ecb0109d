-- SPDX-License-Identifier: BSD-3-Clause
-- RFC 2544 throughput from Pktgen into labyrinth-rx, which has no way back: how many frames
-- have arrived is asked of it by a command. For each size the highest rate, in % of what the
-- port is said to do, at which no more than the tolerance is lost; found by halving.
-- From run.sh:
--   LABYRINTH_RECEIVED   a command that prints the frames received so far
--   LABYRINTH_RESULT     the file for the table: size, rate %, sent, received, loss %
--   LABYRINTH_SECONDS    of a trial (10), LABYRINTH_SIZES (those of RFC 2544),
--   LABYRINTH_TOLERANCE  % that may be lost (0), LABYRINTH_STEP  % of rate to stop at (1)

local function setting(name, default)
	return os.getenv("LABYRINTH_" .. name) or default
end

local receive_command = assert(setting("RECEIVED"), "LABYRINTH_RECEIVED: no command")
local result = assert(setting("RESULT"), "LABYRINTH_RESULT: no file for the table")
local seconds = tonumber(setting("SECONDS", "10"))
local tolerance = tonumber(setting("TOLERANCE", "0"))
local step = tonumber(setting("STEP", "1"))
local sizes = setting("SIZES", "64,128,256,512,1024,1280,1518")

-- Pktgen reads the port's counters once a second: what it shows is older than that.
local SETTLE_MS = 3000

local function received()
	local pipe = assert(io.popen(receive_command))
	local number = tonumber(pipe:read("a"))

	pipe:close()
	return assert(number, "LABYRINTH_RECEIVED prints no number: " .. receive_command)
end

local function sent()
	return pktgen.portStats("0", "port")[0].opackets
end

-- One trial. Frames that were sent, and those of them that arrived.
local function trial(size, rate)
	local sent_before, received_before

	pktgen.set("0", "size", size)
	pktgen.set("0", "rate", rate)
	pktgen.delay(SETTLE_MS)
	sent_before, received_before = sent(), received()
	pktgen.start("0")
	pktgen.delay(math.floor(seconds * 1000))
	pktgen.stop("0")
	pktgen.delay(SETTLE_MS)
	return sent() - sent_before, received() - received_before
end

-- The highest rate that passes, with what was seen there; nil if none does.
local function search(size)
	local low, high, best = 0, 100, nil
	local rate = high

	repeat
		local out, back = trial(size, rate)
		local loss = out > 0 and 100 * (out - back) / out or 100

		if out > 0 and loss <= tolerance then
			low = rate
			best = { rate = rate, sent = out, received = back, loss = loss }
		else
			high = rate
		end
		rate = (low + high) / 2
	until low == high or high - low < step
	return best
end

local file = assert(io.open(result, "w"))

file:write("size\trate_percent\tsent\treceived\tloss_percent\n")
pktgen.screen("off")
pktgen.set("0", "count", 0)
for size in sizes:gmatch("%d+") do
	local best = search(tonumber(size))

	if best then
		file:write(string.format("%s\t%.2f\t%d\t%d\t%.6f\n", size, best.rate, best.sent,
			best.received, best.loss))
	else
		file:write(size .. "\tnone\t-\t-\t-\n")
	end
	file:flush()
end
file:close()
pktgen.quit()
