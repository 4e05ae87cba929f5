package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;

/**
 * Something a stage found. Never holds the secret itself.
 *
 * @param rule name of the rule, for example {@code github-token}
 * @param action what the policy says about this finding, before the mode is applied
 * @param encoding how the match was wrapped, outermost first, for example {@code base64}; "plaintext" when it was not
 * @param location where, in words without content: {@code url}, {@code query}, {@code header Authorization}, {@code body}
 * @param offset bytes from the start of the location to the match, or to the run that wraps it; -1 where that has no
 *     meaning
 * @param length bytes of the location, from {@code offset} on, that hold the match, wrapping included; 0 where the
 *     finding is not about certain bytes
 * @param message one sentence for people, without the secret
 * @param hint the YAML that would allow it, or an empty string
 */
public record Finding(
        ScannerName scanner,
        String rule,
        Severity severity,
        Action action,
        String encoding,
        String location,
        long offset,
        long length,
        String message,
        String hint) {
    /** A finding about no certain bytes. */
    public Finding(
            ScannerName scanner,
            String rule,
            Severity severity,
            Action action,
            String encoding,
            String location,
            long offset,
            String message,
            String hint) {
        this(scanner, rule, severity, action, encoding, location, offset, 0, message, hint);
    }

    /** The same finding, of which the policy says {@code other}. */
    Finding as(Action other) {
        return new Finding(scanner, rule, severity, other, encoding, location, offset, length, message, hint);
    }

    /** The same finding in something that was itself wrapped in {@code wrapping}. */
    Finding within(String wrapping) {
        var how = encoding.equals("plaintext") ? wrapping : wrapping + "+" + encoding;
        return new Finding(scanner, rule, severity, action, how, location, offset, length, message, hint);
    }
}
