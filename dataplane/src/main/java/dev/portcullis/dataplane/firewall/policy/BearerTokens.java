package dev.portcullis.dataplane.firewall.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several secrets of which a caller must present one (RFC 6750), so that they can be changed one caller at a time. All are
 * compared each time, as digests, so that the time taken tells nothing. Never printed.
 */
public final class BearerTokens {
    /** Most tokens. */
    public static final int MOST = 64;

    private static final String SCHEME = "Bearer ";

    private final List<byte[]> digests = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final Set<String> all;

    /**
     * Reads one token a line; empty lines count for nothing, and a token that is there twice counts once.
     *
     * @throws IllegalArgumentException when there is none, one is too short or there are too many; never quotes one
     */
    public BearerTokens(byte[] lines) {
        for (var line : new String(lines, StandardCharsets.UTF_8).split("\\R")) {
            var token = line.strip();
            if (token.isEmpty()) {
                continue;
            }
            var bytes = token.getBytes(StandardCharsets.UTF_8);
            if (bytes.length < BearerToken.SHORTEST) {
                throw new IllegalArgumentException("token " + (digests.size() + 1) + " is shorter than "
                        + BearerToken.SHORTEST + " bytes: store a longer one");
            }
            var digest = digest(bytes);
            var id = HexFormat.of().formatHex(digest, 0, 16);
            if (!ids.contains(id)) {
                digests.add(digest);
                ids.add(id);
            }
        }
        if (digests.isEmpty() || digests.size() > MOST) {
            throw new IllegalArgumentException("there must be 1 to " + MOST + " tokens, one a line");
        }
        all = Set.copyOf(ids);
    }

    /**
     * What tells the token in {@code authorization}, the values of all headers of that name, from the others; null where it
     * is none of them, and where there is more than one value: nobody can say which one another reader of the request went by.
     */
    public @Nullable String presentedBy(List<String> authorization) {
        if (authorization.size() != 1) {
            return null;
        }
        var value = authorization.getFirst();
        if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        var presented = digest(value.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
        String found = null;
        for (var i = 0; i < digests.size(); i++) {
            if (MessageDigest.isEqual(digests.get(i), presented)) {
                found = ids.get(i);
            }
        }
        return found;
    }

    /** What tells each token from the others. */
    public Set<String> ids() {
        return all;
    }

    private static byte[] digest(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "BearerTokens[hidden]";
    }
}
