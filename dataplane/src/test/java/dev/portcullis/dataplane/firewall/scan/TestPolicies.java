package dev.portcullis.dataplane.firewall.scan;

/** {@link Policies} for tests of other packages. */
public final class TestPolicies {
    private static final ScanEngine DEFAULT = Policies.engine("");

    private TestPolicies() {}

    /** The engine with every default. */
    public static ScanEngine engine() {
        return DEFAULT;
    }

    /** An engine with every default, changed by a few lines of YAML. */
    public static ScanEngine engine(String changes) {
        return Policies.engine(changes);
    }
}
