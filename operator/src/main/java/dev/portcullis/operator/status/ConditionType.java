package dev.portcullis.operator.status;

/** The types of conditions, with what True means. */
public enum ConditionType {
    /** The spec is valid and everything it refers to exists. */
    Accepted("The spec is valid and everything it refers to exists."),
    /** Every desired pod is ready and runs the configuration of this generation. */
    Ready("Every desired pod is ready and runs the current configuration. For a MitigationPolicy: a detector uses it."),
    /** Pods or their configuration are being changed. */
    Progressing("Pods are being rolled, or have not all taken the current configuration yet."),
    /** A KillSwitch resource stops this policy. */
    KillSwitchEngaged("At least one KillSwitch that selects the policy is engaged."),
    /** Every pod of every selected policy runs this revision of the switch. */
    Enforced("Every pod of every selected policy runs this revision of the switch, engaged or released."),
    /** The detector's pods report at least one attack. */
    AttackInProgress("The pods report at least one attack."),
    /** Only listed exporters are believed. */
    ExportersRestricted("Only the exporters of spec.exporters.allowed are believed."),
    /** Nothing is announced. */
    DryRun("The policy decides and records, and announces nothing."),
    /** Every configured BGP session is up. */
    PeersEstablished("Every configured BGP session is established on every pod that was asked.");

    private final String meaning;

    ConditionType(String meaning) {
        this.meaning = meaning;
    }

    /** What status True says, one sentence. */
    public String meaning() {
        return meaning;
    }
}
