package dev.portcullis.dataplane.firewall.policy;

import java.util.List;

/** A configuration that cannot be put in force. The caller keeps the last good one. */
public final class PolicyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> sentences;

    /**
     * A refusal.
     *
     * @param sentences each says what is wrong, where, and what to do; none holds a secret
     */
    public PolicyException(List<String> sentences) {
        super(String.join(" ", sentences));
        this.sentences = List.copyOf(sentences);
    }

    /** What is wrong, one sentence each. */
    public List<String> sentences() {
        return sentences;
    }
}
