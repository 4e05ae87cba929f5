package dev.portcullis.dataplane.firewall.tunnel;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.RequestCheck;
import dev.portcullis.dataplane.firewall.net.AddressCheck;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every CONNECT is judged by before anything is opened for it, and its place among the tunnels that may be open.
 * Belongs to one event loop.
 */
public final class Admission {
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final HttpRequest head;
    private final String host;
    private final int port;
    private final String url;
    private boolean counted;

    /** The judgement of one CONNECT; {@code url} is {@code https://host:port/}. */
    public Admission(
            FirewallParts parts,
            FirewallPolicy policy,
            Subject subject,
            HttpRequest head,
            String host,
            int port,
            String url) {
        this.parts = parts;
        this.policy = policy;
        this.subject = subject;
        this.head = head;
        this.host = host;
        this.port = port;
        this.url = url;
    }

    /** Judges it, and takes its place; the refusal, or null. Call {@link #leave} once it is over, refused or not. */
    public @Nullable Denial judge() {
        var denial = parts.enforcer()
                .weigh(policy.mode(), subject, Place.TARGET, TunnelFindings.rules(policy.connect(), port));
        if (denial == null) {
            denial = new RequestCheck(parts, policy).judge(subject, url, host, true, head.headers());
        }
        if (denial == null) {
            counted = true;
            var limit = policy.limits().tunnels();
            if (parts.openTunnels().incrementAndGet() > limit) {
                denial = parts.enforcer()
                        .weigh(policy.mode(), subject, Place.TARGET, List.of(TunnelFindings.tooMany(limit)));
            }
        }
        return denial;
    }

    /** Judges where its name leads, before anything is dialled; the refusal, or null. */
    public @Nullable Denial judge(List<InetAddress> addresses) {
        return parts.enforcer()
                .weigh(policy.mode(), subject, Place.TARGET, AddressCheck.findings(policy, host, addresses));
    }

    /** What {@code now} finds wrong with the tunnel, but for rates and places. */
    public List<Finding> findings(FirewallPolicy now) {
        var findings = new ArrayList<Finding>(TunnelFindings.rules(now.connect(), port));
        findings.addAll(now.scanner().scanUrl(url, true));
        return findings;
    }

    /** Gives its place back. */
    public void leave() {
        if (counted) {
            counted = false;
            parts.openTunnels().decrementAndGet();
        }
    }
}
