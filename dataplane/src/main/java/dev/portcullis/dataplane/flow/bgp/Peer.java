package dev.portcullis.dataplane.flow.bgp;

import com.google.common.net.InetAddresses;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Neighbor;
import dev.portcullis.dataplane.config.SecretSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A neighbour as configured. Equal peers need no new session. Immutable.
 *
 * @param address null where {@link #problem} says why there is none
 * @param identifier our BGP identifier
 * @param problem why no session can be tried, in words, or null
 */
record Peer(
        String name,
        String host,
        @Nullable InetSocketAddress address,
        long remoteAsn,
        Set<AddressFamily> families,
        long localAsn,
        int identifier,
        int holdSeconds,
        @Nullable Password password,
        @Nullable String problem) {
    private static final int MIN_HOLD_SECONDS = 3;
    private static final int MAX_HOLD_SECONDS = 65_535;

    /** Reads {@code neighbor} of {@code bgp}; what is wrong with it becomes its {@link #problem}. */
    static Peer of(Bgp bgp, Neighbor neighbor, SecretSource secrets) {
        var families = EnumSet.noneOf(AddressFamily.class);
        neighbor.families().forEach(family -> families.add(AddressFamily.of(family)));
        var holdSeconds = bgp.holdTime().duration().toSeconds();
        String problem = null;
        InetSocketAddress address = null;
        Password password = null;
        var identifier = 0;
        try {
            if (holdSeconds < MIN_HOLD_SECONDS || holdSeconds > MAX_HOLD_SECONDS) {
                throw new IllegalArgumentException(
                        "bgp.holdTime " + bgp.holdTime() + " is not between 3s and 18h12m15s");
            }
            identifier = identifier(bgp.routerId());
            address = new InetSocketAddress(literal(neighbor.address()), neighbor.port());
            password = Password.read(neighbor, secrets);
        } catch (IllegalArgumentException unusable) {
            problem = unusable.getMessage();
        }
        return new Peer(
                neighbor.name(),
                neighbor.address(),
                problem == null ? address : null,
                neighbor.remoteAsn(),
                families,
                bgp.localAsn(),
                identifier,
                (int) Math.clamp(holdSeconds, MIN_HOLD_SECONDS, MAX_HOLD_SECONDS),
                password,
                problem);
    }

    private static InetAddress literal(String text) {
        if (!InetAddresses.isInetAddress(text)) {
            throw new IllegalArgumentException("address '" + text + "' is not an IPv4 or IPv6 address");
        }
        return InetAddresses.forString(text);
    }

    private static int identifier(String text) {
        var address = InetAddresses.isInetAddress(text)
                ? InetAddresses.forString(text).getAddress()
                : new byte[0];
        var identifier = address.length == 4 ? ByteBuffer.wrap(address).getInt() : 0;
        if (identifier == 0) {
            throw new IllegalArgumentException("bgp.routerId '" + text + "' is not an IPv4 address other than 0.0.0.0");
        }
        return identifier;
    }
}
