package feathermq.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.shaded.com.google.common.util.concurrent.Service;

final class PushClient implements OfficialClient {
  private final int number;
  private final PushConsumer consumer;
  private final AtomicInteger arrivals = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Boolean>> decisions = new ConcurrentHashMap<>();

  PushClient(int number, JsonObject start) throws Exception {
    this.number = number;
    consumer = ClientServiceProvider.loadService().newPushConsumerBuilder()
      .setClientConfiguration(OfficialClient.configuration(start))
      .setConsumerGroup(start.get("group").getAsString())
      .setSubscriptionExpressions(OfficialClient.subscription(start))
      .setMessageListener(this::consume)
      .build();
  }

  private ConsumeResult consume(MessageView view) {
    int arrival = arrivals.getAndIncrement();
    CompletableFuture<Boolean> decision = new CompletableFuture<>();
    decisions.put(arrival, decision);
    JsonObject line = new JsonObject();
    line.addProperty("client", number);
    line.addProperty("arrived", arrival);
    line.add("message", Views.plain(view));
    Lines.write(line);
    return decision.join() ? ConsumeResult.SUCCESS : ConsumeResult.FAILURE;
  }

  @Override
  public void decide(int arrival, boolean success) {
    decisions.remove(arrival).complete(success);
  }

  @Override
  public JsonElement answer(JsonObject request) {
    throw new IllegalArgumentException("a push consumer cannot " + request.get("ask").getAsString());
  }

  @Override
  public void shutdown(Runnable begun) throws Exception {
    // The client waits for its open polls, up to 20 s, but opens none once it is stopping. Only the service that it is inside tells when that is.
    ((Service) consumer).addListener(new Service.Listener() {
      @Override
      public void stopping(Service.State from) {
        begun.run();
      }
    }, Runnable::run);
    consumer.close();
  }
}
