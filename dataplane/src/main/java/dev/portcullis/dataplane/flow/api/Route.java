package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.flow.api.AccessTokens.Caller;
import java.util.concurrent.CompletionStage;

/**
 * One thing the API does.
 *
 * @param template a path; {@code {id}} at its end stands for one segment
 * @param access who may ask
 */
record Route(String method, String template, Access access, Action action) {
    /** Who may ask. */
    enum Access {
        /** Whoever reaches the port. */
        ANYONE,
        /** A token of any role. */
        VIEWER,
        /** A token that may change something. */
        OPERATOR
    }

    /** Answers a request; may throw {@link ApiException}. */
    @FunctionalInterface
    interface Action {
        /**
         * @param caller who asks; nobody in particular where anyone may
         * @param id the last segment of the path where the template has one, else empty
         */
        CompletionStage<ApiResponse> answer(ApiRequest request, Caller caller, String id);
    }

    private static final String ID = "{id}";

    /** True when {@code path} is of this template. */
    boolean matches(String path) {
        if (!template.endsWith(ID)) {
            return template.equals(path);
        }
        var fixed = template.length() - ID.length();
        return path.length() > fixed && path.startsWith(template.substring(0, fixed)) && path.indexOf('/', fixed) < 0;
    }

    /** The segment that stands for {@code {id}}, or empty. */
    String id(String path) {
        return template.endsWith(ID) ? path.substring(template.length() - ID.length()) : "";
    }
}
