package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.decode.IpBits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefixTableTest {
    private static PrefixTable.Entry entry(String prefix, int value) {
        return new PrefixTable.Entry(Cidr.parse(prefix), value);
    }

    @Test
    void theLongestPrefixWinsInBothFamilies() {
        var table = PrefixTable.of(List.of(
                entry("10.0.0.0/8", 0),
                entry("10.1.0.0/16", 1),
                entry("10.1.2.3/32", 2),
                entry("2001:db8::/32", 3),
                entry("2001:db8:1::/48", 4),
                entry("2001:db8:1::1/128", 5)));

        assertThat(table.lookup(0, IpBits.v4(0x0A000001))).isZero();
        assertThat(table.lookup(0, IpBits.v4(0x0A010001))).isEqualTo(1);
        assertThat(table.lookup(0, IpBits.v4(0x0A010203))).isEqualTo(2);
        assertThat(table.lookup(0, IpBits.v4(0x0A010204))).isEqualTo(1);
        assertThat(table.lookup(0, IpBits.v4(0x0B000001))).isEqualTo(PrefixTable.NONE);
        assertThat(table.lookup(0x20010DB8_00020000L, 9)).isEqualTo(3);
        assertThat(table.lookup(0x20010DB8_00010000L, 9)).isEqualTo(4);
        assertThat(table.lookup(0x20010DB8_00010000L, 1)).isEqualTo(5);
        assertThat(table.lookup(0x20010DB9_00000000L, 1)).isEqualTo(PrefixTable.NONE);
    }

    /** Against a search through all prefixes, for ten thousand of them. */
    @Test
    void tenThousandPrefixesGiveWhatASearchThroughAllGives() {
        var random = new Random(3);
        var entries = new ArrayList<PrefixTable.Entry>();
        for (var i = 0; i < 10_000; i++) {
            var length = 8 + random.nextInt(25);
            var address = random.nextInt() & (int) (-1L << 32 - length);
            entries.add(
                    i % 2 == 0
                            ? entry(IpBits.address(0, IpBits.v4(address)).getHostAddress() + "/" + length, i)
                            : entry(
                                    IpBits.address(0x2001_0000_0000_0000L | random.nextLong() >>> 16, 0)
                                                    .getHostAddress()
                                            + "/" + (16 + random.nextInt(49)),
                                    i));
        }
        var table = PrefixTable.of(entries);
        var longestFirst = entries.stream()
                .sorted(Comparator.comparingInt(
                                (PrefixTable.Entry each) -> each.prefix().length())
                        .reversed())
                .toList();
        for (var i = 0; i < 2_000; i++) {
            var like = entries.get(random.nextInt(entries.size())).prefix();
            var low = like.v4()
                    ? like.low() | random.nextInt(1 << 128 - like.length() > 1 << 16 ? 1 << 16 : 1)
                    : random.nextLong();
            assertThat(table.lookup(like.high(), low)).isEqualTo(search(longestFirst, like.high(), low));
        }
    }

    /** Of two equal prefixes the later one counts: a stable sort from the longest keeps the earlier first. */
    private static int search(List<PrefixTable.Entry> longestFirst, long high, long low) {
        var found = PrefixTable.NONE;
        var length = -1;
        for (var each : longestFirst) {
            var prefix = each.prefix();
            if (prefix.length() < length) {
                break;
            }
            if (contains(prefix, high, low)) {
                found = each.value();
                length = prefix.length();
            }
        }
        return found;
    }

    private static boolean contains(Cidr prefix, long high, long low) {
        var address = prefix.v4() == IpBits.isV4(high, low);
        var highMask = prefix.length() >= 64 ? -1L : -1L << 64 - prefix.length();
        var lowMask = prefix.length() <= 64 ? 0 : -1L << 128 - prefix.length();
        return address && (high & highMask) == prefix.high() && (low & lowMask) == prefix.low();
    }
}
