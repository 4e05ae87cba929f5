package dev.portcullis.dataplane.firewall.identity;

import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The name of the agent behind a request.
 *
 * @param counted whether it names somebody: an agent that says nothing under the default name {@value #NOBODY} is not
 *     counted by name
 */
public record AgentName(String name, boolean counted) {
    /** Default name of an agent that says none. */
    public static final String NOBODY = "anonymous";

    private static final int LONGEST = 64;
    private static final String BASIC = "Basic ";

    /**
     * Reads a claimed name: 1 to 64 letters, digits, {@code . _ - / @ :}. Anything else is as good as none.
     *
     * @param claimed value of the identity header, or null
     * @param otherwise the name of an agent that says none
     */
    public static AgentName of(@Nullable String claimed, String otherwise) {
        return claimed != null && valid(claimed)
                ? new AgentName(claimed, true)
                : new AgentName(otherwise, !otherwise.equals(NOBODY));
    }

    /**
     * The name a request claims: that of its proxy credentials, else that of the identity header.
     *
     * @param header name of the identity header
     * @param otherwise the name of an agent that says none
     */
    public static AgentName of(HttpHeaders headers, String header, String otherwise) {
        var user = user(headers.get(HttpHeaderNames.PROXY_AUTHORIZATION));
        return of(user != null && valid(user) ? user : headers.get(header), otherwise);
    }

    /** Tells {@code subject} whose request the one with {@code headers} is, once there is a policy that says how to know. */
    public static void tell(Subject subject, HttpHeaders headers, @Nullable FirewallPolicy policy) {
        if (policy != null) {
            var identity = policy.identity();
            var agent = of(headers, identity.header(), identity.defaultAgent());
            subject.agent(agent.name(), agent.counted());
        }
    }

    /** The user of Basic credentials (RFC 7617 section 2); null where there are none that can be read. */
    private static @Nullable String user(@Nullable String credentials) {
        if (credentials == null || !credentials.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return null;
        }
        try {
            var pair = new String(
                    Base64.getDecoder()
                            .decode(credentials.substring(BASIC.length()).trim()),
                    StandardCharsets.UTF_8);
            var colon = pair.indexOf(':');
            return colon < 0 ? null : pair.substring(0, colon);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean valid(String name) {
        if (name.isEmpty() || name.length() > LONGEST) {
            return false;
        }
        for (var i = 0; i < name.length(); i++) {
            var c = name.charAt(i);
            var plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!plain && "._-/@:".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
