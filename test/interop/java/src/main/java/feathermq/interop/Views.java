package feathermq.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Base64;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.java.message.MessageViewImpl;

/** Messages as the client gives them out. */
final class Views {
  private Views() {}

  /** The public interface shows no handle. */
  static String receiptHandle(MessageView view) {
    return ((MessageViewImpl) view).getReceiptHandle();
  }

  static JsonObject plain(MessageView view) {
    JsonObject message = new JsonObject();
    message.addProperty("messageId", view.getMessageId().toString());
    message.addProperty("topic", view.getTopic());
    byte[] body = new byte[view.getBody().remaining()];
    view.getBody().get(body);
    message.addProperty("body", Base64.getEncoder().encodeToString(body));
    message.addProperty("tag", view.getTag().orElse(""));
    JsonArray keys = new JsonArray();
    view.getKeys().forEach(keys::add);
    message.add("keys", keys);
    JsonObject properties = new JsonObject();
    view.getProperties().forEach(properties::addProperty);
    message.add("properties", properties);
    message.addProperty("messageGroup", view.getMessageGroup().orElse(""));
    message.addProperty("attempt", view.getDeliveryAttempt());
    message.addProperty("receiptHandle", receiptHandle(view));
    message.addProperty("corrupted", ((MessageViewImpl) view).isCorrupted());
    view.getDeliveryTimestamp().ifPresent(time -> message.addProperty("deliverAt", time));
    return message;
  }
}
