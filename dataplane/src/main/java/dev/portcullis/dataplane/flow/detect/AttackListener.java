package dev.portcullis.dataplane.flow.detect;

/** Told about attacks on the tick thread; must not block it. */
public interface AttackListener {
    /** An attack began. */
    void started(Attack attack);

    /** Once each tick while it lasts, its hysteresis included. */
    void ongoing(Attack attack);

    /** What it is made of has changed, or it has grown to twice what was last told. {@link #ongoing} has been told already. */
    default void updated(Attack attack) {}

    /** It has been below every threshold for the whole hysteresis, or its target is no longer protected. */
    void ended(Attack attack);
}
