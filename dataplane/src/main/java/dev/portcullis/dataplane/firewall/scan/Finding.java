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
 * @param offset bytes from the start of the location to the match, -1 where that has no meaning
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
        String message,
        String hint) {}
