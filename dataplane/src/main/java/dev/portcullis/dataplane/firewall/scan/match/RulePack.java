package dev.portcullis.dataplane.firewall.scan.match;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.portcullis.crd.codec.PackagedYaml;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.view.Fold;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A file of rules with their examples.
 *
 * @param gap what a space in the file's patterns stands for; null where it stands for itself
 * @param rules in the order of the file
 */
public record RulePack(@Nullable String gap, List<Entry> rules) {
    private static final int SHORTEST_START = 3;

    /** Bytes of several words that no ordinary text has as often as a short word. */
    private static final int ENOUGH = 6;

    /** Bytes a keyword rule may look at after its keyword. */
    private static final int DEFAULT_REACH = 256;

    /**
     * One rule as the file writes it.
     *
     * @param literals one of these begins every match (after {@code before}); case matters unless {@code fold}; in a pack
     *     with a gap only needed where the pattern does not begin with plain words
     * @param keywords in place of literals and pattern: names of a key, in any case, that is followed by {@code value}
     * @param pattern regular expression of the whole match
     * @param value regular expression of what a keyword's value looks like
     * @param before characters that may stand before the literal inside a match
     * @param boundary which ends may not touch another token character; default both
     * @param leastBits entropy that the match, or its group {@code secret}, has at least; 0 skips the test for placeholders;
     *     not for core rules, which let off only filler such as {@code xxxx}
     * @param notAfter names of fields or path segments before a match that say it is something else, for example a hash
     * @param checksum what the match, or its group {@code secret}, has to carry
     * @param finder a hand-written walk in place of a pattern
     * @param optIn true where it is looked for only under policies that name it
     * @param examples each must be found; the mark {@code <>} is removed first: it keeps this file itself from looking like a leak
     * @param counterexamples none may be found
     */
    public record Entry(
            String name,
            Severity severity,
            boolean core,
            @Nullable List<String> literals,
            @Nullable List<String> keywords,
            boolean fold,
            @Nullable String pattern,
            @Nullable String value,
            @Nullable String before,
            @Nullable Integer reach,
            @Nullable Boundary boundary,
            @Nullable Double leastBits,
            @Nullable List<String> notAfter,
            @Nullable Checksum checksum,
            Rule.@Nullable Finder finder,
            @Nullable String encoding,
            boolean optIn,
            List<String> examples,
            @Nullable List<String> counterexamples) {

        /** The rule in the form the engine runs. */
        public Rule rule(@Nullable String gap) {
            if (finder != null) {
                return new Rule(name, severity, core, List.of(), false, finder, "");
            }
            var words = keywords != null ? spellings(keywords) : literals;
            if (gap != null && before == null && keywords == null) {
                // In prose every start of a match is a word: what the pattern says about it is complete.
                var starts = NeededLiterals.starts(whole(gap));
                if (!starts.isEmpty()) {
                    return rule(gap, bytes(longEnough(starts, words == null ? List.of() : words)));
                }
            }
            if (words == null || words.isEmpty()) {
                throw new IllegalArgumentException("rule '" + name + "' has neither literals, keywords nor a finder");
            }
            return rule(gap, bytes(words.stream().map(RulePack::utf8AsLatin1).toList()));
        }

        /**
         * {@code starts}; those of two letters with white space behind them, and for all that are short the {@code words}
         * that begin with them.
         */
        private static List<String> longEnough(Set<String> starts, List<String> words) {
            var all = new TreeSet<String>();
            for (var start : starts) {
                if (start.length() >= SHORTEST_START) {
                    all.add(start);
                    continue;
                }
                if (start.length() == SHORTEST_START - 1) {
                    all.add(start + ' ');
                    all.add(start + '\n');
                }
                words.stream()
                        .map(RulePack::utf8AsLatin1)
                        .filter(word -> word.length() >= SHORTEST_START
                                && word.startsWith(start)
                                && !(start.length() == SHORTEST_START - 1 && word.startsWith(start + ' ')))
                        .map(Entry::firstWords)
                        .forEach(all::add);
            }
            return List.copyOf(all);
        }

        /** As many words as say enough: a literal of many is found no better, and around each space in it more is searched. */
        private static String firstWords(String words) {
            var space = words.indexOf(' ', ENOUGH);
            return space < 0 ? words : words.substring(0, space);
        }

        private static List<byte[]> bytes(Collection<String> words) {
            return words.stream()
                    .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                    .toList();
        }

        private Rule rule(@Nullable String gap, List<byte[]> bytes) {
            var folded = fold || keywords != null;
            var check = check();
            var regex = expression(gap);
            return new Rule(
                    name,
                    severity,
                    core,
                    bytes,
                    folded,
                    new AnchoredPattern(
                            compile(regex, folded),
                            before == null ? null : ByteSet.of(before),
                            before == null ? 0 : AnchoredPattern.LONGEST_WALK,
                            leftBoundary(),
                            reach == null ? DEFAULT_REACH : Math.min(reach, AnchoredPattern.LONGEST_REACH),
                            regex.contains("(?<secret>"),
                            before == null ? NeededLiterals.afterStart(whole(gap)) : Set.of(),
                            check),
                    encoding == null ? "" : encoding);
        }

        private Check check() {
            var check = plausible();
            if (checksum != null) {
                check = check.and(checksum);
            }
            if (keywords == null && !core) {
                check = check.and(InBase64.NOT);
            }
            return notAfter == null ? check : check.and(NotAfter.names(notAfter));
        }

        private Check plausible() {
            if (leastBits != null && leastBits == 0) {
                return Check.ANY;
            }
            if (core && leastBits != null) {
                throw new IllegalArgumentException("rule '" + name
                        + "' is core and takes no leastBits but 0: only filler of one letter is let off");
            }
            return core ? Plausible.unlessFiller() : new Plausible(leastBits == null ? 2.5 : leastBits);
        }

        /** True where a match may not follow a token character. */
        public boolean leftBoundary() {
            return boundary == null ? keywords == null : boundary == Boundary.both || boundary == Boundary.left;
        }

        /** The whole expression, boundary on the right included, in bytes as ISO 8859-1. */
        public String expression(@Nullable String gap) {
            var right = boundary == null || boundary == Boundary.both || boundary == Boundary.right;
            return "(?:" + whole(gap) + ")" + (right ? LastRun.TOKEN_ENDS : "");
        }

        private String whole(@Nullable String gap) {
            var whole = keywords != null
                    ? "(?:" + alternatives(spellings(keywords)) + ")" + KEY_TO_VALUE + "(?<secret>" + value + ")"
                    : pattern;
            if (whole == null) {
                throw new IllegalArgumentException("rule '" + name + "' has literals but no pattern");
            }
            return utf8AsLatin1(gap == null ? whole : whole.replace(" ", gap));
        }

        private Pattern compile(String regex, boolean folded) {
            try {
                // A dot is any byte: 0x85, a line end in ISO 8859-1, is part of many letters in UTF-8.
                return Pattern.compile(
                        CharacterClasses.writtenOut(LastRun.kept(regex)),
                        Pattern.DOTALL | (folded ? Pattern.CASE_INSENSITIVE : 0));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "rule '" + name + "': " + e.getDescription() + " at index " + e.getIndex() + " of " + regex, e);
            }
        }

