package dev.portcullis.crd.codec;

/**
 * Something wrong in a file, where the eye can find it.
 *
 * @param file as the user named it
 * @param line from 1; 0 when the whole file is meant
 * @param column from 1; 0 when the whole file is meant
 * @param message what is wrong and what to write, with kind, name and field path in front where they are known
 */
public record ManifestProblem(String file, int line, int column, String message) {
    /** {@code file:line:column: message}. */
    @Override
    public String toString() {
        return line == 0 ? file + ": " + message : file + ":" + line + ":" + column + ": " + message;
    }
}
