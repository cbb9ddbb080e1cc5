package feathermq.interop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientConfigurationBuilder;
import org.apache.rocketmq.client.apis.StaticSessionCredentialsProvider;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;

/** One official client. */
interface OfficialClient {
  JsonElement answer(JsonObject request) throws Exception;

  /** A push consumer's listener answers what the test decides. */
  default void decide(int arrival, boolean success) {
    throw new IllegalStateException("this client is no push consumer");
  }

  /** Blocks until it is shut down; {@code begun} runs once it has begun. */
  void shutdown(Runnable begun) throws Exception;

  static OfficialClient start(int number, JsonObject start) throws Exception {
    String role = start.get("role").getAsString();
    return switch (role) {
      case "producer" -> new ProducerClient(start);
      case "simple" -> new SimpleClient(start);
      case "push" -> new PushClient(number, start);
      default -> throw new IllegalArgumentException("no such role: " + role);
    };
  }

  static ClientConfiguration configuration(JsonObject start) {
    ClientConfigurationBuilder builder = ClientConfiguration.newBuilder().setEndpoints(start.get("endpoints").getAsString());
    // By default it uses TLS and trusts any certificate.
    if (!start.has("tls") || !start.get("tls").getAsBoolean()) builder.enableSsl(false);
    if (start.has("namespace")) builder.setNamespace(start.get("namespace").getAsString());
    if (start.has("accessKey")) {
      String secretKey = start.get("secretKey").getAsString();
      builder.setCredentialProvider(new StaticSessionCredentialsProvider(start.get("accessKey").getAsString(), secretKey));
    }
    return builder.build();
  }

  static Map<String, FilterExpression> subscription(JsonObject start) {
    return Map.of(start.get("topic").getAsString(), new FilterExpression(start.get("filter").getAsString()));
  }
}
