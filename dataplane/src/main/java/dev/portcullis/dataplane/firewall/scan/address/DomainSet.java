package dev.portcullis.dataplane.firewall.scan.address;

import java.net.IDN;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A list of host names. {@code *.example.com} covers example.com and every name below it; {@code *} covers everything;
 * addresses match only themselves. Case, a trailing dot and the spelling of international names do not matter.
 * Immutable.
 */
public final class DomainSet {
    private final Set<String> names = new HashSet<>();
    private final Set<String> suffixes = new HashSet<>();
    private boolean everything;

    /** Compiles {@code patterns}. */
    public DomainSet(List<String> patterns) {
        for (var pattern : patterns) {
            if (pattern.equals("*")) {
                everything = true;
            } else if (pattern.startsWith("*.")) {
                suffixes.add(normalize(pattern.substring(2)));
            } else {
                names.add(normalize(pattern));
            }
        }
    }

    /** True where no name is in the list. */
    public boolean isEmpty() {
        return !everything && names.isEmpty() && suffixes.isEmpty();
    }

    /** True where {@code host} is in the list. */
    public boolean matches(String host) {
        if (everything) {
            return true;
        }
        if (names.isEmpty() && suffixes.isEmpty()) {
            return false;
        }
        var name = normalize(host);
        if (names.contains(name)) {
            return true;
        }
        if (suffixes.isEmpty() || LiteralAddress.parse(name) != null) {
            return false;
        }
        while (true) {
            if (suffixes.contains(name)) {
                return true;
            }
            var dot = name.indexOf('.');
            if (dot < 0) {
                return false;
            }
            name = name.substring(dot + 1);
        }
    }

    /** {@code host} as it is compared: lower case, ASCII, no trailing dot, addresses in their usual form. */
    public static String normalize(String host) {
        var name = host.trim();
        while (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        if (!ascii(name)) {
            try {
                name = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
            } catch (IllegalArgumentException e) {
                return name;
            }
            while (name.endsWith(".")) {
                name = name.substring(0, name.length() - 1);
            }
        }
        name = name.toLowerCase(Locale.ROOT);
        if (name.indexOf(':') >= 0 || LiteralAddress.endsInNumber(name)) {
            var address = LiteralAddress.parse(name);
            return address == null ? name : address.getHostAddress();
        }
        return name;
    }

    private static boolean ascii(String text) {
        for (var i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
