-- SPDX-License-Identifier: BSD-3-Clause
-- A Pktgen for tests of the Lua scripts in scripts/pktgen: a port of 1,000,000 frames a
-- second at rate 100, into a receiver that takes what LIMIT (frames a second, by size) says.
-- It keeps virtual time, refuses what Pktgen does not know, and reads counters only once a
-- second, as Pktgen does. Usage: lua5.3 fake_pktgen.lua SCRIPT LIMIT_64 LIMIT_OTHERS COUNTFILE

local limits = { [64] = tonumber(arg[2]), other = tonumber(arg[3]) }
local count_file = arg[4]
local LINE = 1000000
local now, started, sent, received, shown = 0, nil, 0, 0, 0
local size, rate = 64, 100

local function publish()
	local file = assert(io.open(count_file, "w"))

	file:write(string.format("%d\n", math.floor(received)))
	file:close()
end

-- Let ms go by.
local function pass(ms)
	local seconds = ms / 1000
	local limit = limits[size] or limits.other

	now = now + ms
	if started then
		sent = sent + LINE * rate / 100 * seconds
		received = received + math.min(LINE * rate / 100, limit) * seconds
	end
	publish()
	if not started and ms >= 1000 then
		shown = math.floor(sent)
	end
end

local function only(value, ...)
	for _, allowed in ipairs({ ... }) do
		if value == allowed then
			return
		end
	end
	error("unknown: " .. tostring(value))
end

pktgen = {
	screen = function(state) only(state, "on", "off") end,
	clr = function() sent, shown = 0, 0 end,
	delay = pass,
	start = function(ports) only(ports, "0") started = now end,
	stop = function(ports) only(ports, "0") started = nil end,
	quit = function() os.exit(0) end,
	set = function(ports, what, value)
		only(ports, "0")
		only(what, "size", "rate", "count")
		if what == "size" then size = assert(math.tointeger(value)) end
		if what == "rate" then rate = assert(tonumber(value)) end
	end,
	portStats = function(ports, kind)
		only(ports, "0")
		only(kind, "port")
		return { [0] = { opackets = shown }, n = 1 }
	end,
}
publish()
dofile(arg[1])
