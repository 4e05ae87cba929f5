package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.regex.Pattern;

/** A length of time as users write it: {@code 300ms}, {@code 90s}, {@code 1h30m}, {@code 7d}. */
public record TimeSpan(Duration duration) {
    /** The syntax in CRD schemas, which stops at hours because CEL's durations do. */
    public static final String PATTERN = "^([0-9]{1,9}(ms|s|m|h)){1,4}$";

    /** {@link #PATTERN} for fields that take whole seconds only. */
    public static final String SECONDS_PATTERN = "^([0-9]{1,9}(s|m|h)){1,3}$";

    private static final Pattern PART = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");

    /**
     * Parses {@code text}.
     *
     * @throws IllegalArgumentException when it is not one or more numbers, each with a unit, or is longer than 100 years
     */
    @JsonCreator
    public static TimeSpan parse(String text) {
        var part = PART.matcher(text);
        var total = Duration.ZERO;
        var end = 0;
        while (end < text.length()) {
            if (!part.find(end) || part.start() != end) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not a duration: write a number and a unit, such as 300ms, 90s, 5m or 24h");
            }
            var number = Long.parseLong(part.group(1));
            total = total.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    });
            end = part.end();
        }
        if (end == 0 || total.compareTo(Duration.ofDays(36500)) > 0) {
            throw new IllegalArgumentException("'" + text + "' is not a duration between 0s and 36500d");
        }
        return new TimeSpan(total);
    }

    /** The duration in milliseconds. */
    public long toMillis() {
        return duration.toMillis();
    }

    /** The duration in the largest units that keep it exact, hours at most, as the schemas accept it. */
    @Override
    @JsonValue
    public String toString() {
        var left = duration.toMillis();
        if (left == 0) {
            return "0s";
        }
        var text = new StringBuilder();
        long[] sizes = {3_600_000, 60_000, 1_000, 1};
        String[] units = {"h", "m", "s", "ms"};
        for (var i = 0; i < sizes.length; i++) {
            if (left >= sizes[i]) {
                text.append(left / sizes[i]).append(units[i]);
                left %= sizes[i];
            }
        }
        return text.toString();
    }
}
