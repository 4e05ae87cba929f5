package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The shell scripts, read by ShellCheck. */
class ScriptsIT {
    @Test
    void shellCheckFindsNothing() throws IOException {
        var shellcheck = Project.installed("shellcheck", "shellcheck");
        var arguments = new ArrayList<>(List.of("--external-sources", "--source-path=" + Project.ROOT));
        for (var script : scripts()) {
            arguments.add(script.toString());
        }
        Command.of(shellcheck, arguments.toArray(String[]::new)).run().orFail();
    }

    /** Files of the source tree that begin with the interpreter line of a shell. */
    private static List<Path> scripts() throws IOException {
        var scripts = new ArrayList<Path>();
        for (var folder : List.of("", ".ci", "benchmarks", "image", "tools")) {
            var root = Project.ROOT.resolve(folder);
            try (var files = Files.walk(root, folder.isEmpty() ? 1 : 3)) {
                for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)
                        .filter(path -> !path.toString().contains("/target/"))::iterator) {
                    if (startsShell(file)) {
                        scripts.add(file);
                    }
                }
            }
        }
        assertThat(scripts).hasSizeGreaterThan(5);
        return scripts;
    }

    private static boolean startsShell(Path file) throws IOException {
        try (var content = Files.newInputStream(file)) {
            return new String(content.readNBytes(24), StandardCharsets.ISO_8859_1)
                    .matches("(?s)#!(/usr/bin/env bash|/bin/sh|/bin/bash)\\s.*");
        }
    }
}
