package feathermq.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Leads official clients for a test: requests come as JSON lines on stdin, answers and arrivals go as JSON lines to stdout. Which there are is written in
 * test/support/official/calls.ts. The process ends by itself when stdin has ended and every client was shut down: the client's own threads would hold it.
 */
public final class Driver {
  private static final Map<Integer, OfficialClient> clients = new ConcurrentHashMap<>();

  private Driver() {}

  public static void main(String[] arguments) throws IOException {
    // A thread for each request: the calls of the client that are used here block.
    ExecutorService threads = Executors.newCachedThreadPool();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonObject request = JsonParser.parseString(line).getAsJsonObject();
        if (request.has("decide")) {
          clients.get(request.get("client").getAsInt()).decide(request.get("decide").getAsInt(), request.get("success").getAsBoolean());
        } else {
          threads.execute(() -> reply(request));
        }
      }
    }
    threads.shutdown();
  }

  private static void reply(JsonObject request) {
    JsonObject reply = new JsonObject();
    reply.add("reply", request.get("id"));
    try {
      reply.add("value", answer(request));
    } catch (Throwable failure) {
      reply.addProperty("error", Failures.text(failure));
      Failures.code(failure).ifPresent(code -> reply.addProperty("code", code));
    }
    Lines.write(reply);
  }

  private static JsonElement answer(JsonObject request) throws Exception {
    int number = request.get("client").getAsInt();
    switch (request.get("ask").getAsString()) {
      case "start" -> {
        clients.put(number, OfficialClient.start(number, request.getAsJsonObject("start")));
        return JsonNull.INSTANCE;
      }
      case "shutdown" -> {
        clients.remove(number).shutdown(() -> Lines.write(closing(number)));
        return JsonNull.INSTANCE;
      }
      default -> {
        return clients.get(number).answer(request);
      }
    }
  }

  private static JsonObject closing(int number) {
    JsonObject line = new JsonObject();
    line.addProperty("client", number);
    line.addProperty("closing", true);
    return line;
  }
}
