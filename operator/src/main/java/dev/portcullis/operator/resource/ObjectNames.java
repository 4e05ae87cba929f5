package dev.portcullis.operator.resource;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.ProblemReason;
import dev.portcullis.crd.resolve.ResourceId;
import java.util.List;
import java.util.regex.Pattern;

/** Which resource names leave room for the names of the objects made of them. */
public final class ObjectNames {
    /** Longest name of a resource: its Services get up to 9 characters more, and have 63 at most (RFC 1035). */
    public static final int MAX_LENGTH = 54;

    private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]*[a-z0-9])?");

    private ObjectNames() {}

    /** What is wrong with the name of {@code id}, if anything. */
    public static List<Problem> problems(ResourceId id) {
        if (id.name().length() <= MAX_LENGTH && LABEL.matcher(id.name()).matches()) {
            return List.of();
        }
        return List.of(new Problem(
                id,
                "metadata.name",
                ProblemReason.InvalidValue,
                "Services are named after it: write at most " + MAX_LENGTH
                        + " lower case letters, digits and dashes, the first a letter, the last no dash"));
    }
}
