package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Programs that tests run against. */
final class Installed {
    private Installed() {}

    /** Where {@code program} is; without it the test is skipped, or fails where -Drequire.daemons=true. */
    static String program(String program, String debianPackage) {
        for (var folder : List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/opt/homebrew/bin")) {
            var path = Path.of(folder, program);
            if (Files.isExecutable(path)) {
                return path.toString();
            }
        }
        var missing = program + " is not installed (Debian: apt-get install " + debianPackage
                + "), so this test is skipped; -Drequire.daemons=true makes that a failure";
        if (Boolean.getBoolean("require.daemons")) {
            fail(missing);
        }
        Assumptions.abort(missing);
        throw new IllegalStateException(missing);
    }
}
