package dev.portcullis.dataplane.firewall.scan;

/** {@link Policies} for tests of other packages. */
public final class TestPolicies {
    private TestPolicies() {}

    /** An engine with every default, changed by a few lines of YAML. */
    public static ScanEngine engine(String changes) {
        return Policies.engine(changes);
    }
}
