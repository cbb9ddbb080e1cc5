package feathermq.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Base64;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.producer.Producer;

final class ProducerClient implements OfficialClient {
  private final ClientServiceProvider provider = ClientServiceProvider.loadService();
  private final Producer producer;

  ProducerClient(JsonObject start) throws Exception {
    producer = provider.newProducerBuilder()
      .setClientConfiguration(OfficialClient.configuration(start))
      .setTopics(start.get("topic").getAsString())
      .build();
  }

  @Override
  public JsonElement answer(JsonObject request) throws Exception {
    JsonObject message = request.getAsJsonObject("message");
    MessageBuilder builder = provider.newMessageBuilder()
      .setTopic(message.get("topic").getAsString())
      .setBody(Base64.getDecoder().decode(message.get("body").getAsString()));
    if (message.has("tag")) builder.setTag(message.get("tag").getAsString());
    if (message.has("keys")) {
      builder.setKeys(message.getAsJsonArray("keys").asList().stream().map(JsonElement::getAsString).toArray(String[]::new));
    }
    if (message.has("properties")) {
      message.getAsJsonObject("properties").asMap().forEach((name, value) -> builder.addProperty(name, value.getAsString()));
    }
    if (message.has("messageGroup")) builder.setMessageGroup(message.get("messageGroup").getAsString());
    if (message.has("deliverAt")) builder.setDeliveryTimestamp(message.get("deliverAt").getAsLong());
    JsonObject receipt = new JsonObject();
    receipt.addProperty("messageId", producer.send(builder.build()).getMessageId().toString());
    return receipt;
  }

  @Override
  public void shutdown(Runnable begun) throws Exception {
    begun.run();
    producer.close();
  }
}
