package dev.portcullis.dataplane.firewall;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.policy.ScanCompiler;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.KnownValue;
import dev.portcullis.dataplane.firewall.scan.MessageScan;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Scan stages that look for two plain marks, so that tests of the proxy do not depend on rules: {@link #SECRET} leaving,
 * {@link #INJECTION} coming in. Address rules: 127.0.0.2 is internal, 127.0.0.9 is cloud metadata, the rest is allowed.
 */
final class MarkerScans implements ScanCompiler {
    static final String SECRET = "TOP-SECRET-MARK";
    static final String INJECTION = "IGNORE-ALL-RULES-MARK";

    @Override
    public Stages compile(AgentPolicySpec spec, List<KnownValue> known) {
        return new Stages(new Scanner(spec), new Addresses(spec));
    }

    private record Addresses(AgentPolicySpec spec) implements AddressRules {
        @Override
        public Kind judge(InetAddress address) {
            return switch (address.getHostAddress()) {
                case "127.0.0.2" -> Kind.INTERNAL;
                case "127.0.0.9" -> Kind.METADATA;
                default -> Kind.ALLOWED;
            };
        }

        @Override
        public boolean trusted(String host) {
            return spec.network().trustedDomains().contains(host);
        }
    }

    private record Scanner(AgentPolicySpec spec) implements RequestScanner {
        @Override
        public List<Finding> scanSeam(byte[] text, int seam, int length, String host) {
            return List.of();
        }

        @Override
        public List<Finding> scanUrl(String url, boolean tunnel) {
            for (var blocked : spec.domains().block()) {
                if (url.contains("://" + blocked + "/") || url.contains("://" + blocked + ":")) {
                    return List.of(finding(ScannerName.DOMAIN, "blocked-domain", "url", 0, Action.Block));
                }
            }
            var at = url.indexOf(SECRET);
            return at < 0
                    ? List.of()
                    : List.of(finding(
                            ScannerName.DLP, "marker", "query", at, spec.dlp().action()));
        }

        @Override
        public List<Finding> scanPath(String pathAndQuery, String host) {
            return pathAndQuery.contains(SECRET)
                    ? List.of(finding(
                            ScannerName.DLP, "marker", "query", 0, spec.dlp().action()))
                    : List.of();
        }

        @Override
        public List<Finding> scanHeaders(Iterable<? extends Map.Entry<String, String>> headers, String host) {
            var findings = new ArrayList<Finding>();
            for (var header : headers) {
                if (header.getValue().contains(SECRET)) {
                    findings.add(finding(
                            ScannerName.DLP,
                            "marker",
                            "header " + header.getKey(),
                            0,
                            spec.dlp().action()));
                }
            }
            return findings;
        }

        @Override
        public List<Finding> scanMethod(String method, String host) {
            return List.of();
        }

        @Override
        public BodyScan openRequestBody(String contentType, String host) {
            return new Scan(SECRET, ScannerName.DLP, spec.dlp().action());
        }

        @Override
        public BodyScan openFile() {
            return openRequestBody("text/plain", "");
        }

        @Override
        public BodyScan openResponseBody(String contentType, String host) {
            return new Scan(
                    INJECTION, ScannerName.PROMPT_INJECTION, spec.injection().action());
        }

        @Override
        public MessageScan openClientMessages(String host) {
            return new Messages(SECRET, ScannerName.DLP, spec.dlp().action());
        }

        @Override
        public MessageScan openServerMessages(String host) {
            return new Messages(
                    INJECTION, ScannerName.PROMPT_INJECTION, spec.injection().action());
        }
    }

    /** Remembers the end of the messages so far. */
    private static final class Messages implements MessageScan {
        private final String mark;
        private final ScannerName scanner;
        private final Action action;
        private String tail = "";

        Messages(String mark, ScannerName scanner, Action action) {
            this.mark = mark;
            this.scanner = scanner;
            this.action = action;
        }

        @Override
        public List<Finding> scan(ByteBuffer message) {
            var seen = tail + StandardCharsets.ISO_8859_1.decode(message);
            tail = seen.substring(Math.max(0, seen.length() - mark.length() + 1));
            var at = seen.indexOf(mark);
            return at < 0 ? List.of() : List.of(finding(scanner, "marker", "message", at, action));
        }
    }

    /** Keeps the last bytes that could begin the mark; everything before them is clean. */
    private static final class Scan implements BodyScan {
        private final byte[] mark;
        private final ScannerName scanner;
        private final Action action;
        private final List<Finding> findings = new ArrayList<>();
        private byte[] tail = new byte[0];
        private long fed;
        private long clean;
        private boolean blocked;

        Scan(String mark, ScannerName scanner, Action action) {
            this.mark = mark.getBytes(StandardCharsets.UTF_8);
            this.scanner = scanner;
            this.action = action;
        }

        @Override
        public void feed(ByteBuffer bytes) {
            var seen = new byte[tail.length + bytes.remaining()];
            System.arraycopy(tail, 0, seen, 0, tail.length);
            bytes.get(seen, tail.length, seen.length - tail.length);
            fed += seen.length - tail.length;
            if (!blocked && indexOf(seen) >= 0) {
                findings.add(finding(scanner, "marker", "body", fed - seen.length + indexOf(seen), action));
                blocked = action == Action.Block;
                seen = new byte[0];
            }
            var keep = Math.min(seen.length, mark.length - 1);
            tail = java.util.Arrays.copyOfRange(seen, seen.length - keep, seen.length);
            if (!blocked) {
                clean = fed - keep;
            }
        }

        private int indexOf(byte[] bytes) {
            outer:
            for (var i = 0; i + mark.length <= bytes.length; i++) {
                for (var j = 0; j < mark.length; j++) {
                    if (bytes[i + j] != mark[j]) {
                        continue outer;
                    }
                }
                return i;
            }
            return -1;
        }

        @Override
        public void finish() {
            if (!blocked) {
                clean = fed;
            }
        }

        @Override
        public long clean() {
            return clean;
        }

        @Override
        public List<Finding> findings() {
            return findings;
        }
    }

    private static Finding finding(ScannerName scanner, String rule, String location, long offset, Action action) {
        return new Finding(
                scanner,
                rule,
                Severity.high,
                action,
                "plaintext",
                location,
                offset,
                "a mark was found in the " + location,
                "dlp:\n  action: Warn");
    }
}
