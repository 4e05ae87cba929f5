package dev.portcullis.dataplane.firewall.scan;

import java.net.InetAddress;

/** Which resolved addresses may be connected to. Immutable, any thread, no allocation. */
public interface AddressRules {
    /** What an address is. */
    enum Kind {
        /** On the public internet, or excepted by the policy. */
        ALLOWED,
        /** Private, loopback, link-local, reserved or listed as internal. */
        INTERNAL,
        /** Cloud metadata: never excepted. */
        METADATA
    }

    /** Judges {@code address}; IPv4 addresses inside IPv6 forms (mapped, NAT64, 6to4, compatible) are judged as IPv4. */
    Kind judge(InetAddress address);

    /** True where the policy trusts {@code host} to resolve to internal addresses. */
    boolean trusted(String host);
}
