-- What ours does with a SendMessage, as one would write it for Envoy's Lua filter. It has no counters; what it tells of a
-- call is dynamic metadata. It waits for the whole body: headers can be set before it goes on, and no later.
local SEND = "/apache.rocketmq.v2.MessagingService/SendMessage"
local WINDOW = 512

local function varint(bytes, at)
  local value, factor = 0, 1
  while true do
    local byte = string.byte(bytes, at)
    if byte == nil or factor > 2 ^ 53 then return nil, at end
    at = at + 1
    if byte < 128 then return value + byte * factor, at end
    value = value + (byte - 128) * factor
    factor = factor * 128
  end
end

-- Where the value of a field begins, and where the message goes on behind its length.
local function find(bytes, at, last, field)
  while at <= last do
    local tag
    tag, at = varint(bytes, at)
    if tag == nil then return nil end
    local kind = tag % 8
    if (tag - kind) / 8 == field then return at end
    if kind == 0 then
      tag, at = varint(bytes, at)
    elseif kind == 1 then
      at = at + 8
    elseif kind == 5 then
      at = at + 4
    else
      local length
      length, at = varint(bytes, at)
      if length == nil then return nil end
      at = at + length
    end
  end
  return nil
end

local function inner(bytes, at, last, field)
  at = find(bytes, at, last, field)
  if at == nil then return nil end
  local length
  length, at = varint(bytes, at)
  if length == nil then return nil end
  return at, at + length - 1
end

local function beginning(body)
  return body:getBytes(0, math.min(body:length(), WINDOW))
end

-- SendMessageRequest.messages = 1, Message.topic = 1, Resource.name = 2
local function topic_of(bytes)
  local at, last = inner(bytes, 6, #bytes, 1)
  if at ~= nil then at, last = inner(bytes, at, last, 1) end
  if at ~= nil then at, last = inner(bytes, at, last, 2) end
  if at == nil or last > #bytes then return nil end
  return string.sub(bytes, at, last)
end

-- SendMessageResponse.status = 1, Status.code = 1
local function code_of(bytes)
  local at, last = inner(bytes, 6, #bytes, 1)
  if at ~= nil then at = find(bytes, at, last, 1) end
  if at == nil then return nil end
  return (varint(bytes, at))
end

function envoy_on_request(handle)
  if handle:headers():get(":path") ~= SEND then return end
  handle:streamInfo():dynamicMetadata():set("fmq", "op", "send")
  -- What was taken from the handle before a wait is no good after it.
  local body = handle:body()
  local topic = body ~= nil and topic_of(beginning(body)) or nil
  if topic == nil then return end
  local is_payments = topic == "payments" or string.sub(topic, 1, 9) == "payments-"
  handle:headers():replace("x-fmq-cluster", is_payments and "west" or "east")
  handle:streamInfo():dynamicMetadata():set("fmq", "topic", topic)
  -- By this a benchmark sees that every copy has read the topic.
  if topic == "who-is-there" then handle:headers():add("x-seen", "lua") end
end

function envoy_on_response(handle)
  local known = handle:streamInfo():dynamicMetadata():get("fmq")
  if known == nil or known["op"] ~= "send" then return end
  local body = handle:body()
  local code = body ~= nil and code_of(beginning(body)) or nil
  if code ~= nil then handle:streamInfo():dynamicMetadata():set("fmq", "code", code) end
end
