package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.dataplane.firewall.scan.Encodings;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.SecretPolicy;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.Sweep;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import dev.portcullis.dataplane.firewall.scan.view.ValueReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Secrets in the URL, core classes first: in the URL as it stands, and in what it says when its separators are taken
 * out (host name without dots, path without slashes, query values in a row), because a secret may be cut up to pass.
 */
final class SecretStage implements UrlStage {
    /** Characters of the shortest secrets. */
    private static final int SHORTEST = 16;

    private final SecretPolicy policy;

    SecretStage(SecretPolicy policy) {
        this.policy = policy;
    }

    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        var budget = new WorkBudget();
        var found = new ArrayList<Finding>();
        var scan = new Scan(url, found);
        var sweep = new Sweep(policy.rules(), budget, scan);
        try {
            scan.location = "";
            search(sweep, budget, url.text());
            if (!tunnel) {
                var values = values(url.query());
                if (values != null) {
                    scan.location = "query";
                    search(sweep, budget, values);
                    joined(sweep, budget, url.query());
                    search(sweep, budget, names(url.query()));
                }
                if (url.path().indexOf('/', 1) > 0) {
                    scan.location = "path";
                    search(sweep, budget, url.path().replace("/", ""));
                }
            }
            if (url.address() == null && longLabel(url.host())) {
                // Whoever is asked for the name reads it in either case: what is all capitals is whole in small
                // letters.
                scan.location = "host";
                search(sweep, budget, url.host().toUpperCase(Locale.ROOT));
            }
            if (url.address() == null
                    && url.host().length() > 24
                    && url.host().indexOf('.') != url.host().lastIndexOf('.')) {
                scan.location = "host";
                search(sweep, budget, labels(url.host()).replace(".", ""));
            }
        } catch (WorkBudget.Exhausted e) {
            found.add(policy.overBudget("url", -1));
        }
        report(found, findings);
    }

    private static void search(Sweep sweep, WorkBudget budget, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        budget.grant(bytes.length);
        sweep.search(bytes, 0, bytes.length, bytes.length, 0);
    }

    private static void joined(Sweep sweep, WorkBudget budget, String query) {
        var bytes = query.getBytes(StandardCharsets.UTF_8);
        budget.grant(2L * bytes.length);
        var pieces = new Fragments();
        ValueReader.PAIRS.read(bytes, 0, bytes.length, bytes.length, false, pieces);
        sweep.searchJoined(pieces, bytes, bytes.length, bytes.length, 0);
        if (QueryValues.sorted(query, bytes, pieces)) {
            sweep.searchJoined(pieces, bytes, bytes.length, bytes.length, 0);
        }
    }

    private static void report(List<Finding> found, Consumer<Finding> findings) {
        if (found.isEmpty()) {
            return;
        }
        for (var core : List.of(true, false)) {
            for (var finding : found) {
                if ((finding.scanner() == ScannerName.CORE_DLP) == core) {
                    findings.accept(finding);
                }
            }
        }
    }

    /** The host without its last two labels. */
    private static String labels(String host) {
        return host.substring(0, host.lastIndexOf('.', host.lastIndexOf('.') - 1));
    }

    /** True where a label of {@code host} is as long as the shortest secrets are. */
    private static boolean longLabel(String host) {
        var begin = 0;
        for (var i = 0; i <= host.length(); i++) {
            if (i == host.length() || host.charAt(i) == '.') {
                if (i - begin >= SHORTEST) {
                    return true;
                }
                begin = i + 1;
            }
        }
        return false;
    }

    /** The names of the query in a row. */
    private static String names(String query) {
        var names = new StringBuilder(query.length());
        var inName = true;
        for (var i = 0; i < query.length(); i++) {
            var c = query.charAt(i);
            if (c == '&') {
                inName = true;
            } else if (c == '=') {
                inName = false;
            } else if (inName) {
                names.append(c);
            }
        }
        return names.toString();
    }

    /** The values of the query in a row, or null where there are fewer than two. */
    private static @Nullable String values(String query) {
        if (query.indexOf('&') < 0) {
            return null;
        }
        var values = new StringBuilder(query.length());
        var inValue = false;
        for (var i = 0; i < query.length(); i++) {
            var c = query.charAt(i);
            if (c == '&') {
                inValue = false;
            } else if (c == '=' && !inValue) {
                inValue = true;
            } else if (inValue) {
                values.append(c);
            }
        }
        return values.toString();
    }

    /** Turns matches into findings that say which part of the URL they are in. */
    private final class Scan implements Sweep.Matches {
        private final Url url;
        private final List<Finding> found;
        private final int pathStart;
        private final int queryStart;
        private String location = "";

        Scan(Url url, List<Finding> found) {
            this.url = url;
            this.found = found;
            pathStart = url.text().indexOf(url.authority()) + url.authority().length();
            queryStart = pathStart + url.path().length() + 1;
        }

        @Override
        public void match(Rule rule, long start, long end, String encoding) {
            var whole = location.isEmpty();
            var where = !whole ? location : start < pathStart ? "host" : start < queryStart ? "path" : "query";
            var how = whole ? encoding : Encodings.split(encoding);
            var finding = policy.finding(rule, url.host(), whole ? start : -1, whole ? end - start : 0, how, where);
            if (finding != null) {
                found.add(finding);
            }
        }
    }
}
