package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The engine against plain {@link java.util.regex} that searches every expression everywhere: on seeded inputs made of
 * examples, of examples cut, joined and changed, and of ordinary words. The same rules must be found.
 */
class DifferentialTest {
    private static final int CREDENTIAL_INPUTS = 80_000;
    private static final int INJECTION_INPUTS = 25_000;
    private static final int WRAPPED_INPUTS = 10_000;

    private static final List<String> WORDS = List.of(
            " ",
            "\n",
            "=",
            "\": \"",
            ", ",
            "'",
            "-",
            "_",
            ".",
            "/",
            "?a=1&b=",
            "{",
            "}",
            "the",
            "token",
            "key",
            "us",
            "A3",
            "sk",
            "AKIA",
            "eyJ",
            "0x",
            "1234",
            "4111",
            "id",
            "http://",
            "user:",
            "@host",
            "\t",
            ";",
            "cloudflare",
            "twitter",
            "secret",
            "xoxb-",
            "a",
            "b7",
            "Zq",
            "0",
            "9",
            "F",
            "key-",
            "pat",
            "live_",
            "SG.",
            "EAAA",
            "prv");

    /** One rule as plain java.util.regex sees it. */
    private record Plain(
            String name,
            Pattern pattern,
            AnchoredPattern anchored,
            List<String> literals,
            boolean folded,
            boolean prose) {
        private static final Pattern SHORT_WORD = Pattern.compile("\\w{1,2}\\W");

        boolean found(String text) {
            var matcher = pattern.matcher(text);
            var from = 0;
            while (from <= text.length() && matcher.find(from)) {
                if (parted(matcher, text) && accepted(matcher, text) && begins(text.substring(matcher.start()))) {
                    return true;
                }
                from = matcher.start() + 1;
            }
            return false;
        }

        /** False where a match stands behind a character of a token that is not its length either. */
        private boolean parted(Matcher matcher, String text) {
            if (!anchored.leftBoundary() || matcher.start() == 0) {
                return true;
            }
            var before = text.charAt(matcher.start() - 1);
            return !ByteSet.TOKEN.has((byte) before) || before == matcher.end() - matcher.start();
        }

        /**
         * False where a match of prose begins with a word of one or two letters, written in a way that no literal of the
         * rule knows: such words are too short to be looked for on their own.
         */
        private boolean begins(String match) {
            return !prose
                    || !SHORT_WORD.matcher(match).lookingAt()
                    || literals.stream().anyMatch(match::startsWith);
        }

        private boolean accepted(Matcher matcher, String text) {
            var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            return anchored.grouped()
                    ? anchored.check().accepts(bytes, matcher.start("secret"), matcher.end("secret"), bytes.length)
                    : anchored.check().accepts(bytes, matcher.start(), matcher.end(), bytes.length);
        }

        boolean mayMatch(String text, String lower) {
            for (var literal : literals) {
                if ((folded ? lower : text).contains(literal)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static List<Plain> plain(RulePack pack) {
        var plain = new ArrayList<Plain>();
        for (var entry : pack.rules()) {
            var rule = entry.rule(pack.gap());
            if (rule.trigger() instanceof AnchoredPattern anchored) {
                // Behind no character of a token, or behind one that stands alone: it may be the match's length.
                var left = entry.leftBoundary() ? "(?<![A-Za-z0-9_-]{2})" : "";
                var flags = Pattern.DOTALL | (rule.folded() ? Pattern.CASE_INSENSITIVE : 0);
                var literals = rule.literals().stream()
                        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                        .map(text -> rule.folded() ? text.toLowerCase(Locale.ROOT) : text)
                        .toList();
                plain.add(new Plain(
                        entry.name(),
                        Pattern.compile(left + entry.expression(pack.gap()), flags),
                        anchored,
                        literals,
                        rule.folded(),
                        pack.gap() != null));
            }
        }
        return plain;
    }

    @Test
    void theEngineFindsTheCredentialsThatPlainExpressionsFind() {
        var pack = RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS);
        var inputs = new Inputs(pack, 20_261_125);
        var plain = plain(pack);
        var names = names(plain);
        var rules = RuleSet.of(RuleSet.Reading.SECRETS, pack.rules(List.of(), names));
        for (var n = 0; n < CREDENTIAL_INPUTS; n++) {
            var text = inputs.next();
            var found = engine(rules, text, "plaintext");
            found.retainAll(names);
            assertThat(found).as("input %d: %s", n, text).isEqualTo(reference(plain, text, n % 16 == 0));
        }
    }

    @Test
    void theEngineFindsTheInjectionsThatPlainExpressionsFind() {
        var pack = RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS);
        var inputs = new Inputs(pack, 42);
        var plain = plain(pack);
        var rules = RuleSet.of(RuleSet.Reading.PROSE, pack.rulesWithout(List.of()));
        var names = names(plain);
        for (var n = 0; n < INJECTION_INPUTS; n++) {
            var text = inputs.next().replaceAll("[\\\\%&<>]", " ").replaceAll("[^\\x00-\\x7f]", "x");
            var read = text.toLowerCase(Locale.ROOT)
                    .replaceAll("\\s*\\n\\s*", "\n")
                    .replaceAll("[ \\t]+", " ");
            var found = engine(rules, text, "plaintext");
            found.retainAll(names);
            assertThat(found).as("input %d: %s", n, text).isEqualTo(reference(plain, read, n % 16 == 0));
        }
    }

    @Test
    void whatIsFoundPlainIsFoundWrapped() {
        var pack = RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS);
        var inputs = new Inputs(pack, 7);
        var rules = RuleSet.of(RuleSet.Reading.SECRETS, pack.rulesWithout(List.of()));
        var random = new Random(8);
        for (var n = 0; n < WRAPPED_INPUTS; n++) {
            var text = inputs.next();
            var plain = engine(rules, text, "plaintext");
            // Runs of fewer than sixteen characters are not decoded.
            if (plain.isEmpty() || text.length() < 16) {
                continue;
            }
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            var wrapped =
                    switch (random.nextInt(6)) {
                        case 0 -> Base64.getEncoder().encodeToString(bytes);
                        case 1 -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
                        case 2 -> HexFormat.of().formatHex(bytes);
                        case 3 ->
                            "%" + HexFormat.ofDelimiter("%").withUpperCase().formatHex(bytes);
                        case 4 -> "\\x" + HexFormat.ofDelimiter("\\x").formatHex(bytes);
                        default -> "&#x" + HexFormat.ofDelimiter(";&#x").formatHex(bytes) + ";";
                    };
            assertThat(engine(rules, wrapped, null))
                    .as("input %d: %s as %s", n, text, wrapped)
                    .containsAll(plain);
        }
    }

    private static Set<String> names(List<Plain> plain) {
        var names = new TreeSet<String>();
        plain.forEach(rule -> names.add(rule.name()));
        return names;
    }

    /** Every sixteenth input is held against every expression, the others against those whose literal is there. */
    private static Set<String> reference(List<Plain> plain, String text, boolean all) {
        var found = new TreeSet<String>();
        var lower = text.toLowerCase(Locale.ROOT);
        for (var rule : plain) {
            if ((all || rule.mayMatch(text, lower)) && rule.found(text)) {
                found.add(rule.name());
            }
        }
        return found;
    }

    private static Set<String> engine(RuleSet rules, String text, @org.jspecify.annotations.Nullable String encoding) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var budget = new WorkBudget();
        budget.grant(bytes.length);
        var found = new TreeSet<String>();
        Sweep.ofEveryMatch(rules, budget, (rule, start, end, how) -> {
                    if (encoding == null || how.equals(encoding)) {
                        found.add(rule.name());
                    }
                })
                .search(bytes, 0, bytes.length, bytes.length, 0);
        return found;
    }

