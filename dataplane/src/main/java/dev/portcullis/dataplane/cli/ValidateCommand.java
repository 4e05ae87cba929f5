package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.config.LocalFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says everything that is wrong with YAML files, as the API server and the operator would. Exit code 1 when something is. */
@Command(
        name = "validate",
        description =
                "Check YAML files: prints every problem as file:line:column: Kind/name: field: message, and exits 1.")
public final class ValidateCommand implements Callable<Integer> {
    @Option(
            names = {"-f", "--file"},
            required = true,
            arity = "1..*",
            description = "Files, or folders whose YAML files are read.")
    List<Path> files = List.of();

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        var loaded = new LocalFiles(files).load();
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        loaded.problems().forEach(out::println);
        if (!loaded.problems().isEmpty()) {
            return 1;
        }
        out.println(loaded.manifests().resources().size() + " resources are valid");
        return 0;
    }
}
