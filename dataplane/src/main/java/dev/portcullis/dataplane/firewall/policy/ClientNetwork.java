package dev.portcullis.dataplane.firewall.policy;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A network of clients. */
public final class ClientNetwork {
    private final IpSubnetFilterRule rule;

    /**
     * Reads a network in CIDR notation.
     *
     * @throws IllegalArgumentException when it is not one
     */
    public ClientNetwork(String cidr) {
        var slash = cidr.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + cidr + "' is not a network: write address/length");
        }
        try {
            rule = new IpSubnetFilterRule(
                    cidr.substring(0, slash), Integer.parseInt(cidr.substring(slash + 1)), IpFilterRuleType.ACCEPT);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("'" + cidr + "' is not a network: write address/length", e);
        }
    }

    /** True when {@code address} lies in it. */
    public boolean contains(InetAddress address) {
        return rule.matches(new InetSocketAddress(address, 0));
    }
}