    /** Inputs without backslashes and without letters outside ASCII, so that there is one reading. */
    private static final class Inputs {
        private final List<String> examples = new ArrayList<>();
        private final Random random;

        Inputs(RulePack pack, long seed) {
            random = new Random(seed);
            for (var entry : pack.rules()) {
                for (var example : entry.examples()) {
                    add(example);
                }
                if (entry.counterexamples() != null) {
                    entry.counterexamples().forEach(this::add);
                }
            }
        }

        private void add(String example) {
            var text = example.replace("<>", "").replace("\\", "");
            if (text.length() <= 400 && text.chars().allMatch(c -> c < 0x7f)) {
                examples.add(text);
            }
        }

        String next() {
            var text = new StringBuilder();
            var parts = 1 + random.nextInt(4);
            for (var part = 0; part < parts; part++) {
                if (random.nextInt(3) > 0) {
                    text.append(changed(examples.get(random.nextInt(examples.size()))));
                }
                for (var word = random.nextInt(4); word > 0; word--) {
                    text.append(WORDS.get(random.nextInt(WORDS.size())));
                }
            }
            return text.toString();
        }

        private String changed(String example) {
            return switch (random.nextInt(6)) {
                case 0 -> example.substring(random.nextInt(example.length() + 1));
                case 1 -> example.substring(0, random.nextInt(example.length() + 1));
                case 2 -> {
                    var at = random.nextInt(example.length());
                    yield example.substring(0, at) + changedTo() + example.substring(at + 1);
                }
                case 3 -> {
                    var at = random.nextInt(example.length());
                    yield example.substring(0, at) + WORDS.get(random.nextInt(WORDS.size())) + example.substring(at);
                }
                default -> example;
            };
        }

        /** Any printable character but those that begin an escape. */
        private char changedTo() {
            var c = (char) ('!' + random.nextInt(93));
            return c == '\\' || c == '%' || c == '&' ? 'k' : c;
        }
    }
}