        /** Names as {@code snake_case}, {@code kebab-case} and {@code camelCase} write them; case does not matter. */
        private static List<String> spellings(List<String> names) {
            var all = new LinkedHashSet<String>();
            for (var name : names) {
                all.add(name);
                all.add(name.replace('_', '-'));
                all.add(name.replace('-', '_'));
                all.add(name.replaceAll("[_-]", ""));
            }
            return List.copyOf(all);
        }

        private static String alternatives(List<String> words) {
            var text = new StringBuilder();
            for (var word : words) {
                text.append(text.isEmpty() ? "" : "|").append(Pattern.quote(word));
            }
            return text.toString();
        }
    }

    /** Which ends of a match may not touch another letter, digit, underscore or dash. */
    public enum Boundary {
        both,
        left,
        right,
        none
    }

    /**
     * From a key to its value in ini, JSON (also inside a string), YAML, XML, code, URLs, headers, shell and command lines:
     * the rest of the key, what closes it, a separator, what opens the value.
     */
    static final String KEY_TO_VALUE = "[\\w .-]{0,20}[\"'\\]\\[\\\\})]{0,4}\\s{0,3}"
            + "(?:(?::\\s?[&*]?[A-Za-z][\\w<>?.]{0,20}\\s?)?(?:=>|:=|=)|[:>,|]|%3[AaDd]"
            // {"name": "KEY", "value": "…"}, <add key="KEY" value="…"/>, name: KEY and value: … on the next line
            + "|[\"'\\\\,]{0,4}\\s{0,24}[\"'\\\\]{0,4}[Vv]alue[\"'\\\\]{0,4}\\s?[:=]"
            // --cohere-api-key …
            + "|(?<=[Kk][Ee][Yy]|[Tt][Oo][Kk][Ee][Nn]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd])\\s)"
            + "[=\\s\"'\\\\|>+-]{0,12}(?:<!\\[CDATA\\[)?(?:[bfrLu@$]{1,2}[\"'])?(?:[Bb]earer |[Tt]oken |[Bb]asic )?";

    /** One for all files: what it learns about the records costs more than reading one. */
    private static final ObjectReader PACK = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .readerFor(RulePack.class);

    /** Reads a pack from the resources beside {@code owner}. */
    public static RulePack read(Class<?> owner, String resource) {
        try {
            var tree = PackagedYaml.read(owner, resource);
            if (tree == null) {
                throw new IllegalStateException("the jar has no " + resource);
            }
            return PACK.readValue(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads several files as one pack.
     *
     * @throws IllegalArgumentException where a space does not mean the same in all of them
     */
    public static RulePack read(Class<?> owner, List<String> resources) {
        var rules = new ArrayList<Entry>();
        var packs = resources.stream().map(resource -> read(owner, resource)).toList();
        var gap = packs.getFirst().gap();
        for (var pack : packs) {
            if (!Objects.equals(gap, pack.gap())) {
                throw new IllegalArgumentException("the gap of " + resources + " is not the same");
            }
            rules.addAll(pack.rules());
        }
        return new RulePack(gap, rules);
    }

    /** The rules whose name is not in {@code disabled}; core rules stay whatever it holds. */
    public List<Rule> rulesWithout(List<String> disabled) {
        return rules(disabled, Set.of());
    }

    /** As {@link #rulesWithout}, and those that are off unless they are {@code named}. */
    public List<Rule> rules(List<String> disabled, Set<String> named) {
        return rules.stream()
                .filter(entry -> entry.core() || !disabled.contains(entry.name()))
                .filter(entry -> !entry.optIn() || named.contains(entry.name()))
                .map(entry -> entry.rule(gap))
                .toList();
    }

    /** Folds letters outside ASCII as the text will be, and spells them as their UTF-8 bytes. */
    static String utf8AsLatin1(String text) {
        var folded = new StringBuilder();
        text.codePoints().forEach(c -> {
            var lower = c < 0x80 ? c : Character.toLowerCase(c);
            var to = c < 0x80 ? c : Fold.of(lower);
            if (to == Fold.KEEP) {
                folded.append(new String(
                        Character.toString(lower).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
            } else if (to != Fold.DROP) {
                folded.append((char) to);
            }
        });
        return folded.toString();
    }
}
