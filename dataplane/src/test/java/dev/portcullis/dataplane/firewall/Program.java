package dev.portcullis.dataplane.firewall;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A finished run of a program.
 *
 * @param out standard output
 * @param err standard error
 */
record Program(int exit, String out, String err) {
    /** Runs {@code command} with {@code input} to its end. */
    static Program run(Path folder, String input, List<String> command) throws IOException, InterruptedException {
        var in = Files.writeString(folder.resolve("in"), input, StandardCharsets.ISO_8859_1);
        var out = folder.resolve("out");
        var err = folder.resolve("err");
        var process = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Program(
                process.waitFor(),
                Files.readString(out, StandardCharsets.ISO_8859_1),
                Files.readString(err, StandardCharsets.ISO_8859_1));
    }
}
