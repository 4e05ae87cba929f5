package dev.portcullis.crd.resolve;

/** Why a resource is not accepted: the reasons of {@code Accepted=False} and of the events that go with it. */
public enum ProblemReason {
    /** A field that the kind does not have. */
    UnknownField,
    /** A value of the wrong type, syntax, unit or range. */
    InvalidValue,
    /** A required field is missing. */
    MissingField,
    /** Two fields contradict each other. */
    InvalidCombination,
    /** Networks or prefixes that overlap. */
    OverlappingNetworks,
    /** A resource that is referred to does not exist or is not accepted itself. */
    ReferenceNotFound,
    /** A Secret or a key in it does not exist. */
    SecretNotFound,
    /** A ConfigMap or a key in it does not exist, or holds something else than it should. */
    ConfigMapNotFound,
    /** Two resources claim the same port of a node or of this machine. */
    PortConflict,
    /** The resolved configuration does not fit into a ConfigMap (1 MiB). */
    TooLarge
}
