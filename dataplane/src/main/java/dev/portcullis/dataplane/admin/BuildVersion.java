package dev.portcullis.dataplane.admin;

/** The version of this build. */
public final class BuildVersion {
    private static final String CURRENT = read();

    private BuildVersion() {}

    /** {@code Implementation-Version} of the jar, or {@code dev} when run from class files. */
    public static String current() {
        return CURRENT;
    }

    private static String read() {
        var stated = BuildVersion.class.getPackage().getImplementationVersion();
        return stated == null ? "dev" : stated;
    }
}
