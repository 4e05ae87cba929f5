package dev.portcullis.dataplane.firewall.identity;

import org.jspecify.annotations.Nullable;

/**
 * The name of the agent behind a request.
 *
 * @param counted whether it names somebody: an agent that says nothing under the default name {@value #NOBODY} is not
 *     counted by name
 */
public record AgentName(String name, boolean counted) {
    /** Default name of an agent that says none. */
    public static final String NOBODY = "anonymous";

    private static final int LONGEST = 64;

    /**
     * Reads a claimed name: 1 to 64 letters, digits, {@code . _ - / @ :}. Anything else is as good as none.
     *
     * @param claimed value of the identity header, or null
     * @param otherwise the name of an agent that says none
     */
    public static AgentName of(@Nullable String claimed, String otherwise) {
        return claimed != null && valid(claimed)
                ? new AgentName(claimed, true)
                : new AgentName(otherwise, !otherwise.equals(NOBODY));
    }

    private static boolean valid(String name) {
        if (name.isEmpty() || name.length() > LONGEST) {
            return false;
        }
        for (var i = 0; i < name.length(); i++) {
            var c = name.charAt(i);
            var plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!plain && "._-/@:".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
