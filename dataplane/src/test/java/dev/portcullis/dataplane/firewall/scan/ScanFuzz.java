package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Fuzz targets of the scan's entries. None throws, however hostile the bytes; findings depend on the bytes alone and not on
 * how they are cut; nothing is called clean that was not fed; and a secret behind any bytes is found, or the whole is
 * refused.
 */
public final class ScanFuzz {
    private static final String TOKEN = "ghp_" + "a8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4";
    private static final byte[] PLANTED = ("\n" + TOKEN + "\n").getBytes(StandardCharsets.US_ASCII);
    private static final List<String> TYPES = List.of(
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=b",
            "application/x-www-form-urlencoded",
            "application/xml; charset=shift_jis",
            "text/plain; charset=utf-16",
            "text/plain; charset=utf-16le",
            "");
    private static final ScanEngine ENGINE = ScanEngine.compile(
            Policies.spec("""
                    injection: {action: Block, exemptDomains: [], disabledClasses: []}
                    addresses:
                      enabled: true
                      known: [{chain: eth, address: "0x52908400098527886E0F7030069857D2E4169EE7"}]
                      onLookalike: Block
                      onUnknown: Allow
                    dlp:
                      patterns:
                        - {name: ticket, regex: "TCK-[0-9]{6}", severity: high, action: Block, exemptDomains: []}
                        - {name: shape, regex: "[0-9]{3}q[a-z]{2,9}", severity: high, action: Warn, exemptDomains: []}
                    crossRequest: {enabled: true}
                    """),
            List.of(
                    new KnownValue("canary", "honey-token-47-lighthouse".getBytes(StandardCharsets.US_ASCII), true),
                    new KnownValue("password", "correct-horse-battery".getBytes(StandardCharsets.US_ASCII))));

    private ScanFuzz() {}

    /** The scan of one client's messages. */
    public static MessageScan clientMessages() {
        return ENGINE.openClientMessages("e.com");
    }

    /** A text with a secret in it. */
    public static byte[] planted() {
        return PLANTED.clone();
    }

    /** Fails where none of {@code findings} refuses what they were found in. */
    public static void assertRefused(List<Finding> findings) {
        assertThat(findings).anyMatch(finding -> finding.action() == Action.Block);
    }

    /** A request body: type, how it is cut, bytes. */
    public static void requestBody(byte[] input) {
        if (input.length < 2) {
            return;
        }
        var type = TYPES.get((input[0] & 0xff) % TYPES.size());
        var body = Arrays.copyOfRange(input, 2, input.length);
        var whole = scanned(ENGINE.openRequestBody(type, "e.com"), body, body.length);
        assertThat(scanned(ENGINE.openRequestBody(type, "e.com"), body, 1 + (input[1] & 0xff)))
                .isEqualTo(whole);
        var planted = Arrays.copyOf(body, body.length + PLANTED.length);
        System.arraycopy(PLANTED, 0, planted, body.length, PLANTED.length);
        assertRefused(scanned(ENGINE.openRequestBody(type, "e.com"), planted, planted.length));
    }

    /** A response body: type, how it is cut, bytes. */
    public static void responseBody(byte[] input) {
        if (input.length < 2) {
            return;
        }
        var type = TYPES.get((input[0] & 0xff) % TYPES.size());
        var body = Arrays.copyOfRange(input, 2, input.length);
        var whole = scanned(ENGINE.openResponseBody(type, "e.com"), body, body.length);
        assertThat(scanned(ENGINE.openResponseBody(type, "e.com"), body, 1 + (input[1] & 0xff)))
                .isEqualTo(whole);
    }

    /** A stream of events: how it is cut, bytes. */
    public static void eventStream(byte[] input) {
        if (input.length < 1) {
            return;
        }
        var body = Arrays.copyOfRange(input, 1, input.length);
        var whole = scanned(events(), body, body.length);
        assertThat(scanned(events(), body, 1 + (input[0] & 0xff))).isEqualTo(whole);
    }

