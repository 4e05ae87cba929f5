package dev.portcullis.dataplane.config;

import java.util.List;

/** A resolved configuration that a role cannot run, with one sentence for each reason. What ran before keeps running. */
public final class ConfigRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public ConfigRefusedException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, a sentence each. */
    public List<String> problems() {
        return problems;
    }
}
