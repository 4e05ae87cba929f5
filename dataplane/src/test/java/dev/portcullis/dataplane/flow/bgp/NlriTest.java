package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.amplification;
import static dev.portcullis.dataplane.flow.bgp.Policies.prefix;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** Bytes worked out by hand from RFC 4271 section 4.3, RFC 8955 section 4.2 and RFC 8956 section 3. */
class NlriTest {
    @Example
    void aUnicastPrefixIsItsLengthAndTheOctetsItCovers() {
        assertThat(hex(Nlri.unicast(prefix("203.0.113.45/32")))).isEqualTo("20cb00712d");
        assertThat(hex(Nlri.unicast(prefix("203.0.113.0/24")))).isEqualTo("18cb0071");
        assertThat(hex(Nlri.unicast(prefix("10.0.0.0/9")))).isEqualTo("090a00");
        assertThat(hex(Nlri.unicast(prefix("0.0.0.0/0")))).isEqualTo("00");
        assertThat(hex(Nlri.unicast(prefix("2001:db8::bad/128")))).isEqualTo("8020010db8000000000000000000000bad");
        assertThat(Nlri.unicast(prefix("2001:db8::/32")).family()).isEqualTo(AddressFamily.IPV6_UNICAST);
    }

    @Example
    void bitsBeyondThePrefixLengthMakeNoOtherRoute() {
        assertThat(Nlri.unicast(prefix("203.0.113.255/25"))).isEqualTo(Nlri.unicast(prefix("203.0.113.128/25")));
        assertThat(hex(Nlri.unicast(prefix("203.0.113.255/25")))).isEqualTo("19cb007180");
    }

    @Example
    void aRuleListsItsComponentsInAscendingOrder() {
        // dst 203.0.113.45/32, UDP, source port 123: a length of 12 octets, then types 1, 3 and 6
        assertThat(hex(Nlri.flowSpec(amplification("203.0.113.45/32", 123, 0))))
                .isEqualTo("0c0120cb00712d0381110681 7b".replace(" ", ""));
        // a port above 255 takes two octets and length bits 01 in its operator
        assertThat(hex(Nlri.flowSpec(amplification("203.0.113.45/32", 11211, 0))))
                .isEqualTo("0d" + "0120cb00712d" + "038111" + "06912bcb");
        // RFC 8955 section 4.3, the first example, with destination port (type 5) instead of port (type 4)
        assertThat(hex(Nlri.flowSpec(new FlowSpecRule(prefix("192.0.2.0/24"), null, 6, -1, 25, 0, false, 0))))
                .isEqualTo("0b" + "0118c00002" + "038106" + "058119");
        // RFC 8955 section 4.3, the prefixes of the second example
        assertThat(hex(Nlri.flowSpec(
                        new FlowSpecRule(prefix("192.0.2.0/24"), prefix("203.0.113.0/24"), -1, -1, -1, 0, false, 0))))
                .isEqualTo("0a" + "0118c00002" + "0218cb0071");
        // SYN set, whatever else is, in fragments other than the first
        assertThat(hex(Nlri.flowSpec(new FlowSpecRule(prefix("192.0.2.1/32"), null, 6, -1, -1, 2, true, 0))))
                .isEqualTo("0f" + "0120c0000201" + "038106" + "098102" + "0c8102");
        // NS, the ninth flag, needs two octets
        assertThat(hex(Nlri.flowSpec(new FlowSpecRule(prefix("192.0.2.1/32"), null, -1, -1, -1, 0x101, false, 0))))
                .isEqualTo("0a" + "0120c0000201" + "09910101");
    }

