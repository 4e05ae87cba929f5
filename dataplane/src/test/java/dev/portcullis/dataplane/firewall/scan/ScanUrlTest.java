package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanUrlTest {
    private static final String TOKEN = "ghp_" + "a8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4";

    private final ScanEngine engine = Policies.engine("");

    @Test
    void anOrdinaryUrlIsClean() {
        assertThat(engine.scanUrl("https://api.github.com/repos/acme/site/issues?state=open&page=2", false))
                .isEmpty();
    }

    @Test
    void aSecretInTheQueryIsRefused() {
        var finding = only("http://example.com/a?q=" + TOKEN);
        assertThat(finding.scanner()).isEqualTo(ScannerName.CORE_DLP);
        assertThat(finding.rule()).isEqualTo("github-token");
        assertThat(finding.action()).isEqualTo(Action.Block);
        assertThat(finding.location()).isEqualTo("query");
        assertThat(finding.toString()).doesNotContain(TOKEN).doesNotContain(TOKEN.substring(8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/%67%68p_a8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4",
                "http://example.com/?x=%2567%25%36%38p_a8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4",
                "http://example.com/?x=Z2hwX2E4S2QwM21acUx3N1J0WXgxVmJOYzVHaEoyUHNFZjlVb0lpNA",
                "http://example.com/files/Z2hwX2E4S2QwM21acUx3N1J0WXgxVmJOYzVHaEoyUHNFZjlVb0lpNA",
                "http://example.com/?x=6768705f61384b6430336d5a714c7737527459783156624e633547684a3250734566395 56f496934",
                "http://example.com/?a=ghp_a8Kd03mZqLw7&b=RtYx1VbNc5GhJ2PsEf9UoIi4",
                "http://example.com/ghp_a8Kd03mZq/Lw7RtYx1VbNc5/GhJ2PsEf9UoIi4"
            })
    void aSecretInDisguiseIsRefused(String url) {
        assertThat(engine.scanUrl(url.replace(" ", ""), false))
                .extracting(Finding::rule)
                .containsExactly("github-token");
    }

    @Test
    void aSecretInTheNamesOfASubdomainIsRefused() {
        var hex = HexFormat.of().formatHex(TOKEN.getBytes(StandardCharsets.US_ASCII));
        var host = hex.substring(0, 30) + "." + hex.substring(30, 60) + "." + hex.substring(60) + ".example.com";
        assertThat(engine.scanUrl("http://" + host + "/", true))
                .singleElement()
                .satisfies(finding -> assertThat(finding.scanner()).isEqualTo(ScannerName.CORE_DLP))
                .satisfies(finding -> assertThat(finding.encoding()).isEqualTo("split+hex"))
                .satisfies(finding -> assertThat(finding.location()).isEqualTo("host"));
    }

    @Test
    void theLengthIsJudgedFirst() {
        var finding = only("ftp://example.com/" + "a".repeat(3000) + TOKEN);
        assertThat(finding.scanner()).isEqualTo(ScannerName.LENGTH);
        assertThat(finding.hint()).startsWith("spec.limits.urlLength: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://example.com/", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "x"})
    void onlyHttpPasses(String url) {
        assertThat(only(url).scanner()).isEqualTo(ScannerName.SCHEME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://e.com/\r\nX: y", "http://e.com/%0d%0aX", "http://e.com/?a=%250A", "http://e.com/%25250a"
            })
    void lineBreaksAreRefused(String url) {
        assertThat(only(url).scanner()).isEqualTo(ScannerName.CRLF);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://e.com/a/../b",
                "http://e.com/..",
                "http://e.com/%2e%2e/b",
                "http://e.com/a/.%2E%2fb",
                "http://e.com/a\\..\\b",
                "http://e.com/%252e%252e%252f",
                "http://e.com/a/..%5cb"
            })
    void climbingPathsAreRefused(String url) {
        assertThat(only(url).scanner()).isEqualTo(ScannerName.PATH_TRAVERSAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://e.com/a..b/c", "http://e.com/...", "http://e.com/a?x=../..", "http://e.com/.well-known/x"
            })
    void dotsThatDoNotClimbPass(String url) {
        assertThat(engine.scanUrl(url, false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://e.com\\@internal/",
                "http:///path",
                "http://",
                "http://a..b/",
                "http://1.2.3.4.5/",
                "http://999.1.1.1/",
                "http://[::1/",
                "http://[x]/",
                "http://e%2ecom/",
                "http://e.com:99999999/",
                "http://a b/"
            })
    void hostsThatReadersDisagreeAboutAreRefused(String url) {
        assertThat(only(url).scanner()).isEqualTo(ScannerName.PARSER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/",
                "http://2130706433/",
                "http://0x7f000001/",
                "http://0x7f.1/",
                "http://0177.0.0.1/",
                "http://127.1/",
                "http://10.1.65535/",
                "http://[::1]/",
                "http://[::ffff:10.0.0.1]/",
                "http://[fe80::1%25eth0]/",
                "http://[64:ff9b::a00:1]/",
                "http://[2002:a00:1::]/",
                "http://[::]/",
                "http://0/",
                "http://user:pw@192.168.1.1:8080/",
                "http://127.0.0.1./",
                "http://１２７.０.０.１/"
            })
    void internalAddressesAreRefusedInEveryForm(String url) {
        var finding = only(url);
        assertThat(finding.scanner()).isEqualTo(ScannerName.SSRF);
        assertThat(finding.hint()).startsWith("spec.network.allowedRanges: [\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/",
                "http://0xa9fea9fe/",
                "http://[::ffff:169.254.169.254]/",
                "http://[fd00:ec2::254]/",
                "http://metadata.google.internal/",
                "http://METADATA.google.internal./",
                "http://100.100.100.200/"
            })
    void cloudMetadataIsNeverExcepted(String url) {
        var open = Policies.engine(
                "network: {allowedRanges: [0.0.0.0/0, '::/0'], internalRanges: [], trustedDomains: ['*']}");
        assertThat(open.scanUrl(url, false))
                .singleElement()
                .satisfies(finding -> assertThat(finding.rule()).isEqualTo("cloud-metadata"))
                .satisfies(finding -> assertThat(finding.hint()).isEmpty());
    }

    @Test
    void anAllowedRangeOpensAnInternalAddress() {
        var open = Policies.engine("network: {allowedRanges: [127.0.0.0/8], internalRanges: [], trustedDomains: []}");
        assertThat(open.scanUrl("http://127.0.0.1:3000/", false)).isEmpty();
        assertThat(open.scanUrl("http://10.0.0.1/", false)).hasSize(1);
    }

    @Test
    void theBlockListWinsOverTheAllowList() {
        var policy = Policies.engine("domains: {allow: [bad.example.org], block: ['*.example.org', 203.0.113.9]}");
        for (var host : List.of("example.org", "bad.EXAMPLE.org.", "a.b.example.org", "203.0.113.9", "0xcb007109")) {
            assertThat(policy.scanUrl("https://" + host + "/", false))
                    .as(host)
                    .extracting(Finding::rule)
                    .containsExactly("block-list");
        }
        assertThat(policy.scanUrl("https://notexample.org/", false)).isEmpty();
    }

    @Test
    void strictLetsOnlyTheAllowListPass() {
        var policy = Policies.engine("{mode: Strict, domains: {allow: ['*.example.com', bücher.example], block: []}}");
        assertThat(policy.scanUrl("https://example.com/", false)).isEmpty();
        assertThat(policy.scanUrl("https://a.example.com:8443/", true)).isEmpty();
        assertThat(policy.scanUrl("https://xn--bcher-kva.example/", false)).isEmpty();
        assertThat(policy.scanUrl("https://example.net/", false))
                .singleElement()
                .satisfies(finding -> assertThat(finding.hint()).isEqualTo("spec.domains.allow: [\"example.net\"]"));
    }

    @Test
    void randomPartsAreRefusedButHashesAndDatesAreNot() {
        assertThat(only("https://e.com/x/kR7vQ2mZ9pLw4TbYc8NhXs1DfGj6UaEo").scanner())
                .isEqualTo(ScannerName.ENTROPY);
        assertThat(only("https://e.com/?d=kR7vQ2mZ9pLw4TbYc8NhXs1DfGj6UaEo").location())
                .isEqualTo("query");
        for (var part : List.of(
                "0f8fad5b-d9cb-469f-a165-70867728950e",
                "d41d8cd98f00b204e9800998ecf8427e",
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "2026-11-22T10:11:12.123Z",
                "a-long-title-of-some-article-in-words")) {
            assertThat(engine.scanUrl("https://e.com/" + part, false)).as(part).isEmpty();
        }
        assertThat(Policies.engine("entropy: {url: '4.5', subdomain: '4.0', minLength: 20, exemptDomains: [e.com]}")
                        .scanUrl("https://e.com/x/kR7vQ2mZ9pLw4TbYc8NhXs1DfGj6UaEo", false))
                .isEmpty();
    }

    @Test
    void randomLabelsBelowTheRegistrableDomainAreRefused() {
        assertThat(engine.scanUrl("https://k7q2m9z4p1w8t3b6c5n0h.example.co.uk/", true))
                .extracting(Finding::scanner)
                .containsExactly(ScannerName.SUBDOMAIN_ENTROPY);
        assertThat(engine.scanUrl("https://k7q2m9z4p1w8t3b6c5n0h.co.uk/", true)).isEmpty();
        assertThat(engine.scanUrl("https://0f8fad5b-d9cb-469f-a165-70867728950e.example.com/", true))
                .isEmpty();
    }

    @Test
    void aWarningLetsTheOtherStagesLook() {
        var warn = Policies.engine(
                "dlp: {action: Warn, headers: {scan: \"Off\", names: []}, disabledClasses: [], patterns: [], known: []}");
        assertThat(warn.scanUrl("https://e.com/" + TOKEN + "?d=kR7vQ2mZ9pLw4TbYc8NhXs1DfGj6UaEo", false))
                .extracting(Finding::scanner)
                .containsExactly(ScannerName.CORE_DLP, ScannerName.ENTROPY);
    }

    @Test
    void aCoreClassCannotBeDisabled() {
        var policy = Policies.engine(
                "dlp: {action: Block, headers: {scan: \"Off\", names: []}, disabledClasses: [github-token, stripe-key], patterns: [], known: []}");
        assertThat(policy.scanUrl("https://e.com/?x=" + TOKEN, false))
                .singleElement()
                .satisfies(finding -> assertThat(finding.hint()).contains("core class"));
        assertThat(policy.scanUrl("https://e.com/?x=sk_" + "live_abcABC123abcABC123abcABC1", true))
                .isEmpty();
    }

    private Finding only(String url) {
        var findings = engine.scanUrl(url, false);
        assertThat(findings).as(url).hasSize(1);
        return findings.getFirst();
    }
}
