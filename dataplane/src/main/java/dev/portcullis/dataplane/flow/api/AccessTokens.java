package dev.portcullis.dataplane.flow.api;

import dev.portcullis.crd.v1alpha1.FlowDetectorSpec.Api;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec.Role;
import dev.portcullis.dataplane.config.SecretSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the API. Keeps digests of the tokens and not the tokens; {@link #toString()} tells neither. Immutable; any
 * thread.
 */
public final class AccessTokens {
    /** Shortest token that is let in, in bytes. */
    public static final int MIN_BYTES = 16;

    /** Someone who is let in. */
    public record Caller(String name, Role role) {}

    /** What a request's credentials come to. */
    sealed interface Access {
        /** Let in. */
        record Granted(Caller caller) implements Access {}

        /**
         * Not let in.
         *
         * @param why a sentence for the caller
         */
        record Denied(String why) implements Access {}
    }

    private record Token(Caller caller, byte[] digest) {}

    private static final Access NO_TOKENS = new Access.Denied(
            "the API has no tokens and does not allow unauthenticated use: set spec.api.tokens of the FlowDetector");
    private static final Access NO_CREDENTIALS =
            new Access.Denied("send a token of spec.api.tokens as 'Authorization: Bearer <token>'");
    private static final Access UNKNOWN = new Access.Denied("the bearer token is not valid");
    private static final Access ANYONE = new Access.Granted(new Caller("anonymous", Role.Operator));

    private final List<Token> tokens;
    private final boolean allowUnauthenticated;
    private final List<String> problems;

    private AccessTokens(List<Token> tokens, boolean allowUnauthenticated, List<String> problems) {
        this.tokens = List.copyOf(tokens);
        this.allowUnauthenticated = allowUnauthenticated;
        this.problems = List.copyOf(problems);
    }

    /** Reads the tokens of {@code api}; one that is missing or too short lets nobody in and is a problem. */
    public static AccessTokens read(Api api, SecretSource secrets) {
        var tokens = new ArrayList<Token>();
        var problems = new ArrayList<String>();
        for (var i = 0; i < api.tokens().size(); i++) {
            var token = api.tokens().get(i);
            var path = "spec.api.tokens[" + i + "]";
            var value = secrets.read(token.secretKeyRef()).map(AccessTokens::withoutLineEnd);
            if (value.isEmpty()) {
                problems.add(path + ": Secret " + token.secretKeyRef().name() + " has no key "
                        + token.secretKeyRef().key() + "; the token lets nobody in");
            } else if (value.get().length < MIN_BYTES) {
                problems.add(path + ": the token is shorter than " + MIN_BYTES + " bytes and lets nobody in");
            } else {
                tokens.add(new Token(new Caller(token.name(), token.role()), digest(value.get())));
            }
        }
        return new AccessTokens(tokens, api.allowUnauthenticated(), problems);
    }

    /** What is wrong with the tokens, in sentences without a secret. */
    public List<String> problems() {
        return problems;
    }

    /**
     * Judges the header {@code Authorization}. Takes the same time whichever token it names, or none.
     *
     * @param authorization null when it is absent
     */
    Access judge(@Nullable String authorization) {
        if (authorization == null) {
            return allowUnauthenticated ? ANYONE : tokens.isEmpty() ? NO_TOKENS : NO_CREDENTIALS;
        }
        if (!authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return NO_CREDENTIALS;
        }
        var given = digest(authorization.substring(7).strip().getBytes(StandardCharsets.UTF_8));
        Caller caller = null;
        var ambiguous = false;
        for (var token : tokens) {
            if (MessageDigest.isEqual(token.digest(), given)) {
                ambiguous |= caller != null && caller.role() != token.caller().role();
                caller = token.caller();
            }
        }
        if (caller == null) {
            return tokens.isEmpty() && !allowUnauthenticated ? NO_TOKENS : UNKNOWN;
        }
        return ambiguous ? UNKNOWN : new Access.Granted(caller);
    }

    /** Editors and {@code kubectl} end files with a line end that is no part of the token. */
    private static byte[] withoutLineEnd(byte[] value) {
        var length = value.length;
        while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r')) {
            length--;
        }
        return Arrays.copyOf(value, length);
    }

    private static byte[] digest(byte[] value) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(value);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    @Override
    public String toString() {
        return tokens.size() + " tokens";
    }
}
