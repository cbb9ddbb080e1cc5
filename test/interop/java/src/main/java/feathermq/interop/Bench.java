package feathermq.interop;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.PushConsumer;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;

/** The official Java client at work for test/bench: gets warm, says "ready", waits for a line, does its task, and tells the CPU time that it used, in µs. */
public final class Bench {
  private static final ClientServiceProvider provider = ClientServiceProvider.loadService();

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    String what = arguments[0];
    String endpoints = arguments[1];
    String topic = arguments[2];
    String group = arguments[3];
    int inFlight = Integer.parseInt(arguments[4]);
    int warmUp = Integer.parseInt(arguments[5]);
    int count = Integer.parseInt(arguments[6]);
    byte[] body = new byte[Integer.parseInt(arguments[7])];
    Arrays.fill(body, (byte) 'a');
    ClientConfiguration configuration = ClientConfiguration.newBuilder().setEndpoints(endpoints).enableSsl(false).build();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String told;
    switch (what) {
      case "send" -> {
        Producer producer = provider.newProducerBuilder().setClientConfiguration(configuration).setTopics(topic).build();
        send(producer, topic, body, inFlight, warmUp);
        say("ready");
        lines.readLine();
        long before = cpu();
        send(producer, topic, body, inFlight, count);
        told = String.valueOf(cpu() - before);
      }
      case "handle" -> {
        say("ready");
        lines.readLine();
        told = String.valueOf(handle(configuration, topic, group, warmUp, count));
      }
      case "latency" -> {
        say("ready");
        lines.readLine();
        told = latency(configuration, topic, group, body, warmUp, count);
      }
      default -> throw new IllegalArgumentException(what);
    }
    say(told);
    // Its shutdown would wait for open polls.
    Runtime.getRuntime().halt(0);
  }

  private static void send(Producer producer, String topic, byte[] body, int inFlight, int count) throws Exception {
    Semaphore places = new Semaphore(inFlight);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int sent = 0; sent < count; sent += 1) {
      places.acquire();
      Message message = provider.newMessageBuilder().setTopic(topic).setBody(body).setTag("created").setKeys("o-1").build();
      producer.sendAsync(message).whenComplete((receipt, error) -> {
        if (error != null) failure.set(error);
        places.release();
      });
    }
    places.acquire(inFlight);
    if (failure.get() != null) throw new IllegalStateException("a send failed", failure.get());
  }

  /** From the first message after the warm-up to the last one, without a pause in which it could fetch ahead. */
  private static long handle(ClientConfiguration configuration, String topic, String group, int warmUp, int count) throws Exception {
    AtomicInteger handled = new AtomicInteger();
    AtomicLong before = new AtomicLong();
    CountDownLatch done = new CountDownLatch(1);
    PushConsumer consumer = provider.newPushConsumerBuilder()
      .setClientConfiguration(configuration)
      .setConsumerGroup(group)
      .setSubscriptionExpressions(Map.of(topic, new FilterExpression("*")))
      .setMessageListener(message -> {
        int number = handled.incrementAndGet();
        if (number == warmUp) before.set(cpu());
        if (number == warmUp + count) done.countDown();
        return ConsumeResult.SUCCESS;
      })
      .build();
    done.await();
    // Acknowledgements of the last ones are under way; nothing tells when they have ended.
    Thread.sleep(200);
    long used = cpu() - before.get();
    if (consumer.getConsumerGroup().isEmpty()) throw new IllegalStateException("unreachable: it must not be collected before");
    return used;
  }

  /**
   * A thousand messages a second, each timed from the moment at which it was to be sent to its listener. Returns CPU time in µs, and the time of the middle
   * one and of the slowest of a hundred in ms.
   */
  private static String latency(ClientConfiguration configuration, String topic, String group, byte[] body, int warmUp, int count) throws Exception {
    int all = warmUp + count;
    AtomicLong start = new AtomicLong();
    AtomicInteger handled = new AtomicInteger();
    double[] delays = new double[count];
    AtomicInteger next = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    long before = cpu();
    PushConsumer consumer = provider.newPushConsumerBuilder()
      .setClientConfiguration(configuration)
      .setConsumerGroup(group)
      .setSubscriptionExpressions(Map.of(topic, new FilterExpression("*")))
      .setMessageListener(message -> {
        int number = Integer.parseInt(message.getProperties().get("n"));
        double delay = (System.nanoTime() - start.get()) / 1e6 - number;
        int place = number < warmUp ? count : next.getAndIncrement();
        if (place < count) delays[place] = delay;
        if (handled.incrementAndGet() > all) done.countDown();
        return ConsumeResult.SUCCESS;
      })
      .build();
    Producer producer = provider.newProducerBuilder().setClientConfiguration(configuration).setTopics(topic).build();
    // One that opens the connections.
    producer.send(numbered(topic, body, -1));
    start.set(System.nanoTime());
    for (int sent = 0; sent < all; ) {
      long due = Math.min(all, (System.nanoTime() - start.get()) / 1_000_000);
      for (; sent < due; sent += 1) {
        producer.sendAsync(numbered(topic, body, sent)).whenComplete((receipt, error) -> {
          if (error == null) return;
          // Its message would be waited for in vain.
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
        });
      }
      Thread.sleep(1);
    }
    done.await();
    long used = cpu() - before;
    if (consumer.getConsumerGroup().isEmpty()) throw new IllegalStateException("unreachable: it must not be collected before");
    Arrays.sort(delays);
    return used + " " + delays[count / 2] + " " + delays[Math.min(count - 1, (int) (count * 0.99))];
  }

  private static Message numbered(String topic, byte[] body, int number) {
    return provider.newMessageBuilder().setTopic(topic).setBody(body).addProperty("n", String.valueOf(number)).build();
  }

  private static long cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1_000;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
