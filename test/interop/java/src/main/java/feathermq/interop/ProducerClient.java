package feathermq.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Base64;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.apache.rocketmq.client.apis.producer.Transaction;
import org.apache.rocketmq.client.apis.producer.TransactionResolution;

final class ProducerClient implements OfficialClient {
  private final ClientServiceProvider provider = ClientServiceProvider.loadService();
  private final Producer producer;

  ProducerClient(JsonObject start) throws Exception {
    producer = provider.newProducerBuilder()
      .setClientConfiguration(OfficialClient.configuration(start))
      .setTopics(start.get("topic").getAsString())
      // Answers what the message says itself.
      .setTransactionChecker(half -> "commit".equals(half.getProperties().get("answer")) ? TransactionResolution.COMMIT : TransactionResolution.ROLLBACK)
      .build();
  }

  @Override
  public JsonElement answer(JsonObject request) throws Exception {
    if (request.get("ask").getAsString().equals("recall")) {
      return new JsonPrimitive(producer.recallMessage(request.get("topic").getAsString(), request.get("recallHandle").getAsString()).getMessageId().toString());
    }
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
    if (message.has("priority")) builder.setPriority(message.get("priority").getAsInt());
    SendReceipt sent = message.has("transaction")
      ? sendInTransaction(builder.build(), message.get("transaction").getAsString())
      : producer.send(builder.build());
    JsonObject receipt = new JsonObject();
    receipt.addProperty("messageId", sent.getMessageId().toString());
    receipt.addProperty("recallHandle", sent.getRecallHandle());
    return receipt;
  }

  private SendReceipt sendInTransaction(Message message, String fate) throws Exception {
    Transaction transaction = producer.beginTransaction();
    SendReceipt sent = producer.send(message, transaction);
    if (fate.equals("commit")) transaction.commit();
    if (fate.equals("rollback")) transaction.rollback();
    return sent;
  }

  @Override
  public void shutdown(Runnable begun) throws Exception {
    begun.run();
    producer.close();
  }
}
