package dev.portcullis.dataplane.flow.mitigate;

/** Why a ban is refused: the values of label {@code reason} and, as sentences, of a rejected ban's reason. */
public enum Refusal {
    /** The address is on a whitelist. */
    WHITELIST("whitelist", "whitelisted"),
    /** The address is not in the detector's networks. */
    SCOPE("scope", "outside configured networks"),
    /** No MitigationPolicy applies to the address. */
    NO_POLICY("no_policy", "no MitigationPolicy applies to this address: set mitigationPolicyRef"),
    /** The policy only tells. */
    METHOD_NONE("method_none", "method of the MitigationPolicy is None: it tells and announces nothing"),
    /** As many bans as the policy allows. */
    MAX_ACTIVE_BANS("max_active_bans", "max_active_bans reached"),
    /** As large a part of the protected addresses as the policy allows. */
    BLAST_RADIUS_FRACTION("blast_radius_fraction", "max_banned_fraction reached"),
    /** As many new bans in the window as the policy allows. */
    BLAST_RADIUS_RATE("blast_radius_rate", "max_bans_per_window reached"),
    /** Nothing to match but the host itself. */
    DESTINATION_ONLY(
            "destination_only",
            "only a rule for all traffic of the host would match; set flowSpec.allowDestinationOnly or use Blackhole"),
    /** As many FlowSpec rules as the policy allows. */
    MAX_FLOWSPEC_RULES("max_flowspec_rules", "flowSpec.maxRules reached");

    private final String label;
    private final String sentence;

    Refusal(String label, String sentence) {
        this.label = label;
        this.sentence = sentence;
    }

    /** The value of label {@code reason}. */
    public String label() {
        return label;
    }

    /** The text of a rejected ban. */
    public String sentence() {
        return sentence;
    }
}
