package feathermq.interop;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a failed call tells. */
final class Failures {
  // The client keeps the code in its text alone.
  private static final Pattern responseCode = Pattern.compile("response-code=(\\d+)");

  private Failures() {}

  static String text(Throwable failure) {
    return failure.getCause() == null ? failure.toString() : failure + ": " + text(failure.getCause());
  }

  static Optional<Integer> code(Throwable failure) {
    Matcher matcher = responseCode.matcher(text(failure));
    return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
  }
}