    private static EventStreamScan events() {
        return new EventStreamScan(ENGINE.openServerMessages("e.com"), ENGINE.openServerMessages("e.com"));
    }

    private static List<Finding> scanned(BodyScan scan, byte[] body, int piece) {
        var clean = 0L;
        for (var at = 0; at < body.length; ) {
            var take = Math.min(piece, body.length - at);
            var bytes = ByteBuffer.wrap(body, at, take).asReadOnlyBuffer();
            scan.feed(bytes);
            at += take;
            assertThat(bytes.hasRemaining()).isFalse();
            assertThat(scan.clean()).isBetween(clean, (long) at);
            clean = scan.clean();
        }
        scan.finish();
        assertThat(scan.clean()).isBetween(clean, (long) body.length);
        var findings = List.copyOf(scan.findings());
        if (findings.stream().noneMatch(finding -> finding.action() == Action.Block)) {
            assertThat(scan.clean()).isEqualTo(body.length);
        }
        assertThat(findings).hasSizeLessThan(1_000);
        return findings;
    }

    /** Messages of one client, split at NUL. */
    public static void messages(byte[] input) {
        var scan = ENGINE.openClientMessages("e.com");
        for (var message : parts(input, (byte) 0)) {
            assertThat(scan.scan(ByteBuffer.wrap(message).asReadOnlyBuffer())).hasSizeLessThan(1_000);
        }
        assertRefused(scan.scan(ByteBuffer.wrap(PLANTED)));
    }

    /** What was sent before and what is sent now: two bytes say where the seam is. */
    public static void seam(byte[] input) {
        if (input.length < 3) {
            return;
        }
        var text = Arrays.copyOfRange(input, 2, input.length);
        var seam = ((input[0] & 0xff) << 8 | input[1] & 0xff) % text.length;
        var before = text.clone();
        assertThat(ENGINE.scanSeam(text, seam, text.length, "e.com"))
                .isEqualTo(ENGINE.scanSeam(text, seam, text.length, "e.com"));
        assertThat(text).isEqualTo(before);
    }

    /** A URL, and the same bytes as path and query. */
    public static void url(byte[] input) {
        var text = new String(input, (input.length & 1) == 0 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        assertThat(ENGINE.scanUrl(text, false)).isEqualTo(ENGINE.scanUrl(text, false));
        ENGINE.scanUrl("https://" + text + "/", true);
        ENGINE.scanPath("/" + text, "e.com");
        assertRefused(ENGINE.scanUrl("https://e.com/" + text + "?k=" + TOKEN, false));
        assertRefused(ENGINE.scanUrl("https://e.com/?" + text + "&k=" + TOKEN, false));
    }

    /** Header fields, one a line. */
    public static void headers(byte[] input) {
        var fields = new ArrayList<Map.Entry<String, String>>();
        for (var line : parts(input, (byte) '\n')) {
            var text = new String(line, StandardCharsets.ISO_8859_1);
            var colon = text.indexOf(':');
            fields.add(
                    colon < 0
                            ? Map.entry("Authorization", text)
                            : Map.entry(text.substring(0, colon), text.substring(colon + 1)));
        }
        assertThat(ENGINE.scanHeaders(fields, "e.com")).isEqualTo(ENGINE.scanHeaders(fields, "e.com"));
        fields.add(Map.entry("Authorization", "Bearer " + TOKEN));
        assertRefused(ENGINE.scanHeaders(fields, "e.com"));
    }

    private static List<byte[]> parts(byte[] input, byte end) {
        var parts = new ArrayList<byte[]>();
        var from = 0;
        for (var i = 0; i <= input.length; i++) {
            if (i == input.length || input[i] == end) {
                parts.add(Arrays.copyOfRange(input, from, i));
                from = i + 1;
            }
        }
        return parts;
    }
}
