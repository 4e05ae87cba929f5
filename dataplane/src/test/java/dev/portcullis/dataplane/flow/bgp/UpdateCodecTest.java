package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.amplification;
import static dev.portcullis.dataplane.flow.bgp.Policies.blackhole;
import static dev.portcullis.dataplane.flow.bgp.Policies.prefix;
import static dev.portcullis.dataplane.flow.bgp.Policies.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.net.InetAddresses;
import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Bodies of UPDATEs worked out by hand from RFC 4271 section 4.3 and RFC 4760 sections 3 and 4. */
class UpdateCodecTest {
    private static final Set<AddressFamily> ALL = EnumSet.allOf(AddressFamily.class);
    private static final Negotiated EXTERNAL = new Negotiated(false, 65001, true, 90, ALL, false);
    private static final Negotiated INTERNAL = new Negotiated(true, 65001, true, 90, ALL, false);

    private static final String ORIGIN = "40010102";
    private static final String AS_PATH = "400206" + "0201" + "0000fde9";
    private static final String NEXT_HOP = "400304c0000201";
    private static final String BLACKHOLE = "c00804ffff029a";

    @Test
    void anIpv4BlackholeIsInTheFixedFields() {
        assertThat(reach(blackhole("203.0.113.45/32"), EXTERNAL))
                .isEqualTo("0000" + "001b" + ORIGIN + AS_PATH + NEXT_HOP + BLACKHOLE + "20cb00712d");
    }

    @Test
    void anInternalNeighbourGetsLocalPrefAndAnEmptyPath() {
        assertThat(reach(blackhole("203.0.113.45/32"), INTERNAL))
                .isEqualTo(
                        "0000" + "001c" + ORIGIN + "400200" + NEXT_HOP + "40050400000064" + BLACKHOLE + "20cb00712d");
        var preferred = new BlackholeRoute(
                prefix("203.0.113.45/32"), InetAddresses.forString("192.0.2.1"), List.of(), 4_294_967_295L);
        assertThat(reach(preferred, INTERNAL))
                .isEqualTo("0000" + "0015" + ORIGIN + "400200" + NEXT_HOP + "400504ffffffff" + "20cb00712d");
    }

    @Test
    void anIpv6BlackholeIsInMpReachWhichComesFirst() {
        assertThat(reach(blackhole("2001:db8::bad/128"), EXTERNAL))
                .isEqualTo("0000" + "003d"
                        + "800e26" + "0002" + "01" + "10" + "01000000000000000000000000000001" + "00"
                        + "8020010db8000000000000000000000bad"
                        + ORIGIN + AS_PATH + BLACKHOLE);
    }

    @Test
    void aFlowSpecRuleHasNoNextHopAndARate() {
        var components = "0c" + "0120cb00712d" + "038111" + "06817b";
        assertThat(reach(amplification("203.0.113.45/32", 123, 0), EXTERNAL))
                .isEqualTo("0000" + "002d" + "800e12" + "0001" + "85" + "00" + "00" + components + ORIGIN + AS_PATH
                        + "c01008" + "8006" + "0000" + "00000000");
        assertThat(reach(amplification("203.0.113.45/32", 123, 12_500_000), EXTERNAL)) // 100 Mbit/s
                .endsWith("c01008" + "8006" + "0000" + "4b3ebc20");
        assertThat(reach(rule("2001:db8::/32"), EXTERNAL))
                .startsWith("0000" + "0028" + "800e0d" + "0002" + "85" + "00" + "00" + "07" + "01200020010db8");
    }

    @Test
    void anOldNeighbourGetsTwoOctetsOfAsAndTheRestBeside() {
        var old = new Negotiated(false, 4_200_000_001L, false, 90, ALL, false);
        assertThat(reach(blackhole("203.0.113.45/32"), old))
                .isEqualTo("0000" + "0022" + ORIGIN + "400204" + "0201" + "5ba0" + NEXT_HOP + BLACKHOLE + "c01106"
                        + "0201" + "fa56ea01" + "20cb00712d");
        var small = new Negotiated(false, 65001, false, 90, ALL, false);
        assertThat(reach(blackhole("203.0.113.45/32"), small))
                .isEqualTo("0000" + "0019" + ORIGIN + "400204" + "0201" + "fde9" + NEXT_HOP + BLACKHOLE + "20cb00712d");
    }

    @Test
    void routesAreWithdrawnInTheirFamily() {
        assertThat(unreach(AddressFamily.IPV4_UNICAST, blackhole("203.0.113.45/32"), blackhole("10.0.0.0/8")))
                .isEqualTo("0007" + "20cb00712d" + "080a" + "0000");
        assertThat(unreach(AddressFamily.IPV6_UNICAST, blackhole("2001:db8::/32")))
                .isEqualTo("0000" + "000b" + "800f08" + "0002" + "01" + "2020010db8");
        assertThat(unreach(AddressFamily.IPV4_FLOWSPEC, rule("203.0.113.45/32")))
                .isEqualTo("0000" + "000d" + "800f0a" + "0001" + "85" + "06" + "0120cb00712d");
    }

