package dev.portcullis.dataplane.firewall.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** A secret that a caller must present (RFC 6750). Compared in constant time; never printed. */
public final class BearerToken {
    /** Shortest token, in bytes. */
    public static final int SHORTEST = 16;

    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    public BearerToken(byte[] token) {
        this.token = token.clone();
    }

    /**
     * True when {@code authorization}, the values of all headers of that name, is one value that carries this token. Of two
     * nobody can say which one another reader of the request went by.
     */
    public boolean presentedBy(List<String> authorization) {
        return authorization.size() == 1
                && authorization.getFirst().startsWith(SCHEME)
                && MessageDigest.isEqual(
                        token,
                        authorization.getFirst().substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "BearerToken[hidden]";
    }
}
