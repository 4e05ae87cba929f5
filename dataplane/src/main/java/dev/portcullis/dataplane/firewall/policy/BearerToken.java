package dev.portcullis.dataplane.firewall.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A secret that a caller must present (RFC 6750). Compared in constant time; never printed. */
public final class BearerToken {
    /** Shortest token, in bytes. */
    public static final int SHORTEST = 16;

    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    public BearerToken(byte[] token) {
        this.token = token.clone();
    }

    /** True when {@code authorization}, the value of the header of that name, carries this token. */
    public boolean presentedBy(@Nullable String authorization) {
        return authorization != null
                && authorization.startsWith(SCHEME)
                && MessageDigest.isEqual(
                        token, authorization.substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "BearerToken[hidden]";
    }
}