    @Test
    void endOfRibIsAnEmptyWithdrawal() {
        assertThat(endOfRib(AddressFamily.IPV4_UNICAST)).isEqualTo("00000000");
        assertThat(endOfRib(AddressFamily.IPV6_UNICAST)).isEqualTo("0000" + "0006" + "800f03" + "000201");
        assertThat(endOfRib(AddressFamily.IPV4_FLOWSPEC)).isEqualTo("0000" + "0006" + "800f03" + "000185");
        assertThat(endOfRib(AddressFamily.IPV6_FLOWSPEC)).isEqualTo("0000" + "0006" + "800f03" + "000285");
    }

    @Test
    void attributesBeyond255OctetsHaveALongLength() {
        var routes =
                Collections.nCopies(60, Route.of(blackhole("203.0.113.45/32")).nlri());
        var out = Unpooled.buffer();
        UpdateCodec.encodeUnreach(
                out, AddressFamily.IPV6_UNICAST, Collections.nCopies(60, Nlri.unicast(prefix("2001:db8::1/128"))));
        // 60 prefixes of 17 octets and three octets of family
        assertThat(hex(out)).startsWith("0000" + "0403" + "900f" + "03ff" + "000201");
        UpdateCodec.encodeUnreach(out.clear(), AddressFamily.IPV4_UNICAST, routes);
        assertThat(hex(out)).startsWith("012c" + "20cb00712d").endsWith("0000");
    }

    @Test
    void theFullestUpdateFitsIntoAMessage() {
        var communities = Collections.nCopies(PathAttributes.MAX_COMMUNITIES, Policies.BLACKHOLE);
        var old = new Negotiated(false, 4_200_000_001L, false, 90, ALL, false);
        for (var negotiated : List.of(EXTERNAL, INTERNAL, old)) {
            for (var address : List.of("203.0.113.45/32", "2001:db8::1/128")) {
                var nextHop = InetAddresses.forString(address.contains(":") ? "100::1" : "192.0.2.1");
                var route = Route.of(new BlackholeRoute(prefix(address), nextHop, communities, 7));
                var count = UpdateCodec.MAX_NLRI_LENGTH / route.nlri().length();
                var out = Unpooled.buffer();
                UpdateCodec.encodeReach(
                        out,
                        route.nlri().family(),
                        route.attributes(),
                        Collections.nCopies(count, route.nlri()),
                        negotiated);
                assertThat(out.readableBytes() + MessageCodec.HEADER_LENGTH).isBetween(3_800, MessageCodec.MAX_LENGTH);
            }
        }
    }

    @Test
    void whatCannotBeSaidIsRefusedInWords() {
        refused(
                new BlackholeRoute(prefix("203.0.113.45/32"), InetAddresses.forString("100::1"), List.of(), 0),
                "next hop");
        refused(
                new BlackholeRoute(
                        prefix("203.0.113.45/32"), InetAddresses.forString("192.0.2.1"), Collections.nCopies(64, 1), 0),
                "64 communities");
        refused(
                new BlackholeRoute(prefix("203.0.113.45/32"), InetAddresses.forString("192.0.2.1"), List.of(), -1),
                "localPref");
        for (var rate : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e39, 1e-46}) {
            refused(amplification("203.0.113.45/32", 123, rate), "rateBytes");
        }
        assertThat(reach(amplification("203.0.113.45/32", 123, -0.0), EXTERNAL)).endsWith("80060000" + "00000000");
    }

    private static void refused(Announcement announcement, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Route.of(announcement))
                .withMessageContaining(why);
    }

    private static String reach(Announcement announcement, Negotiated negotiated) {
        var route = Route.of(announcement);
        var out = Unpooled.buffer();
        UpdateCodec.encodeReach(out, route.nlri().family(), route.attributes(), List.of(route.nlri()), negotiated);
        return hex(out);
    }

    private static String unreach(AddressFamily family, Announcement... announcements) {
        var out = Unpooled.buffer();
        var nlri = Arrays.stream(announcements)
                .map(announcement -> Route.of(announcement).nlri())
                .toList();
        UpdateCodec.encodeUnreach(out, family, nlri);
        return hex(out);
    }

    private static String endOfRib(AddressFamily family) {
        var out = Unpooled.buffer();
        UpdateCodec.encodeEndOfRib(out, family);
        return hex(out);
    }

    private static String hex(ByteBuf out) {
        var bytes = new byte[out.readableBytes()];
        out.getBytes(0, bytes);
        return Wire.hex(bytes);
    }
}
