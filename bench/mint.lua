-- wrk's script for all subjects: who asks, and what is told at the end.
-- Arguments: a file with one JWT in each line, the path, the body.

local requests = {}
local next_one = 0

function init(arguments)
  local headers = { ["Content-Type"] = "application/json" }
  for token in io.lines(arguments[1]) do
    headers["Authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format("POST", arguments[2], headers, arguments[3])
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end


function done(summary, latency)
  io.write(string.format(
    "{\"requests\": %d, \"seconds\": %.6f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"not_2xx\": %d, \"broken\": %d}\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
