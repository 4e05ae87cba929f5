package dev.portcullis.dataplane.flow.mitigate;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.format.util.DualIPv4v6AssociativeTries;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values by address block, IPv4 and IPv6 alike; the longest block that holds an address answers for it. Immutable, so any
 * thread may read.
 */
public final class PrefixMap<V> {
    private static final IPAddressGenerator ADDRESSES = new IPAddressGenerator();

    private final DualIPv4v6AssociativeTries<V> tries = new DualIPv4v6AssociativeTries<>();
    private final BigInteger size4;
    private final BigInteger size6;

    /**
     * Of blocks written as addresses or CIDRs.
     *
     * @throws IllegalArgumentException naming the first that is neither
     */
    public PrefixMap(Map<String, V> values) {
        values.forEach((text, value) -> tries.put(block(text), value));
        size4 = count(tries.getIPv4Trie().iterator());
        size6 = count(tries.getIPv6Trie().iterator());
    }

    /** The blocks of {@code texts}, each with the value true. */
    public static PrefixMap<Boolean> of(List<String> texts) {
        var values = new LinkedHashMap<String, Boolean>();
        texts.forEach(text -> values.put(text, true));
        return new PrefixMap<>(values);
    }

    /** The value of the longest block that holds {@code address}, or null. */
    public @Nullable V get(InetAddress address) {
        var node = tries.longestPrefixMatchNode(ADDRESSES.from(address));
        return node == null ? null : node.getValue();
    }

    /** True when a block holds {@code address}. */
    public boolean contains(InetAddress address) {
        return get(address) != null;
    }

    /** Number of addresses of one family in the blocks; an address in two blocks counts once. */
    public BigInteger size(boolean v6) {
        return v6 ? size6 : size4;
    }

    private BigInteger count(Iterator<? extends IPAddress> blocks) {
        var total = BigInteger.ZERO;
        while (blocks.hasNext()) {
            IPAddress block = blocks.next();
            var outermost = tries.elementsContaining(block);
            if (outermost != null && outermost.getKey().equals(block)) {
                total = total.add(block.getCount());
            }
        }
        return total;
    }

    private static IPAddress block(String text) {
        try {
            var address = new IPAddressString(text).toAddress();
            if (address == null || (!address.isIPv4() && !address.isIPv6())) {
                throw new IllegalArgumentException("'" + text + "' is neither an address nor a CIDR");
            }
            var length = address.getNetworkPrefixLength();
            return address.toPrefixBlock(length == null ? address.getBitCount() : length);
        } catch (AddressStringException notAnAddress) {
            throw new IllegalArgumentException("'" + text + "' is neither an address nor a CIDR", notAnAddress);
        }
    }
}
