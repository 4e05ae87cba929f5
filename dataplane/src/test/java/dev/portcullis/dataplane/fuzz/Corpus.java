package dev.portcullis.dataplane.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kept inputs of each target: beginnings for mutation, and everything that ever broke one. */
final class Corpus {
    private static final Path ROOT = Path.of("src/test/resources/fuzz");

    /** One kept input. */
    record Input(String name, byte[] bytes) {}

    private Corpus() {}

    /** Where the inputs of {@code target} are. */
    static Path folder(FuzzTargets target) {
        return ROOT.resolve(target.label());
    }

    /** The inputs of {@code target}, in the order of their names. */
    static List<Input> of(FuzzTargets target) {
        var all = new ArrayList<Input>();
        try (var files = Files.list(folder(target))) {
            for (var file : files.sorted().toList()) {
                all.add(new Input(file.getFileName().toString(), Files.readAllBytes(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
