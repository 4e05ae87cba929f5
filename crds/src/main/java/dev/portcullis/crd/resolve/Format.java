package dev.portcullis.crd.resolve;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.portcullis.crd.v1alpha1.Rules;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import java.net.Inet4Address;
import java.net.Inet6Address;
import org.jspecify.annotations.Nullable;

/** Syntax that a schema's {@code pattern} cannot express or cannot explain. */
enum Format {
    CIDR {
        @Override
        void parse(String text) {
            var cidr = Cidr.parse(text);
            if (!cidr.equals(cidr.masked())) {
                throw new IllegalArgumentException("has bits set behind the prefix: write " + cidr.masked());
            }
        }
    },
    ADDRESS_OR_CIDR {
        @Override
        void parse(String text) {
            if (text.indexOf('/') < 0) {
                ADDRESS.parse(text);
            } else {
                CIDR.parse(text);
            }
        }
    },
    ADDRESS {
        @Override
        void parse(String text) {
            var unused = Cidr.address(text);
        }
    },
    IPV4_ADDRESS {
        @Override
        void parse(String text) {
            if (!(Cidr.address(text) instanceof Inet4Address)) {
                throw new IllegalArgumentException("is not an IPv4 address: write one such as 192.0.2.1");
            }
        }
    },
    IPV6_ADDRESS {
        @Override
        void parse(String text) {
            if (!(Cidr.address(text) instanceof Inet6Address)) {
                throw new IllegalArgumentException("is not an IPv6 address: write one such as 100::1");
            }
        }
    },
    REGEX {
        @Override
        void parse(String text) {
            var large = RegexSize.fault(text);
            if (large >= 0) {
                throw new IllegalArgumentException("is too large: written out it has more than " + RegexSize.MOST
                        + " states, reached at character " + (large + 1)
                        + ": write smaller numbers of repetitions, or two patterns");
            }
            try {
                var unused = Pattern.compile(text);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("is not a valid RE2 expression: " + e.getDescription() + " '"
                        + SchemaCheck.shortened(e.getPattern()) + "' at character "
                        + (RegexFault.at(text, e) + 1));
            } catch (StackOverflowError e) {
                throw new IllegalArgumentException("is nested too deeply: write fewer parentheses");
            }
        }
    },
    DOMAIN {
        @Override
        void parse(String text) {
            if (!NAME.matcher(text).find()) {
                throw new IllegalArgumentException(
                        "is not a host name: write one such as example.com, or *.example.com for it and all below, with no scheme, port or path");
            }
        }
    },
    DOMAIN_OR_ALL {
        @Override
        void parse(String text) {
            if (!text.equals("*")) {
                DOMAIN.parse(text);
            }
        }
    },
    TIME_SPAN {
        @Override
        void parse(String text) {
            if (text.matches("[0-9]+d.*")) {
                throw new IllegalArgumentException("is not a duration here: hours are the largest unit, 1d is 24h");
            }
            try {
                var unused = TimeSpan.parse(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "is not a duration: write a number and a unit, such as 300ms, 90s, 5m or 24h", e);
            }
        }
    };

    private static final Pattern NAME = Pattern.compile(Rules.DOMAIN);

    /** Does nothing for valid {@code text}. @throws IllegalArgumentException whose message follows the quoted text */
    abstract void parse(String text);

    /** What is wrong with {@code text}, null when nothing is. */
    @Nullable
    String fault(String text) {
        try {
            parse(text);
            return null;
        } catch (IllegalArgumentException e) {
            return "'" + SchemaCheck.shortened(text) + "' " + e.getMessage();
        }
    }
}
