package dev.portcullis.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A program run to its end, or until its time is over. */
record Command(List<String> words, Map<String, String> environment, Duration patience, String input) {
    static Command of(Path program, String... arguments) {
        var words = new ArrayList<String>();
        words.add(program.toString());
        words.addAll(List.of(arguments));
        return new Command(List.copyOf(words), Map.of(), Duration.ofMinutes(2), "");
    }

    /** The same with a variable in its environment. */
    Command with(String variable, String value) {
        var more = new TreeMap<>(environment);
        more.put(variable, value);
        return new Command(words, Map.copyOf(more), patience, input);
    }

    /** The same, reading {@code text}. */
    Command reading(String text) {
        return new Command(words, environment, patience, text);
    }

    /** The same, ended by force after {@code limit}. */
    Command within(Duration limit) {
        return new Command(words, environment, limit, input);
    }

    /** What a program said. */
    record Result(int exit, String output, String errors, List<String> words) {
        /** The standard output of a program that must succeed. */
        String orFail() {
            if (exit != 0) {
                throw new AssertionError(String.join(" ", words) + " ended with " + exit + "\n" + output + errors);
            }
            return output;
        }
    }

    /** Runs it. Files hold what it says, so that a background child that keeps them open does not hold us. */
    Result run() {
        try {
            var output = Files.createTempFile("portcullis-e2e", ".out");
            var errors = Files.createTempFile("portcullis-e2e", ".err");
            try {
                var builder = new ProcessBuilder(words)
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
                builder.environment().putAll(environment);
                var process = builder.start();
                try (var stdin = process.getOutputStream()) {
                    stdin.write(input.getBytes(StandardCharsets.UTF_8));
                }
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(String.join(" ", words) + " took more than " + patience + "\n"
                            + Files.readString(output) + Files.readString(errors));
                }
                return new Result(process.exitValue(), Files.readString(output), Files.readString(errors), words);
            } finally {
                Files.deleteIfExists(output);
                Files.deleteIfExists(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in " + words, e);
        }
    }
}
