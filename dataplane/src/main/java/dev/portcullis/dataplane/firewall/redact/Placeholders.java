package dev.portcullis.dataplane.firewall.redact;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names for the values of one body: the same value has the same name. Values are remembered by a digest, 10,000 at most.
 * Not thread-safe.
 */
final class Placeholders {
    /** Different values of one body. */
    static final int MOST = 10_000;

    private record Value(String name, long high, long low) {}

    private final MessageDigest digest;
    private final Map<Value, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    Placeholders() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Takes the next bytes of a value. */
    void add(byte[] text, int from, int to) {
        digest.update(text, from, to - from);
    }

    /**
     * What stands for the value that was added since the last call.
     *
     * @param name its class
     * @return null where there are too many values
     */
    byte @Nullable [] take(String name) {
        var hash = ByteBuffer.wrap(digest.digest());
        var value = new Value(name, hash.getLong(), hash.getLong());
        var number = numbers.get(value);
        if (number == null) {
            if (numbers.size() == MOST) {
                return null;
            }
            number = counts.merge(name, 1, Integer::sum);
            numbers.put(value, number);
        }
        return ("<pl:" + name + ":" + number + ">").getBytes(StandardCharsets.US_ASCII);
    }

    /** How many different values of each class there were. */
    Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }
}
