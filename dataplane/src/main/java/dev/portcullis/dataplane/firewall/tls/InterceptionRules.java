package dev.portcullis.dataplane.firewall.tls;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which tunnels are intercepted, and with what. Immutable.
 *
 * @param authority signs the leaves; null while interception is off
 * @param leafLifetime how long a leaf is valid
 * @param cacheSize hosts whose leaf is kept
 */
public record InterceptionRules(
        @Nullable CertificateAuthority authority,
        DomainSet domains,
        DomainSet passthrough,
        Duration leafLifetime,
        int cacheSize) {
    /** True where a tunnel to {@code host} is intercepted: listed, and not passed through. */
    public boolean covers(String host) {
        return authority != null && domains.matches(host) && !passthrough.matches(host);
    }
}
