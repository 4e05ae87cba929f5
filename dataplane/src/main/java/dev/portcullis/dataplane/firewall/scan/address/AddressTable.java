package dev.portcullis.dataplane.firewall.scan.address;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Network;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The address rules of one policy as sorted intervals of the IPv6 space, IPv4 at {@code ::ffff:0:0/96}. One binary
 * search per judgement. Immutable.
 */
public final class AddressTable implements AddressRules {
    /** RFC 6890 and its updates: what is not on the public internet. */
    private static final List<String> BUILT_IN = List.of(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/128",
            "::1/128",
            "64:ff9b:1::/48",
            "2001::/32",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8");

    /**
     * Where clouds serve credentials to whoever asks: AWS, EC2 over IPv6, ECS and EKS tasks, Azure, Oracle, Alibaba, Google
     * over IPv6, Tencent, Scaleway, Rancher.
     */
    private static final List<String> METADATA = List.of(
            "169.254.169.254/32",
            "169.254.170.2/32",
            "169.254.170.23/32",
            "fd00:ec2::254/128",
            "fd00:ec2::23/128",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "100.100.100.200/32",
            "fd20:ce::254/128",
            "169.254.0.23/32",
            "169.254.42.42/32",
            "fd00:42::42/128",
            "169.254.169.250/32");

    private static final Set<String> METADATA_NAMES = Set.of(
            "metadata.google.internal",
            "metadata.goog",
            "metadata",
            "instance-data",
            "instance-data.ec2.internal",
            "metadata.azure.internal",
            "metadata.oraclecloud.com",
            "metadata.tencentyun.com",
            "metadata.platformequinix.com",
            "rancher-metadata");

    private static final BigInteger MAPPED = BigInteger.valueOf(0xffff).shiftLeft(32);
    private static final BigInteger END = BigInteger.ONE.shiftLeft(128);

    private final long[] high;
    private final long[] low;
    private final Kind[] kinds;
    private final DomainSet trusted;

    /**
     * Compiles {@code network}.
     *
     * @throws IllegalArgumentException naming the field when a range is not a CIDR
     */
    public AddressTable(Network network) {
        var metadata = ranges("", METADATA);
        var allowed = ranges("spec.network.allowedRanges", network.allowedRanges());
        var internal = new ArrayList<>(ranges("", BUILT_IN));
        internal.addAll(ranges("spec.network.internalRanges", network.internalRanges()));
        var starts = new TreeSet<BigInteger>();
        starts.add(BigInteger.ZERO);
        for (var list : List.of(metadata, allowed, internal)) {
            for (var range : list) {
                starts.add(range.start());
                if (range.end().compareTo(END) < 0) {
                    starts.add(range.end());
                }
            }
        }
        high = new long[starts.size()];
        low = new long[starts.size()];
        kinds = new Kind[starts.size()];
        var i = 0;
        for (var start : starts) {
            high[i] = start.shiftRight(64).longValue();
            low[i] = start.longValue();
            kinds[i++] = within(metadata, start)
                    ? Kind.METADATA
                    : within(allowed, start) || !within(internal, start) ? Kind.ALLOWED : Kind.INTERNAL;
        }
        trusted = new DomainSet(network.trustedDomains());
    }

    @Override
    public Kind judge(InetAddress address) {
        var bytes = address.getAddress();
        if (bytes.length == 4) {
            return version4(word(bytes, 0));
        }
        var h = (long) word(bytes, 0) << 32 | word(bytes, 4) & 0xffffffffL;
        var l = (long) word(bytes, 8) << 32 | word(bytes, 12) & 0xffffffffL;
        if (h >>> 48 == 0x2002) {
            return stricter(version4((int) (h >>> 16)), find(h, l));
        }
        if (h == 0x0064_ff9b_0000_0000L && l >>> 32 == 0) {
            return stricter(version4((int) l), find(h, l));
        }
        // Mapped, translated (RFC 2765) and compatible forms.
        if (h == 0 && (l >>> 32 == 0xffff || l >>> 32 == 0xffff_0000L || (l >>> 32 == 0 && l > 1))) {
            return version4((int) l);
        }
        return find(h, l);
    }

    @Override
    public boolean trusted(String host) {
        return !metadataName(host) && trusted.matches(host);
    }

    /** True for the names under which clouds serve metadata. */
    public static boolean metadataName(String host) {
        var name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return METADATA_NAMES.contains(name.toLowerCase(Locale.ROOT));
    }

    private static Kind stricter(Kind a, Kind b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private Kind version4(int address) {
        return find(0, 0xffffL << 32 | address & 0xffffffffL);
    }

    private Kind find(long h, long l) {
        var from = 0;
        var to = high.length - 1;
        while (from < to) {
            var middle = (from + to + 1) >>> 1;
            var order = Long.compareUnsigned(high[middle], h);
            if (order < 0 || (order == 0 && Long.compareUnsigned(low[middle], l) <= 0)) {
                from = middle;
            } else {
                to = middle - 1;
            }
        }
        return kinds[from];
    }

    private static int word(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }

    private static boolean within(List<Range> ranges, BigInteger point) {
        for (var range : ranges) {
            if (range.start().compareTo(point) <= 0 && point.compareTo(range.end()) < 0) {
                return true;
            }
        }
        return false;
    }

    private static List<Range> ranges(String field, List<String> cidrs) {
        var ranges = new ArrayList<Range>();
        for (var i = 0; i < cidrs.size(); i++) {
            try {
                ranges.add(Range.parse(cidrs.get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        field + "[" + i + "]: '" + cidrs.get(i) + "' is not a CIDR such as 10.0.0.0/8 or fd00::/8", e);
            }
        }
        return ranges;
    }

    /** Addresses from {@code start} up to but without {@code end}. */
    private record Range(BigInteger start, BigInteger end) {
        static Range parse(String cidr) {
            var slash = cidr.indexOf('/');
            var bytes = InetAddress.ofLiteral(slash < 0 ? cidr : cidr.substring(0, slash))
                    .getAddress();
            var most = bytes.length * 8;
            var length = slash < 0 ? most : Integer.parseInt(cidr.substring(slash + 1));
            if (length < 0 || length > most) {
                throw new IllegalArgumentException("prefix length " + length);
            }
            var address = new BigInteger(1, bytes);
            var start = address.shiftRight(most - length).shiftLeft(most - length);
            if (most == 32) {
                start = start.add(MAPPED);
            }
            return new Range(start, start.add(BigInteger.ONE.shiftLeft(most - length)));
        }
    }
}
