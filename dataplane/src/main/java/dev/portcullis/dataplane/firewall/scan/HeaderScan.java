package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.DlpSpec.Headers;
import dev.portcullis.dataplane.firewall.scan.match.Sweep;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import dev.portcullis.dataplane.firewall.scan.view.ValueReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Secrets in request headers. Sensitive looks at the listed names, All at every header and at all values in a row, Off
 * at none. Immutable, any thread.
 */
final class HeaderScan {
    private static final int LONGEST_NAME = 64;

    /** No secret is shorter, and next to no method that anybody uses is as long. */
    private static final int SHORTEST = 12;

    private final SecretPolicy policy;
    private final Headers headers;
    private final Set<String> names;

    HeaderScan(SecretPolicy policy, Headers headers) {
        this.policy = policy;
        this.headers = headers;
        names = headers.names().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    List<Finding> scan(Iterable<? extends Map.Entry<String, String>> entries, String host) {
        return switch (headers.scan()) {
            case Off -> List.of();
            case Sensitive -> scan(entries, host, false);
            case All -> scan(entries, host, true);
        };
    }

    List<Finding> method(String method, String host) {
        if (method.length() < SHORTEST) {
            return List.of();
        }
        var findings = new ArrayList<Finding>(0);
        var budget = new WorkBudget();
        var sweep = new Sweep(policy.rules(), budget, (rule, start, end, encoding) -> {
            var finding = policy.finding(rule, host, start, end - start, encoding, "method");
            if (finding != null) {
                findings.add(finding);
            }
        });
        try {
            search(sweep, budget, method);
        } catch (WorkBudget.Exhausted e) {
            findings.add(policy.overBudget("method", -1));
        }
        return findings;
    }

    private List<Finding> scan(Iterable<? extends Map.Entry<String, String>> entries, String host, boolean all) {
        var findings = new ArrayList<Finding>(2);
        var budget = new WorkBudget();
        var place = new Place();
        var sweep = new Sweep(policy.rules(), budget, (rule, start, end, encoding) -> {
            var inName = start < place.value;
            var location = place.name.isEmpty() ? "headers" : inName ? "header name" : "header " + place.name;
            var how = !place.name.isEmpty() ? encoding : Encodings.split(encoding);
            var finding = policy.finding(
                    rule, host, inName ? -1 : start - place.value, inName ? 0 : end - start, how, location);
            if (finding != null) {
                findings.add(finding);
            }
        });
        var values = new StringBuilder();
        var lines = new StringBuilder();
        var cookies = new StringBuilder();
        try {
            for (var entry : entries) {
                if (!all && !names.contains(entry.getKey().toLowerCase(Locale.ROOT))) {
                    continue;
                }
                place.name = printable(entry.getKey());
                place.value = entry.getKey().length() + 2;
                search(sweep, budget, entry.getKey() + ": " + entry.getValue());
                values.append(entry.getValue());
                lines.append(entry.getValue()).append('\n');
                if (entry.getKey().equalsIgnoreCase("cookie")) {
                    // Several are one that was cut up (RFC 9113 section 8.2.3).
                    cookies.append(entry.getValue()).append(';');
                }
            }
            place.name = "";
            place.value = 0;
            if (all) {
                search(sweep, budget, values.toString());
            }
            joined(sweep, budget, ValueReader.LINES, lines.toString());
            joined(sweep, budget, ValueReader.PAIRS, lines.toString());
            joined(sweep, budget, ValueReader.PAIRS, cookies.toString());
        } catch (WorkBudget.Exhausted e) {
            findings.add(policy.overBudget("headers", -1));
        }
        return findings;
    }

    private static void search(Sweep sweep, WorkBudget budget, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        budget.grant(bytes.length);
        sweep.search(bytes, 0, bytes.length, bytes.length, 0);
    }

    /** Looks over the seams of the values in {@code text}. */
    private static void joined(Sweep sweep, WorkBudget budget, ValueReader reader, String text) {
        if (text.isEmpty()) {
            return;
        }
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        budget.grant(bytes.length);
        var pieces = new Fragments();
        reader.read(bytes, 0, bytes.length, bytes.length, false, pieces);
        sweep.searchJoined(pieces, bytes, bytes.length, bytes.length, 0);
    }

    private static String printable(String name) {
        return name.length() <= LONGEST_NAME && name.chars().allMatch(c -> c > ' ' && c < 0x7f)
                ? name
                : "(unprintable)";
    }

    /** Where the sweep is. */
    private static final class Place {
        private String name = "";
        private int value;
    }
}
