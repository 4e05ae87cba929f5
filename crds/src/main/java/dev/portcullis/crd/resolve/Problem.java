package dev.portcullis.crd.resolve;

/**
 * One thing that is wrong with a resource. The resource that has one is not accepted; others are not affected, unless the
 * message says so.
 *
 * @param path field path such as {@code spec.dlp.patterns[2].regex}
 * @param reason one word for conditions and events
 * @param message a sentence that says what is wrong and what to write instead; never contains a secret
 */
public record Problem(ResourceId resource, String path, ProblemReason reason, String message) {
    @Override
    public String toString() {
        return resource.kind() + "/" + resource.name() + ": " + path + ": " + message;
    }
}
