package dev.portcullis.crd.v1alpha1;

/** Validation rules that several fields share: CEL for the API server and the Resolver alike, with their messages. */
public final class Rules {
    static final String CIDRS = "self.all(c, isCIDR(c) && cidr(c) == cidr(c).masked())";
    static final String CIDRS_MESSAGE =
            "every item must be a CIDR with no bits set behind the prefix: write one such as 10.0.0.0/8 or 2001:db8::/32";

    static final String ADDRESSES_OR_CIDRS = "self.all(c, isIP(c) || (isCIDR(c) && cidr(c) == cidr(c).masked()))";
    static final String ADDRESSES_OR_CIDRS_MESSAGE =
            "every item must be an IP address or a CIDR with no bits set behind the prefix: write one such as 192.0.2.1 or 203.0.113.0/24";

    static final String ADDRESS = "isIP(self)";
    static final String ADDRESS_MESSAGE = "must be an IP address: write one such as 192.0.2.1 or 2001:db8::1";

    static final String IPV4 = "isIP(self) && ip(self).family() == 4";
    static final String IPV4_MESSAGE = "must be an IPv4 address: write one such as 192.0.2.1";

    static final String IPV6 = "isIP(self) && ip(self).family() == 6";
    static final String IPV6_MESSAGE = "must be an IPv6 address: write one such as 100::1";

    static final String POSITIVE = "quantity(string(self)).isGreaterThan(quantity('0'))";
    static final String POSITIVE_MESSAGE =
            "must be more than 0: write a number and a unit such as 80k or 1G, or leave the field out";

    /** Host names, internationalised ones included, and {@code *.} in front of them; no scheme, port or path. */
    public static final String DOMAIN =
            "^(\\*\\.)?([\\pL\\pM\\pN_]([\\pL\\pM\\pN_-]{0,61}[\\pL\\pM\\pN])?\\.)*[\\pL\\pN]([\\pL\\pM\\pN-]{0,61}[\\pL\\pM\\pN])?$";

    /** The same, or {@code *} for every name. */
    static final String DOMAIN_OR_ALL = "^\\*$|" + DOMAIN;

    /** A name for people, logs and metrics. */
    static final String NAME = "^[A-Za-z0-9._-]{1,64}$";

    private Rules() {}
}
