package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.ByteSet;
import dev.portcullis.dataplane.firewall.scan.match.Shannon;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Refuses path segments, query keys and query values that look random. What is {@link Ordinary}, or stands where services
 * put identifiers, does not count.
 */
final class EntropyStage implements UrlStage {
    private static final ByteSet TOKEN = ByteSet.of("A-Za-z0-9_+/=~-");

    private final double most;
    private final int shortest;
    private final DomainSet exempt;

    EntropyStage(AgentPolicySpec.Entropy entropy) {
        most = Double.parseDouble(entropy.url());
        shortest = entropy.minLength();
        exempt = new DomainSet(entropy.exemptDomains());
    }

    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        if (most == 0
                || tunnel
                || url.path().length() + url.query().length() < shortest
                || exempt.matches(url.host())) {
            return;
        }
        if (randomPath(url)) {
            findings.accept(finding(url, "path"));
        } else if (randomQuery(url.query())) {
            findings.accept(finding(url, "query"));
        }
    }

    private boolean randomPath(Url url) {
        var path = url.path();
        var before = "";
        var start = 1;
        while (start < path.length()) {
            var slash = path.indexOf('/', start);
            var end = slash < 0 ? path.length() : slash;
            if (end - start >= shortest && random(path, start, end, false)) {
                if (!KnownPlaces.segment(url.host(), before, path.substring(start, end))) {
                    return true;
                }
            }
            before = end - start <= 16 ? path.substring(start, end) : "";
            start = end + 1;
        }
        return false;
    }

    private boolean randomQuery(String query) {
        var start = 0;
        while (start < query.length()) {
            var end = start;
            var equals = -1;
            while (end < query.length() && query.charAt(end) != '&' && query.charAt(end) != ';') {
                if (equals < 0 && query.charAt(end) == '=') {
                    equals = end;
                }
                end++;
            }
            var name = equals < 0 ? end : equals;
            if (name - start >= shortest && random(query, start, name, true)) {
                return true;
            }
            if (end - name > shortest && random(query, name + 1, end, true)) {
                if (!KnownPlaces.parameter(query.substring(start, name), end - name - 1)) {
                    return true;
                }
            }
            start = end + 1;
        }
        return false;
    }

    /** True where a run of token characters in {@code text[from, to)} is long enough, measures like noise and is not ordinary. */
    private boolean random(String text, int from, int to, boolean query) {
        var bytes = decoded(text, from, to, query);
        var start = 0;
        for (var i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || !TOKEN.has(bytes[i])) {
                if (i - start >= shortest && Shannon.bits(bytes, start, i) > most) {
                    if (!Ordinary.looks(Arrays.copyOfRange(bytes, start, i))) {
                        return true;
                    }
                }
                start = i + 1;
            }
        }
        return false;
    }

    private static byte[] decoded(String text, int from, int to, boolean query) {
        var out = new byte[to - from];
        var length = 0;
        for (var i = from; i < to; i++) {
            var c = text.charAt(i);
            if (c == '%' && i + 2 < to) {
                var high = Character.digit(text.charAt(i + 1), 16);
                var low = Character.digit(text.charAt(i + 2), 16);
                if (high >= 0 && low >= 0) {
                    out[length++] = (byte) (high << 4 | low);
                    i += 2;
                    continue;
                }
            }
            out[length++] = c == '+' && query ? (byte) ' ' : (byte) c;
        }
        return Arrays.copyOf(out, length);
    }

    private Finding finding(Url url, String location) {
        return Refusal.of(
                ScannerName.ENTROPY,
                "url-entropy",
                Severity.medium,
                location,
                "a part of the " + location + " has more than " + most + " bits a character",
                "spec.entropy.exemptDomains: [\"" + url.host() + "\"]");
    }
}
