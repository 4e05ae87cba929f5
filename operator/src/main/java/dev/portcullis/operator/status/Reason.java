package dev.portcullis.operator.status;

import dev.portcullis.crd.resolve.ProblemReason;

/** Every reason of a condition or an event, with the sentence the documentation has for it. */
public enum Reason {
    // Conditions.
    Valid("The spec was accepted."),
    UnknownField("A field that the kind does not have."),
    InvalidValue("A value of the wrong type, syntax, unit or range."),
    MissingField("A required field is missing."),
    InvalidCombination("Two fields contradict each other."),
    OverlappingNetworks("Networks or prefixes overlap."),
    ReferenceNotFound("A resource that is referred to does not exist or is not accepted itself."),
    SecretNotFound("A Secret or a key in it does not exist."),
    ConfigMapNotFound("A ConfigMap or a key in it does not exist, or is not what it should be."),
    PortConflict("Two resources claim the same port."),
    TooLarge("The resolved configuration does not fit into a ConfigMap (1 MiB)."),
    SpecNotAccepted("The newest spec was not accepted; what ran before goes on."),
    ObjectConflict("An object of the needed name exists and belongs to somebody else."),
    ObjectRefused("The API server refused an object made from this spec."),
    PodsCurrent("Every desired pod is ready and runs the current configuration."),
    WaitingForPods("Some pods are not there, not ready, or have not taken the current configuration yet."),
    PodsRefused("Some pods refused the current configuration and run their last good one."),
    NoNodes("No node takes a pod: see spec.template.nodeSelector and tolerations."),
    RollingOut("Pods are being replaced or are taking a new configuration."),
    Settled("Nothing is being changed."),
    Engaged("At least one kill switch is engaged."),
    NotEngaged("No kill switch is engaged."),
    EngagedEverywhere("Every pod of every selected policy refuses everything."),
    ReleasedEverywhere("Every pod of every selected policy runs the switch as released."),
    NoPolicySelected("The switch selects no AgentPolicy."),
    UnderAttack("The pods report attacks."),
    NoAttack("The pods report no attack."),
    NoReport("No pod has reported yet."),
    AllowListed("Only listed exporters are believed."),
    AnyExporter("spec.exporters.allowed is empty: telemetry of anyone is believed."),
    InUse("At least one accepted FlowDetector uses the policy."),
    NotUsed("No accepted FlowDetector uses the policy."),
    OnlyRecorded("dryRun is true: nothing is announced."),
    Announced("dryRun is false: bans are announced to the neighbours."),
    AllEstablished("Every neighbour is established."),
    PeersDown("At least one neighbour is not established."),
    NoPeers("The policy has no BGP neighbours."),
    // Events: everything from here on.
    SpecAccepted("A spec was accepted."),
    SpecRejected("A spec was not accepted.", true),
    AuthorityMade("An authority for TLS interception was made; agents must trust its certificate."),
    AuthorityRestored("The authority of TLS interception was gone, and was put back from the pods' copy."),
    RolloutDone("Every desired pod runs the current configuration."),
    ObjectRestored("An owned object had been changed or deleted by hand and was put back."),
    KillSwitchEngaged("A kill switch was engaged.", true),
    KillSwitchReleased("A kill switch was released."),
    KillSwitchEnforced("Every pod of every selected policy runs the switch."),
    AttackStarted("An attack started.", true),
    AttackEnded("An attack is over."),
    BanAnnounced("Bans came into force.", true),
    BanWithdrawn("Bans ended."),
    BanRejected("Bans were refused by a safety rule.", true),
    PeerUp("A BGP session was established."),
    PeerDown("A BGP session was lost.", true);

    private final String meaning;
    private final boolean warning;

    Reason(String meaning) {
        this(meaning, false);
    }

    Reason(String meaning, boolean warning) {
        this.meaning = meaning;
        this.warning = warning;
    }

    /** What it says, one sentence. */
    public String meaning() {
        return meaning;
    }

    /** Whether an event of this reason is of type Warning. */
    public boolean warning() {
        return warning;
    }

    /** Whether it is the reason of an event; those are declared last. */
    public boolean isEvent() {
        return compareTo(SpecAccepted) >= 0;
    }

    /** The reason of a condition for what the Resolver found. */
    public static Reason of(ProblemReason reason) {
        return valueOf(reason.name());
    }
}