    @Example
    void flagsThatMustBeClearAreMatchedTogetherWithThoseThatMustBeSet() {
        // SYN set (match), and (0x40) ACK clear (not, 0x02), end of list (0x80)
        assertThat(hex(Nlri.flowSpec(new FlowSpecRule(prefix("192.0.2.1/32"), null, 6, -1, -1, 2, 0x10, false, 0))))
                .isEqualTo("0e" + "0120c0000201" + "038106" + "090102c210");
        // ACK clear, whatever else is
        assertThat(hex(Nlri.flowSpec(new FlowSpecRule(prefix("192.0.2.1/32"), null, 6, -1, -1, 0, 0x10, false, 0))))
                .isEqualTo("0c" + "0120c0000201" + "038106" + "098210");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), null, -1, -1, -1, 0, 0x1000, false, 0), "tcpFlagsAbsent 4096");
    }

    @Example
    void anIpv6RuleHasAnOffsetInItsPrefixes() {
        // RFC 8956 section 3.8.1, with a source that starts at bit 0
        assertThat(hex(Nlri.flowSpec(
                        new FlowSpecRule(prefix("2001:db8::/32"), prefix("2001:db8:1::/48"), 6, -1, -1, 0, false, 0))))
                .isEqualTo("13" + "01200020010db8" + "02300020010db80001" + "038106");
    }

    @Example
    void theLongestRuleStillHasALengthOfOneOctet() {
        var longest = Nlri.flowSpec(new FlowSpecRule(
                prefix("2001:db8::1/128"), prefix("2001:db8::2/128"), 6, 65535, 65535, 0xEFF, 0x100, true, 0));
        assertThat(longest.length()).isEqualTo(60);
        assertThat(hex(longest)).startsWith("3b");
    }

    @Example
    void neighbouringAddressesHaveDifferentHashes() {
        var hashes = IntStream.range(0, 65_536)
                .map(i -> Nlri.unicast(prefix("10.1." + (i >> 8) + "." + (i & 255) + "/32"))
                        .hashCode())
                .distinct()
                .count();
        assertThat(hashes).isGreaterThan(65_000);
    }

    @Example
    void whatCannotBeSaidIsRefusedInWords() {
        refused(new FlowSpecRule(null, null, 17, 53, -1, 0, false, 0), "would match everybody");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), prefix("::1/128"), -1, -1, -1, 0, false, 0), "two address");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), null, 256, -1, -1, 0, false, 0), "protocol 256");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), null, -2, -1, -1, 0, false, 0), "protocol -2");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), null, -1, 65536, -1, 0, false, 0), "sourcePort 65536");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), null, -1, -1, 70000, 0, false, 0), "destinationPort 70000");
        refused(new FlowSpecRule(prefix("192.0.2.1/32"), null, -1, -1, -1, 0x1000, false, 0), "tcpFlags 4096");
        refused(new FlowSpecRule(prefix("192.0.2.1/33"), null, -1, -1, -1, 0, false, 0), "192.0.2.1/33");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nlri.unicast(prefix("2001:db8::/129")))
                .withMessageContaining("between 0 and 128");
    }

    @Property
    void readingARuleBackGivesTheSameRule(@ForAll("rules") FlowSpecRule rule) {
        assertThat(FlowSpecReader.read(bytes(Nlri.flowSpec(rule)), v6(rule))).isEqualTo(rule);
    }

    @Property
    void differentRulesHaveDifferentBytes(@ForAll("rules") FlowSpecRule one, @ForAll("rules") FlowSpecRule other) {
        assertThat(Nlri.flowSpec(one).equals(Nlri.flowSpec(other))).isEqualTo(one.equals(other));
    }

    @Provide
    Arbitrary<FlowSpecRule> rules() {
        return Arbitraries.of(false, true).flatMap(v6 -> {
            var number = Arbitraries.frequencyOf(
                    Tuple.of(1, Arbitraries.just(-1)),
                    Tuple.of(2, Arbitraries.integers().between(0, 65535)));
            return Combinators.combine(
                            prefixes(v6).injectNull(0.3),
                            prefixes(v6).injectNull(0.3),
                            Arbitraries.integers().between(-1, 255),
                            number,
                            number,
                            Arbitraries.integers().between(0, 0xFFF),
                            Arbitraries.of(false, true))
                    .filter((destination, source, protocol, from, to, flags, fragment) ->
                            destination != null || source != null)
                    .as((destination, source, protocol, from, to, flags, fragment) ->
                            new FlowSpecRule(destination, source, protocol, from, to, flags, fragment, 0));
        });
    }

    private static Arbitrary<@Nullable Prefix> prefixes(boolean v6) {
        var octets = v6 ? 16 : 4;
        return Combinators.combine(
                        Arbitraries.bytes().array(byte[].class).ofSize(octets),
                        Arbitraries.integers().between(0, octets * 8))
                .as((address, length) -> {
                    for (var bit = length; bit < octets * 8; bit++) {
                        address[bit / 8] &= (byte) ~(0x80 >> bit % 8);
                    }
                    // An IPv4-mapped address would come back from InetAddress as an IPv4 one.
                    if (v6) {
                        address[0] |= length > 2 ? (byte) 0x20 : 0;
                    }
                    return new Prefix(address(address), length);
                });
    }

    private static InetAddress address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean v6(FlowSpecRule rule) {
        var any = rule.destination() == null ? rule.source() : rule.destination();
        return any != null && any.v6();
    }

    private static void refused(FlowSpecRule rule, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nlri.flowSpec(rule))
                .withMessageContaining(why);
    }

    private static byte[] bytes(Nlri nlri) {
        var out = Unpooled.buffer();
        nlri.writeTo(out);
        var bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static String hex(Nlri nlri) {
        return HexFormat.of().formatHex(bytes(nlri));
    }
}
