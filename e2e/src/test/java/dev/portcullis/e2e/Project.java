package dev.portcullis.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Where things are in the source tree and on this machine. */
final class Project {
    static final Path ROOT = Path.of(Objects.requireNonNull(System.getProperty("project.root"), "project.root"));
    static final String VERSION = "0.1.0";
    static final Path CHART = ROOT.resolve("helm/portcullis");
    static final Path GRAFANA = ROOT.resolve("grafana");
    static final Path BINARIES =
            Path.of(Objects.requireNonNull(System.getProperty("kubernetes.binaries"), "kubernetes.binaries"));
    static final Path DATAPLANE_IMAGE = ROOT.resolve("image/dataplane/target/image.tar");
    static final Path OPERATOR_IMAGE = ROOT.resolve("image/operator/target/image.tar");

    static final boolean REQUIRED = Boolean.getBoolean("require.cluster");

    private Project() {}

    /** Skips the test with a line that says why, unless this machine promised to have everything. */
    static void skip(String reason) {
        if (REQUIRED) {
            Assertions.fail(reason + " (-Drequire.cluster=true turns this skip into a failure)");
        }
        System.out.println("SKIPPED: " + reason);
        Assumptions.abort(reason);
    }

    /** A program the tests build with the scripts of tools/. */
    static Path built(String name, String how) {
        var binary = BINARIES.resolve(name);
        if (!Files.isExecutable(binary)) {
            skip("no " + binary + ": run " + how + " " + BINARIES);
        }
        return binary;
    }

    /** A program of this machine. */
    static Path installed(String name, String debianPackage) {
        var found = Arrays.stream(System.getenv("PATH").split(":"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            skip("no " + name + " here: install the package " + debianPackage);
        }
        return found.orElseThrow();
    }

    static Path helm() {
        return built("helm", "tools/helm/build");
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
