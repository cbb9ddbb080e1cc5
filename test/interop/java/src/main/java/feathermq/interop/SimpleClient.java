package feathermq.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;

final class SimpleClient implements OfficialClient {
  private final SimpleConsumer consumer;
  private final Map<String, MessageView> received = new ConcurrentHashMap<>();

  SimpleClient(JsonObject start) throws Exception {
    consumer = ClientServiceProvider.loadService().newSimpleConsumerBuilder()
      .setClientConfiguration(OfficialClient.configuration(start))
      .setConsumerGroup(start.get("group").getAsString())
      .setSubscriptionExpressions(OfficialClient.subscription(start))
      .setAwaitDuration(Duration.ofMillis(start.get("wait").getAsLong()))
      .build();
  }

  @Override
  public JsonElement answer(JsonObject request) throws Exception {
    String ask = request.get("ask").getAsString();
    switch (ask) {
      case "receive" -> {
        JsonArray messages = new JsonArray();
        Duration invisible = Duration.ofMillis(request.get("invisible").getAsLong());
        for (MessageView view : consumer.receive(request.get("max").getAsInt(), invisible)) {
          received.put(Views.receiptHandle(view), view);
          messages.add(Views.plain(view));
        }
        return messages;
      }
      case "ack" -> {
        consumer.ack(view(request));
        return JsonNull.INSTANCE;
      }
      case "invisible" -> {
        MessageView view = view(request);
        consumer.changeInvisibleDuration(view, Duration.ofMillis(request.get("duration").getAsLong()));
        // It writes the new handle into the view.
        received.put(Views.receiptHandle(view), view);
        return new JsonPrimitive(Views.receiptHandle(view));
      }
      default -> throw new IllegalArgumentException("a simple consumer cannot " + ask);
    }
  }

  private MessageView view(JsonObject request) {
    MessageView view = received.get(request.get("receiptHandle").getAsString());
    if (view == null) throw new IllegalStateException("no message with that receipt handle was received here");
    return view;
  }

  @Override
  public void shutdown(Runnable begun) throws Exception {
    begun.run();
    consumer.close();
  }
}
