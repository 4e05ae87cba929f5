package dev.portcullis.dataplane.firewall.scan.seed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeedPhraseTest {
    /** The second test vector of BIP-39. */
    private static final String PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    private final ScanEngine engine = TestPolicies.engine("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "english",
                "japanese",
                "korean",
                "spanish",
                "chinese_simplified",
                "chinese_traditional",
                "french",
                "italian",
                "czech",
                "portuguese"
            })
    void phrasesOfEveryListAndLengthAreFound(String list) throws Exception {
        var random = new Random(39);
        for (var bytes = 16; bytes <= 32; bytes += 4) {
            var words = phrase(list, bytes, random);
            var between = list.equals("japanese") ? "\u3000" : " ";
            for (var text : List.of(
                    String.join(between, words),
                    "note: " + String.join(", ", words) + ". end",
                    Normalizer.normalize(String.join("\n", words), Normalizer.Form.NFD))) {
                assertThat(body("text/plain", text)).as(text).contains(SeedPhraseWalk.NAME);
            }
            words.set(3, words.get(3).equals(words.get(4)) ? words.get(5) : words.get(4));
        }
    }

    /** Chinese prose is told from phrases by how its characters touch; these touch as much as a phrase may. */
    @ParameterizedTest
    @ValueSource(strings = {"chinese_simplified", "chinese_traditional"})
    void aQuarterOfTheCharactersMayTouchOrExactlyAllOfThem(String list) throws Exception {
        var random = new Random(7);
        for (var bytes = 16; bytes <= 32; bytes += 4) {
            for (var seed = 0; seed < 24; seed++) {
                var words = phrase(list, bytes, random);
                var text = new StringBuilder();
                var touching = words.size() / 4;
                for (var i = 0; i < words.size(); i++) {
                    var touches = i > 0 && (random.nextInt(3) == 0 || words.size() - i <= touching) && touching-- > 0;
                    text.append(i == 0 || touches ? "" : " ").append(words.get(i));
                }
                for (var before : List.of("", "请帮我保管好这个钱包的助记词：", "wallet ", "a".repeat(seed))) {
                    assertThat(body("text/plain", before + text + "。谢谢你的帮助，明天见！"))
                            .as(before + text)
                            .contains(SeedPhraseWalk.NAME);
                    if (words.size() >= 21) {
                        assertThat(body("text/plain", before + String.join("", words) + "\n谢谢你的帮助"))
                                .as(before + words)
                                .contains(SeedPhraseWalk.NAME);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "  ", ",", ", ", "|", ";", ":", " - ", "\n", "\r\n", "\t", "\",\"", ".", "/", " 1. "})
    void anythingShortMayStandBetweenTheWords(String between) {
        assertThat(body("text/plain", "my wallet: " + PHRASE.replace(" ", between) + " !"))
                .contains(SeedPhraseWalk.NAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\n", "\\t", "\\r\\n", "\\n- ", "\\n\\n", " \\n ", ",\\t,"})
    void escapedLineBreaksMayStandBeforeAndBetweenTheWords(String between) {
        for (var filler = 0; filler < 40; filler++) {
            assertThat(body("application/json", "{\"s\":\"" + "x".repeat(filler) + between + PHRASE + "\\n\"}"))
                    .contains(SeedPhraseWalk.NAME);
            assertThat(body(
                            "application/json",
                            "{\"s\":\"" + "x".repeat(filler) + " " + PHRASE.replace(" ", between) + "\"}"))
                    .contains(SeedPhraseWalk.NAME);
        }
    }

    @Test
    void itIsFoundInEveryDisguise() {
        var bytes = PHRASE.getBytes(StandardCharsets.UTF_8);
        var words = PHRASE.split(" ");
        var members = new StringBuilder("{\"n\": 12");
        var parameters = new StringBuilder();
        for (var i = 0; i < words.length; i++) {
            members.append(",\"word").append(i).append("\":\"").append(words[i]).append('"');
            parameters
                    .append(i == 0 ? "?" : "&")
                    .append((char) ('a' + i))
                    .append('=')
                    .append(words[i]);
        }
        assertThat(body("application/json", members + "}")).contains(SeedPhraseWalk.NAME);
        assertThat(body("application/json", "{\"s\":\"" + Base64.getEncoder().encodeToString(bytes) + "\"}"))
                .contains(SeedPhraseWalk.NAME);
        assertThat(body("", HexFormat.of().formatHex(bytes))).contains(SeedPhraseWalk.NAME);
        assertThat(body("", PHRASE.toUpperCase(java.util.Locale.ROOT))).contains(SeedPhraseWalk.NAME);
        for (var url : List.of(
                "http://e.com/" + PHRASE.replace(' ', '/'),
                "http://e.com/" + PHRASE.replace(" ", "%20"),
                "http://e.com/?q=" + PHRASE.replace(' ', '+'),
                "http://e.com/" + parameters,
                "http://" + PHRASE.replace(' ', '.') + ".e.com/")) {
            assertThat(engine.scanUrl(url, false)).as(url).singleElement().satisfies(finding -> {
                assertThat(finding.scanner()).isEqualTo(ScannerName.SEED_PHRASE);
                assertThat(finding.hint()).isEqualTo("spec.dlp.seedPhrases: false");
                assertThat(finding.toString()).doesNotContain("sausage");
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "wrong checksum # legal winner thank year wave sausage worth useful legal winner thank thank",
                "eleven words   # legal winner thank year wave sausage worth useful legal winner thank",
                "a stranger     # legal winner thank year wave sausagi worth useful legal winner thank yellow",
                "the list       # abandon ability able about above absent absorb abstract absurd abuse access accident account",
                "prose          # The night before the winner came to thank us for a year of useful work we ate sausage"
            })
    void otherWordsAreNoPhrase(String what, String text) {
        assertThat(body("text/plain", text)).as(what).isEmpty();
    }

    @Test
    void aListOfWordsCostsNoMoreThanItsBudgetAndIsNotAPhrase() throws Exception {
        var words = new ArrayList<>(list("english"));
        assertThat(body("text/plain", String.join("\n", words))).isEmpty();
        Collections.reverse(words);
        var many = String.join(" ", Collections.nCopies(20, String.join(" ", words)));
        assertThat(body("text/plain", many)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"english", "chinese_simplified", "japanese", "czech"})
    void aShortPhraseIsFoundWhereverTheProbesFall(String list) throws Exception {
        var random = new Random(12);
        var shortest = list(list).stream()
                .filter(word -> word.length() <= (list.equals("czech") ? 4 : 3))
                .toList();
        for (var at = 0; at < 96; at++) {
            var words = phrase(list, 16, random);
            for (var tries = 0; tries < 100_000 && !shortest.containsAll(words); tries++) {
                for (var i = 0; i < 11; i++) {
                    words.set(i, shortest.get(random.nextInt(shortest.size())));
                }
                words = completed(list, words, shortest);
            }
            var text = "(is it so? ".repeat(9).substring(0, at) + "2: " + String.join(" ", words) + " ;) it is so";
            assertThat(body("text/plain", text)).as(text).contains(SeedPhraseWalk.NAME);
        }
    }

    /** {@code words} with a last word of {@code last} for which the checksum is right, where there is one. */
    private static List<String> completed(String list, List<String> words, List<String> last) throws Exception {
        var all = list(list);
        for (var word : last) {
            var bits = new byte[17];
            for (var i = 0; i < 132; i++) {
                var index = all.indexOf(i < 121 ? words.get(i / 11) : word);
                bits[i / 8] |= (byte) ((index >> 10 - i % 11 & 1) << 7 - i % 8);
            }
            var hash = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bits, 16))[0];
            if ((hash & 0xf0) == (bits[16] & 0xf0)) {
                var whole = new ArrayList<>(words.subList(0, 11));
                whole.add(word);
                return whole;
            }
        }
        return words;
    }

    @Test
    void itCanBeSwitchedOff() {
        var off = TestPolicies.engine("""
                dlp: {action: Block, headers: {scan: "Off", names: []}, disabledClasses: [], patterns: [], known: [], seedPhrases: false, canaries: []}
                """);
        assertThat(off.scanUrl("http://e.com/" + PHRASE.replace(' ', '/'), false))
                .isEmpty();
    }

    private List<String> body(String type, String text) {
        var body = engine.openRequestBody(type, "e.com");
        body.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        body.finish();
        return body.findings().stream().map(Finding::rule).toList();
    }

    private static List<String> list(String name) throws IOException {
        try (var in = WordLists.class.getResourceAsStream(name + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static List<String> phrase(String list, int entropyBytes, Random random)
            throws IOException, GeneralSecurityException {
        var entropy = new byte[entropyBytes];
        random.nextBytes(entropy);
        var bits = Arrays.copyOf(entropy, entropyBytes + 1);
        bits[entropyBytes] = MessageDigest.getInstance("SHA-256").digest(entropy)[0];
        var words = new ArrayList<String>();
        for (var word = 0; word < entropyBytes * 3 / 4; word++) {
            var index = 0;
            for (var bit = word * 11; bit < word * 11 + 11; bit++) {
                index = index << 1 | bits[bit / 8] >> 7 - bit % 8 & 1;
            }
            words.add(list(list).get(index));
        }
        return words;
    }
}
