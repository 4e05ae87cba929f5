package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * h2spec against the HTTP/2 of intercepted clients. What it finds wrong is what {@code h2spec-known.txt} lists, no more and
 * no less, each with the reason it is left.
 */
@Timeout(300)
class H2specTest {
    private static final Path PROGRAM = Path.of(
            System.getProperty(
                    "kubernetes.binaries", System.getProperty("user.home") + "/.cache/portcullis/kubernetes"),
            "h2spec");

    @TempDir
    Path folder;

    @Test
    void onlyWhatIsKnownFails() throws Exception {
        if (!Files.isExecutable(PROGRAM)) {
            var missing = PROGRAM + " is not there (tools/h2spec/build), so this test is skipped;"
                    + " -Drequire.cluster=true makes that a failure";
            assertThat(Boolean.getBoolean("require.cluster")).as(missing).isFalse();
            Assumptions.abort(missing);
        }
        var known = new TreeSet<String>();
        try (var in = H2specTest.class.getResourceAsStream("h2spec-known.txt")) {
            new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(known::add);
        }
        try (var origin = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("hello ".repeat(100)));
                // h2spec asks for the address it connects to, which in mode Audit is passed on all the same.
                var firewall = TestFirewall.with(
                        Intercepted.policy(origin.port(), "").replaceFirst("\\{", "{\"mode\": \"Audit\", "));
                var bridge = new ConnectBridge(firewall, "origin.test", origin.port())) {
            Program.run(
                    folder,
                    "",
                    List.of(
                            PROGRAM.toString(),
                            "-h",
                            "127.0.0.1",
                            "-p",
                            String.valueOf(bridge.port()),
                            "-t",
                            "-k",
                            "-o",
                            "5",
                            "-j",
                            folder.resolve("report.xml").toString()));
            assertThat(failures(folder.resolve("report.xml"))).isEqualTo(known);
            assertThat(firewall.metric("portcullis_http2_faults_total")).isPositive();
        }
    }

    /** Section and text of the cases that failed. */
    private static TreeSet<String> failures(Path report) throws IOException {
        var found = new TreeSet<String>();
        var cases = Pattern.compile(
                        "<testcase package=\"([^\"]*)\" classname=\"([^\"]*)\"[^>]*>(.*?)</testcase>", Pattern.DOTALL)
                .matcher(Files.readString(report));
        while (cases.find()) {
            if (cases.group(3).contains("<failure") || cases.group(3).contains("<error")) {
                found.add(cases.group(1) + " " + cases.group(2));
            }
        }
        return found;
    }
}
