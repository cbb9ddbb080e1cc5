package feathermq.interop;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The lines that this process writes. */
final class Lines {
  // Null members stay: a reply without its value would be none.
  private static final Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
  private static final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

  private Lines() {}

  static synchronized void write(JsonObject line) {
    out.print(gson.toJson(line) + '\n');
    out.flush();
  }
}
