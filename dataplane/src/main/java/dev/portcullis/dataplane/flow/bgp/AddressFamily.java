package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import org.jspecify.annotations.Nullable;

/** A pair of AFI and SAFI this speaker can announce (RFC 4760 section 5, RFC 8955 section 4, RFC 8956 section 2). */
enum AddressFamily {
    IPV4_UNICAST(1, 1, Family.IPv4Unicast),
    IPV6_UNICAST(2, 1, Family.IPv6Unicast),
    IPV4_FLOWSPEC(1, 133, Family.IPv4FlowSpec),
    IPV6_FLOWSPEC(2, 133, Family.IPv6FlowSpec);

    private final int afi;
    private final int safi;
    private final Family spec;

    AddressFamily(int afi, int safi, Family spec) {
        this.afi = afi;
        this.safi = safi;
        this.spec = spec;
    }

    int afi() {
        return afi;
    }

    int safi() {
        return safi;
    }

    /** Its name in resources and metrics. */
    Family spec() {
        return spec;
    }

    boolean flowSpec() {
        return safi == 133;
    }

    static @Nullable AddressFamily of(int afi, int safi) {
        for (var family : values()) {
            if (family.afi == afi && family.safi == safi) {
                return family;
            }
        }
        return null;
    }

    static AddressFamily of(Family spec) {
        return switch (spec) {
            case IPv4Unicast -> IPV4_UNICAST;
            case IPv6Unicast -> IPV6_UNICAST;
            case IPv4FlowSpec -> IPV4_FLOWSPEC;
            case IPv6FlowSpec -> IPV6_FLOWSPEC;
        };
    }
}
