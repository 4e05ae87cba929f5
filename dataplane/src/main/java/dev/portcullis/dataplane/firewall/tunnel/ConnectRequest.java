package dev.portcullis.dataplane.firewall.tunnel;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Failures;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A client's CONNECT (RFC 9110 section 9.3.6), and the replies to it other than 200.
 *
 * @param policy what was in force when it came
 * @param host in lower case, a name or an address without brackets
 * @param url {@code https://host:port/}
 */
public record ConnectRequest(
        ClientConnection connection,
        FirewallParts parts,
        FirewallPolicy policy,
        Subject subject,
        HttpRequest head,
        String host,
        int port,
        String url) {
    /** The same with the dot of the root gone from the end of the name, as server names and certificates have it. */
    public ConnectRequest withoutRoot() {
        return host.endsWith(".")
                ? new ConnectRequest(
                        connection, parts, policy, subject, head, host.substring(0, host.length() - 1), port, url)
                : this;
    }

    /** Refuses it. */
    public void deny(Denial denial) {
        connection.deny(denial, accept());
    }

    /** Says that there is no connection to where it leads. */
    public void failed(String message) {
        connection.reply(Failures.upstream(message, subject.requestId(), accept()));
    }

    private @Nullable String accept() {
        return head.headers().get(HttpHeaderNames.ACCEPT);
    }
}
