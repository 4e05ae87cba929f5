package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.util.function.Consumer;

/** Refuses {@code ..} as a path segment, with dots and slashes written plainly, as backslashes or percent-encoded. */
final class PathTraversalStage implements UrlStage {
    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        var path = url.path();
        var dots = 0;
        var other = false;
        for (var i = 0; i <= path.length(); ) {
            var unit = i == path.length() ? '/' : path.charAt(i);
            var next = i + 1;
            if (unit == '%') {
                var end = i + 1;
                while (path.startsWith("25", end)) {
                    end += 2;
                }
                if (end + 1 < path.length()) {
                    var value = Character.digit(path.charAt(end), 16) << 4 | Character.digit(path.charAt(end + 1), 16);
                    if (value >= 0) {
                        unit = (char) value;
                        next = end + 2;
                    }
                }
            }
            if (unit == '/' || unit == '\\') {
                if (dots == 2 && !other) {
                    findings.accept(Refusal.of(
                            ScannerName.PATH_TRAVERSAL,
                            "path-traversal",
                            Severity.high,
                            "path",
                            "the path climbs out of its folder with '..'",
                            ""));
                    return;
                }
                dots = 0;
                other = false;
            } else if (unit == '.') {
                dots++;
            } else {
                other = true;
            }
            i = next;
        }
    }
}
