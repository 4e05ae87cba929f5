package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever people send, a scan has three times the budget that it needs and mostly much more: nothing of it is refused as too much work. */
class OrdinaryWorkTest {
    private static final int LONG = 200_000;
    private static final Path CORPUS =
            Path.of(System.getProperty("project.root"), "dataplane/src/test/resources/ordinary");

    /** Of the budget, in per cent: of text, and of what is mostly encoded or full of names of secrets. */
    private static final int MOST = 25;

    private static final int MOST_ENCODED = 33;

    private final SecretPolicy secrets = new SecretPolicy(
            Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS), List.of());
    private final InjectionPolicy injections =
            new InjectionPolicy(Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS));

    @ParameterizedTest
    @MethodSource("documents")
    void longDocuments(String name) {
        var text = document(name);
        assertThat(text.length).isGreaterThan(LONG - 1);
        var most = name.startsWith("encoded") || name.startsWith("names") ? MOST_ENCODED : MOST;
        for (var syntax : BodySyntax.values()) {
            assertThat(request(text, syntax)).as(syntax.name()).isLessThan(most);
        }
        assertThat(response(text)).isLessThan(most);
    }

    @Test
    void theCorpusOfOrdinaryTraffic() throws IOException {
        var files = 0;
        try (var all = Files.walk(CORPUS)) {
            for (var file : all.filter(Files::isRegularFile).toList()) {
                var text = Files.readAllBytes(file);
                assertThat(request(text, BodySyntax.JSON)).as(file.toString()).isLessThan(MOST);
                assertThat(response(text)).as(file.toString()).isLessThan(MOST);
                files++;
            }
        }
        assertThat(files).isPositive();
    }

    private int request(byte[] text, BodySyntax syntax) {
        return share(
                new BodyWindow(secrets.rules(), new RequestJudge(secrets, "e.com", false), Long.MAX_VALUE, syntax),
                text);
    }

    private int response(byte[] text) {
        return share(
                new BodyWindow(injections.rules(), new ResponseJudge(injections, "e.com", false), Long.MAX_VALUE, null),
                text);
    }

    /** Per cent of its budget that {@code scan} needs for {@code text}. */
    private static int share(BodyWindow scan, byte[] text) {
        scan.feed(ByteBuffer.wrap(text));
        scan.finish();
        assertThat(scan.findings()).extracting(Finding::rule).doesNotContain("scan-work");
        var budget = scan.budget();
        return (int) (100 * budget.paid() / budget.granted());
    }

    private static Stream<String> documents() {
        return DOCUMENTS.keySet().stream();
    }

    /** Writes a part of a document. */
    private interface Part {
        String of(Random random, int n);
    }

    private static final Map<String, Part> DOCUMENTS = new TreeMap<>(Map.ofEntries(
            Map.entry("chinese novel", (random, n) -> han(random, 30 + random.nextInt(60)) + "。\n"),
            Map.entry(
                    "chinese JSON",
                    (random, n) -> "{\"role\":\"user\",\"content\":\"" + han(random, 200) + "\",\"id\":" + n + "},"),
            Map.entry(
                    "escaped JSON",
                    (random, n) -> "{\"content\":\"" + escaped(han(random, 40)) + "\\n\",\"id\":" + n + "},"),
            Map.entry(
                    "CSV",
                    (random, n) -> n + ",\"" + words(random, 3) + "\"," + random.nextInt(100_000) / 100.0 + ",2024-0"
                            + (1 + random.nextInt(9)) + "-11,active," + new java.util.UUID(random.nextLong(), n)
                            + "\n"),
            Map.entry(
                    "log",
                    (random, n) -> "2024-05-11T10:" + (10 + n % 50) + ":07.123Z INFO  [worker-" + n % 16
                            + "] c.e.OrderService - order " + random.nextInt(1_000_000) + " took "
                            + random.nextInt(900) + " ms; user=" + words(random, 1)
                            + " token refreshed, key rotated\n"),
            Map.entry(
                    "SVG path",
                    (random, n) -> "<path class=\"st" + n % 9 + "\" d=\"M" + random.nextInt(900) + "."
                            + random.nextInt(99) + "," + random.nextInt(900) + "c" + random.nextInt(9) + ".3-"
                            + random.nextInt(9) + ".7,0-1.44.62-2.02,1.63L" + random.nextInt(900) + ",17z\"/>\n"),
            Map.entry(
                    "protobuf text",
                    (random, n) -> "node {\n  name: \"layer_" + n
                            + "/weights\"\n  op: \"Const\"\n  attr {\n    key: \"dtype\"\n    value { type: DT_FLOAT tensor_content: \"\\000\\0"
                            + random.nextInt(8) + "7\\3" + random.nextInt(8) + "1\" }\n  }\n}\n"),
            Map.entry(
                    "names of secrets in minified JavaScript",
                    (random, n) -> "function e" + n
                            + "(t,n){var r=n(17),o=t.token||t.key;return null==o?r.a.create(void 0,{secret:!1}):(o.password=i(t),\"api_key\"in o&&(o.x=r(o.b,"
                            + random.nextInt(9999) + ")),o)}var i" + n + "=new Map([[\"a\",1],[\"b\",2]]);"),
            Map.entry(
                    "source code",
                    (random, n) -> "    private final String password" + n
                            + " = settings.get(\"db.password\");\n    if (token == null || token.isEmpty()) { throw new IllegalStateException(\"no token for \" + user); }\n    // "
                            + words(random, 8) + "\n"),
            Map.entry(
                    "HTML",
                    (random, n) -> "<li class=\"item item-" + n + "\"><a href=\"/p/" + n + "?ref=nav&amp;s=" + n
                            + "\" title=\"" + words(random, 4) + "\">" + words(random, 12)
                            + "</a>&nbsp;<b>&#8364;" + random.nextInt(900) + "</b></li>\n"),
            Map.entry("prose", (random, n) -> words(random, 14) + ".\n"),
            Map.entry(
                    "web form",
                    (random, n) -> "f" + n + "=" + words(random, 6).replace(' ', '+') + "&g" + n + "=%C3%A9t%C3%A9&"),
            Map.entry(
                    "hex dump",
                    (random, n) -> String.format("%08x  ", 16 * n)
                            + HexFormat.ofDelimiter(" ").formatHex(bytes(random, 16)) + "  |................|\n"),
            Map.entry(
                    "embedding",
                    (random, n) -> (n % 768 == 0 ? "],\"embedding\":[" : "") + (random.nextInt() / 1e10) + ","),
            Map.entry(
                    "encoded source map",
                    (random, n) -> (n % 500 == 0 ? "\",\"mappings\":\"" : "")
                            + List.of("AAAA", "CAAC", "IAAI", "gBAAgB", "EAAE", "SAASA", "YAAYC", "mBAAmB")
                                    .get(random.nextInt(8))
                            + (random.nextInt(3) == 0 ? ";" : ",")),
            Map.entry(
                    "encoded font in CSS",
                    (random, n) -> "@font-face{font-family:F" + n
                            + ";src:url(data:font/woff2;base64," + base64(font(random, 30_000))
                            + ") format('woff2')}.c" + n + "{margin:0}\n"),
            Map.entry(
                    "encoded picture in a notebook",
                    (random, n) ->
                            "{\"cell_type\":\"code\",\"source\":[\"plt.show()\\n\"],\"outputs\":[{\"data\":{\"image/png\":\""
                                    + lines(bytes(random, 40_000)).replace("\r\n", "\\n") + "\"}}]},\n"),
            Map.entry(
                    "encoded PDF",
                    (random, n) -> "{\"type\":\"document\",\"data\":\""
                            + base64(("%PDF-1.7\n" + n
                                            + " 0 obj\n<</Type/Page/Parent 3 0 R/Resources<</Font<</F1 5 0 R>>>>>>\nendobj\n"
                                            + latin1(bytes(random, 9_000)))
                                    .getBytes(StandardCharsets.ISO_8859_1))
                            + "\"},\n"),
            Map.entry("encoded mail", (random, n) -> lines(bytes(random, 57 * 400)) + "\r\n--b" + n + "\r\n"),
            Map.entry(
                    "encoded text",
                    (random, n) ->
                            "{\"content\":\"" + base64(words(random, 900).getBytes(StandardCharsets.UTF_8)) + "\"},\n"),
            Map.entry("encoded hex", (random, n) -> "0x" + HexFormat.of().formatHex(bytes(random, 3_000)) + ",\n")));

    private static byte[] document(String name) {
        var random = new Random(11);
        var part = Objects.requireNonNull(DOCUMENTS.get(name));
        var text = new StringBuilder();
        for (var n = 0; text.length() < LONG; n++) {
            text.append(part.of(random, n));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Random random, int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Tables of numbers, most of them small, as the outlines of letters are. */
    private static byte[] font(Random random, int count) {
        var bytes = bytes(random, count);
        for (var i = 0; i < count / 2; i += 2) {
            bytes[i] = 0;
        }
        Arrays.fill(bytes, count - count / 8, count, (byte) 0);
        return bytes;
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String lines(byte[] bytes) {
        return Base64.getMimeEncoder().encodeToString(bytes);
    }

    private static String han(Random random, int count) {
        var common =
                "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实";
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) {
            text.append(i % 13 == 12 ? '，' : common.charAt(random.nextInt(common.length())));
        }
        return text.toString();
    }

    private static String escaped(String text) {
        var all = new StringBuilder();
        text.chars().forEach(c -> all.append(String.format("\\u%04x", c)));
        return all.toString();
    }

    private static String words(Random random, int count) {
        var list =
                "the a of system key token user which previous time instructions people way about many then them write would like so these her long make thing see him two has look more day could go come did number sound no most over know water than call first who may down side been now find please ignore all your"
                        .split(" ");
        var text = new StringBuilder();
        for (var i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(list[random.nextInt(list.length)]);
        }
        return text.toString();
    }
}
