package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way of writing an address as the host of a URL is read as that address. */
class AddressFormsTest {
    private final ScanEngine engine = Policies.engine("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "100.64.0.1",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.1.1",
                "169.254.169.254",
                "169.254.170.2",
                "100.100.100.200",
                "168.63.129.16",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.0.192",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255"
            })
    void aNonPublicAddressIsRefusedInEveryForm(String dotted) {
        var missed = new ArrayList<String>();
        for (var host : forms(dotted)) {
            for (var url : List.of(
                    "http://" + host + "/",
                    "https://" + host + ":8443/x?y=z",
                    "http://user:pw@" + host + "/",
                    "HTTP://" + host)) {
                var findings = engine.scanUrl(url, false);
                if (findings.size() != 1 || findings.getFirst().scanner() != ScannerName.SSRF) {
                    missed.add(url + " " + findings.stream().map(Finding::rule).toList());
                }
            }
        }
        assertThat(missed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "192.0.1.1"})
    void aPublicAddressPassesInEveryForm(String dotted) {
        for (var host : forms(dotted)) {
            assertThat(engine.scanUrl("http://" + host + "/", false)).as(host).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[::]",
                "[::1]",
                "[0:0:0:0:0:0:0:1]",
                "[fc00::1]",
                "[fdff::1]",
                "[fe80::1]",
                "[fe80::1%25eth0]",
                "[febf::1]",
                "[fec0::1]",
                "[ff02::1]",
                "[fd00:ec2::254]",
                "[fd20:ce::254]",
                "[64:ff9b:1::1]",
                "[2001:0:1::1]"
            })
    void aNonPublicVersionSixAddressIsRefused(String host) {
        assertThat(engine.scanUrl("http://" + host + "/", false))
                .extracting(Finding::scanner)
                .containsExactly(ScannerName.SSRF);
    }

    @Test
    void metadataIsNeverExcepted() {
        var open = Policies.engine(
                "network: {allowedRanges: [0.0.0.0/0, '::/0', 169.254.169.254/32], internalRanges: [], trustedDomains: ['*', metadata.google.internal]}");
        for (var dotted :
                List.of("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "169.254.0.23")) {
            for (var host : forms(dotted)) {
                assertThat(open.scanUrl("http://" + host + "/latest/meta-data/", false))
                        .as(host)
                        .extracting(Finding::rule)
                        .containsExactly("cloud-metadata");
            }
        }
        assertThat(open.scanUrl("http://10.0.0.1/", false)).isEmpty();
    }

    private static List<String> forms(String dotted) {
        var b = InetAddress.ofLiteral(dotted).getAddress();
        var p = new long[] {b[0] & 0xff, b[1] & 0xff, b[2] & 0xff, b[3] & 0xff};
        var whole = p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
        var high = Long.toHexString(p[0] << 8 | p[1]);
        var low = Long.toHexString(p[2] << 8 | p[3]);
        var fullWidth = new StringBuilder();
        dotted.chars().forEach(c -> fullWidth.append(c == '.' ? '\u3002' : (char) (c - '0' + 0xFF10)));
        return List.of(
                dotted,
                dotted + ".",
                Long.toString(whole),
                "0x" + Long.toHexString(whole),
                "0X" + Long.toHexString(whole).toUpperCase(java.util.Locale.ROOT),
                "0" + Long.toOctalString(whole),
                "000000" + Long.toOctalString(whole),
                p[0] + "." + (p[1] << 16 | p[2] << 8 | p[3]),
                p[0] + "." + p[1] + "." + (p[2] << 8 | p[3]),
                "0x%x.0x%x.0x%x.0x%x".formatted(p[0], p[1], p[2], p[3]),
                "0%o.0%o.0%o.0%o".formatted(p[0], p[1], p[2], p[3]),
                "0x%x.%d.0%o.%d".formatted(p[0], p[1], p[2], p[3]),
                "0x%08x.0x%x.%d".formatted(p[0], p[1], p[2] << 8 | p[3]),
                "0000%o.%d.%d.%d".formatted(p[0], p[1], p[2], p[3]),
                fullWidth.toString(),
                "[::ffff:" + dotted + "]",
                "[::FFFF:" + high + ":" + low + "]",
                "[0:0:0:0:0:ffff:" + high + ":" + low + "]",
                "[::ffff:0:" + high + ":" + low + "]",
                "[64:ff9b::" + high + ":" + low + "]",
                "[64:ff9b::" + dotted + "]",
                "[2002:" + high + ":" + low + "::]",
                "[2002:" + high + ":" + low + "::1]");
    }
}
