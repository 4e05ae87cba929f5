package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import java.util.List;

/**
 * One class of what is looked for. Immutable.
 *
 * @param name as policies, findings and metrics name it
 * @param core true where no policy can switch it off
 * @param literals one of these is in every match; empty for rules that {@code trigger} finds without one
 * @param folded true where literals match in any case
 * @param trigger decides whether there is a match at a place
 * @param encoding how the match is wrapped when the rule itself describes the wrapped form, else an empty string
 */
public record Rule(
        String name,
        Severity severity,
        boolean core,
        List<byte[]> literals,
        boolean folded,
        Trigger trigger,
        String encoding) {
    public Rule {
        literals = List.copyOf(literals);
    }

    /** How a rule is decided. */
    public sealed interface Trigger permits AnchoredPattern, ExactValue, UserPattern, Finder {}

    /** Rules that a hand-written walk finds, because they have no literal. */
    public enum Finder implements Trigger {
        CARD_NUMBER,
        SOCIAL_SECURITY_NUMBER,
        IBAN,
        WIF,
        DISCORD_TOKEN
    }
}
