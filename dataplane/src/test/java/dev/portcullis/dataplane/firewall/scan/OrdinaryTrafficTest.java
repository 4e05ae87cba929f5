package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What agents ordinarily send and read: nothing of it is found to be anything else, under the defaults of Balanced. */
class OrdinaryTrafficTest {
    private static final List<String> LANGUAGES = List.of(
            "en", "de", "fr", "es", "pt", "it", "ru", "zh", "ja", "ko", "ar", "hi", "tr", "pl", "nl", "sv", "uk", "el",
            "vi", "id", "cs", "he");

    /** Characters of a long document. */
    private static final int LONG = 64 * 1024;

    private record Item(String type, String text) {}

    /** A way in which text travels. */
    private record Shape(String type, UnaryOperator<String> writing) {
        Item of(String text) {
            return new Item(type, writing.apply(text));
        }
    }

    /** How an agent sends a paragraph. */
    private static final List<Shape> REQUESTS = List.of(
            new Shape(
                    "application/json",
                    text -> "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Translate: "
                            + json(text) + "\"}],\"stream\":true}"),
            new Shape(
                    "application/json",
                    text ->
                            "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"write_file\",\"arguments\":{\"path\":\"notes/today.md\",\"content\":\""
                                    + json(text) + "\"}}}"),
            new Shape("application/x-www-form-urlencoded", text -> "lang=auto&text=" + form(text) + "&format=plain"),
            new Shape("text/plain; charset=utf-8", text -> text),
            new Shape(
                    "application/json; charset=utf-8",
                    text -> "{\"title\":\"" + json(text.substring(0, Math.min(20, text.length()))) + "\",\"body\":\""
                            + escaped(text) + "\",\"labels\":[\"docs\",\"i18n\"]}"),
            new Shape(
                    "multipart/form-data; boundary=b0undary",
                    text -> "--b0undary\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n" + text
                            + "\r\n--b0undary--\r\n"),
            new Shape("application/xml", text -> "<note><to>all</to><body>" + html(text) + "</body></note>"),
            new Shape(
                    "application/json",
                    text -> "{\"content\":\""
                            + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))
                            + "\",\"encoding\":\"base64\",\"branch\":\"main\"}"));

    /** How a paragraph comes back. */
    private static final List<Shape> REPLIES = List.of(
            new Shape(
                    "text/html; charset=utf-8",
                    text ->
                            "<!doctype html><html><head><title>Article</title><style>p{margin:0}</style></head><body><nav><a href=\"/\">Home</a></nav><p>"
                                    + html(text)
                                    + "</p><script>window.dataLayer=window.dataLayer||[];</script></body></html>"),
            new Shape("text/markdown", text -> "# Notes\n\n> " + text + "\n\n- [ ] check\n- [x] done\n"),
            new Shape(
                    "application/json",
                    text -> "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\""
                            + json(text) + "\"}],\"isError\":false}}"),
            new Shape(
                    "application/rss+xml",
                    text -> "<rss version=\"2.0\"><channel><item><title>News</title><description>" + html(text)
                            + "</description><pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>"),
            new Shape("text/plain", text -> text),
            new Shape("text/csv", text -> "id,lang,text\n17,xx,\"" + text.replace("\"", "\"\"") + "\"\n"),
            new Shape("text/event-stream", text -> "event: message\nid: 5\ndata: " + text + "\n\n"),
            new Shape(
                    "application/json",
                    text -> "{\"results\":[{\"url\":\"https://example.org/a\",\"snippet\":\"" + escaped(text)
                            + "\",\"score\":0.87}],\"next\":null}"));

    @Test
    void noOrdinaryRequestIsRefusedOrEvenWarnedAbout() {
        var engine = Policies.engine("");
        var wrong = new ArrayList<String>();
        var seen = new HashSet<String>();
        for (var url : lines("urls.txt")) {
            seen.add(url);
            report(wrong, url, engine.scanUrl(url, false));
            report(wrong, url, engine.scanUrl(url.replaceFirst("(//[^/]*).*", "$1/"), true));
        }
        var items = new ArrayList<>(items("bodies.txt"));
        items.addAll(items("hard.txt"));
        items.addAll(items("attacks.txt"));
        items.addAll(Lists.all());
        items.addAll(shaped(REQUESTS, 0));
        for (var item : items) {
            seen.add(item.text());
            report(wrong, item.text(), scan(engine.openRequestBody(item.type(), "api.example.com"), item.text()));
        }
        assertThat(wrong).isEmpty();
        assertThat(seen).hasSizeGreaterThanOrEqualTo(500);
    }

    /** Compressed data holds any three letters somewhere, and agents send a screenshot every few seconds. */
    @Test
    void noImageIsTakenForASecretHoweverItIsWritten() {
        var engine = Policies.engine("");
        var wrong = new ArrayList<String>();
        for (var seed = 0; seed < 2; seed++) {
            var image = new byte[750_000];
            new Random(seed).nextBytes(image);
            var base64 = Base64.getEncoder().encodeToString(image);
            var base85 = new StringBuilder();
            for (var b : image) {
                base85.append((char) ('#' + (b & 0x7f) % 57));
            }
            for (var written : List.<CharSequence>of(
                    base64,
                    base64.replace("/", "\\/"),
                    Base64.getMimeEncoder().encodeToString(image),
                    Base64.getMimeEncoder().encodeToString(image).replace("\r\n", "\\n"),
                    Base64.getUrlEncoder().encodeToString(image),
                    form(base64),
                    HexFormat.of().formatHex(image),
                    base85)) {
                var text = "{\"image\":\"data:image/png;base64,iVBORw0KGgo" + written + "\"}";
                report(wrong, text, scan(engine.openRequestBody("application/json", "api.example.com"), text));
            }
            var raw = engine.openRequestBody("image/png", "api.example.com");
            raw.feed(ByteBuffer.wrap(image));
            raw.finish();
            report(wrong, "the image itself", raw.findings());
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void noOrdinaryHeadIsRefused() {
        var all = Policies.engine(
                "dlp: {action: Block, headers: {scan: All, names: []}, disabledClasses: [], patterns: [], known: [], seedPhrases: true, canaries: []}");
        var heads = List.of(
                Map.of(
                        "User-Agent",
                        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                        "Accept-Language",
                        "de-DE,de;q=0.9,en-US;q=0.8"),
                Map.of(
                        "If-None-Match",
                        "W/\"0f8fad5bd9cb469fa16570867728950e\"",
                        "traceparent",
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                Map.of("Cookie", "_ga=GA1.2.1234567890.1724233222; theme=dark; consent=yes", "Sec-Fetch-Mode", "cors"),
                Map.of("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version", "13"),
                Map.of("Authorization", "Bearer ${TOKEN}", "X-Request-Id", "123e4567-e89b-12d3-a456-426614174000"),
                Map.of("Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=", "Range", "bytes=0-1023"));
        for (var head : heads) {
            assertThat(all.scanHeaders(head.entrySet(), "api.example.com"))
                    .as(head.toString())
                    .isEmpty();
        }
    }

    @Test
    void noOrdinaryDocumentIsTakenForAnInjection() {
        var engine = Policies.engine("injection: {action: Block, exemptDomains: [], disabledClasses: []}");
        var wrong = new ArrayList<String>();
        var seen = new HashSet<String>();
        var items = new ArrayList<>(items("documents.txt"));
        items.addAll(items("bodies.txt"));
        items.addAll(items("hard.txt"));
        items.addAll(Lists.all());
        items.addAll(shaped(REPLIES, 0));
        items.addAll(shaped(REPLIES, 3));
        for (var item : items) {
            seen.add(item.text());
            report(wrong, item.text(), scan(engine.openResponseBody(item.type(), "docs.example.com"), item.text()));
        }
        assertThat(wrong).isEmpty();
        assertThat(seen).hasSizeGreaterThanOrEqualTo(500);
    }

    /** A page that quotes an attack says what an attack says: Balanced warns about it and lets it pass. */
    @Test
    void noPageAboutAttacksIsBlocked() {
        var engine = Policies.engine("");
        for (var item : items("attacks.txt")) {
            assertThat(scan(engine.openResponseBody(item.type(), "docs.example.com"), item.text()))
                    .as(item.text())
                    .noneMatch(finding -> finding.action() == Action.Block);
        }
    }

    /** A long document of anything ordinary is scanned to its end: short ones live on what every scan begins with. */
    @Test
    void noOrdinaryTextComesNearTheWorkThatIsGranted() {
        var secrets = new SecretPolicy(
                Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS), List.of());
        var items = new ArrayList<>(items("bodies.txt"));
        items.addAll(items("documents.txt"));
        items.addAll(shaped(REQUESTS, 0));
        comesNotNear(
                items,
                item -> new BodyWindow(
                        secrets.rules(),
                        new RequestJudge(secrets, "e.com", false),
                        Long.MAX_VALUE,
                        BodySyntax.of(item.type())));
        var injections =
                new InjectionPolicy(Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS));
        items.addAll(shaped(REPLIES, 0));
        items.addAll(shaped(REPLIES, 3));
        comesNotNear(
                items,
                item -> new BodyWindow(
                        injections.rules(), new ResponseJudge(injections, "e.com", false), Long.MAX_VALUE, null));
    }

    private static void comesNotNear(List<Item> items, Function<Item, BodyWindow> open) {
        for (var item : items) {
            // A number at each repetition, for the scan remembers what it tried.
            var body = new StringBuilder();
            for (var times = 0; body.length() < LONG; times++) {
                body.append(item.text()).append(' ').append(times).append('\n');
            }
            var text = body.toString().getBytes(StandardCharsets.UTF_8);
            var scan = open.apply(item);
            scan.feed(ByteBuffer.wrap(text));
            scan.finish();
            assertThat(scan.budget().paid())
                    .as(item.text())
                    .isLessThan(scan.budget().granted() / 2);
        }
    }

    /** What machines write in long lists, which a scanner of secrets sees the most of. */
    private static final class Lists {
        private static final Random RANDOM = new Random(7);

        static List<Item> all() {
            RANDOM.setSeed(7);
            return List.of(
                    lines("text/plain", () -> uuid() + "\n"),
                    lines("application/json", () -> "{\"id\":\"" + uuid() + "\",\"etag\":\"" + hex(16) + "\"}\n"),
                    lines("text/plain", () -> hex(20) + "  src/main/java/File" + RANDOM.nextInt(99) + ".java\n"),
                    lines("text/plain", () -> hex(32) + "  release-" + RANDOM.nextInt(99) + ".tar.gz\n"),
                    lines("text/plain", () -> hex(64) + " *image.iso\n"),
                    lines("text/plain", () -> "commit " + hex(20) + "\nAuthor: A <a@example.org>\n"),
                    lines(
                            "application/json",
                            () -> "\"node_modules/p" + RANDOM.nextInt(999)
                                    + "\":{\"version\":\"1.2.3\",\"resolved\":\"https://registry.example.org/p/-/p-1.2.3.tgz\",\"integrity\":\"sha512-"
                                    + base64(64) + "\"},\n"),
                    lines("text/plain", () -> "p@^1.0.0:\n  version \"1.0.1\"\n  integrity sha1-" + base64(20) + "\n"),
                    lines(
                            "text/plain",
                            () -> "example.org/m" + RANDOM.nextInt(999) + " v1.0.1 h1:" + base64(32) + "\n"),
                    lines("text/plain", () -> "checksum = \"" + hex(32) + "\"\n"),
                    lines("text/plain", () -> "p==1.0 \\\n    --hash=sha256:" + hex(32) + "\n"),
                    lines(
                            "application/json",
                            () -> "{\"digest\":\"sha256:" + hex(32) + "\",\"size\":" + RANDOM.nextInt() + "}\n"),
                    lines(
                            "text/csv",
                            () -> RANDOM.nextInt() + "," + RANDOM.nextDouble() + "," + RANDOM.nextInt() + "\n"),
                    lines("application/json", () -> "[" + RANDOM.nextGaussian() + "," + RANDOM.nextGaussian() + "],\n"),
                    lines(
                            "text/plain",
                            () -> "2026-03-12T08:15:03.114Z INFO trace_id=" + hex(16) + " span_id=" + hex(8)
                                    + " request=" + uuid() + " took=" + RANDOM.nextInt(999) + "ms\n"),
                    lines(
                            "text/plain",
                            () -> "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"
                                    + base64(32).replace("=", "") + " a@b\n"),
                    lines("text/html", () -> "<a href=\"/w/index.php?id=" + hex(12) + "&v=" + base64(9) + "\">x</a>\n"),
                    lines(
                            "text/css",
                            () -> ".css-" + hex(3) + "{color:#" + hex(3) + ";background:url(/" + hex(10) + ".png)}\n"),
                    lines(
                            "application/json",
                            () -> "{\"mappings\":\"" + "AAAA,SAAS;".repeat(RANDOM.nextInt(20)) + "\"}\n"),
                    lines("text/plain", () -> "0x" + hex(20) + " tx 0x" + hex(32) + "\n"),
                    lines("text/plain", () -> "0x" + hex(32) + " tx\n"),
                    lines(
                            "application/json",
                            () -> "{\"hash\":\"0x" + hex(32) + "\",\"blockHash\":\"0x" + hex(32) + "\"}\n"),
                    lines(
                            "application/json",
                            () -> "{\"topics\":[\"0x" + hex(32) + "\",\"0x" + hex(32) + "\"],\"data\":\"0x"
                                    + "0".repeat(48) + hex(8) + "\"}\n"),
                    lines("text/csv", () -> number(19) + "," + number(18) + "," + number(17) + "," + number(16) + "\n"),
                    lines("application/json", () -> "{\"id\":" + number(19) + ",\"account\":\"" + number(16) + "\"}\n"),
                    lines("application/json", () -> "{\"id_str\":\"" + number(19) + "\"}\n"),
                    lines(
                            "application/json",
                            () -> "[" + RANDOM.nextInt(256) + "," + RANDOM.nextInt(32, 127) + ","
                                    + RANDOM.nextInt(32, 127) + "],"),
                    lines("text/csv", () -> RANDOM.nextInt(32, 127) + ";"),
                    lines("text/plain", () -> number(100) + "\n"));
        }

        private static Item lines(String type, Supplier<String> line) {
            var text = new StringBuilder();
            while (text.length() < LONG / 2) {
                text.append(line.get());
            }
            return new Item(type, text.toString());
        }

        private static String uuid() {
            return new UUID(RANDOM.nextLong() & ~0xf000L | 0x4000L, RANDOM.nextLong() >>> 2 | 1L << 63).toString();
        }

        private static String number(int digits) {
            var number = new StringBuilder().append(1 + RANDOM.nextInt(9));
            while (number.length() < digits) {
                number.append(RANDOM.nextInt(10));
            }
            return number.toString();
        }

        private static String hex(int bytes) {
            return HexFormat.of().formatHex(bytes(bytes));
        }

        private static String base64(int bytes) {
            return Base64.getEncoder().encodeToString(bytes(bytes));
        }

        private static byte[] bytes(int count) {
            var bytes = new byte[count];
            RANDOM.nextBytes(bytes);
            return bytes;
        }
    }

    /** Every paragraph in one of the shapes, in turn. */
    private static List<Item> shaped(List<Shape> shapes, int first) {
        var items = new ArrayList<Item>();
        for (var language : LANGUAGES) {
            for (var text : lines("texts/" + language + ".txt")) {
                items.add(shapes.get((items.size() + first) % shapes.size()).of(text));
            }
        }
        return items;
    }

    private static void report(List<String> wrong, String what, List<Finding> findings) {
        for (var finding : findings) {
            wrong.add(finding.scanner().label() + "/" + finding.rule() + " " + finding.encoding() + " in "
                    + finding.location() + "@" + finding.offset() + ": "
                    + what.substring(0, Math.min(160, what.length())).replaceAll("\\p{Cntrl}", " "));
        }
    }

    private static List<Finding> scan(BodyScan body, String text) {
        body.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        body.finish();
        return body.findings();
    }

    private static List<Item> items(String name) {
        var items = new ArrayList<Item>();
        var matcher = Pattern.compile("(?ms)^=== (.*?)\n(.*?)(?=^=== |\\z)").matcher(read(name));
        while (matcher.find()) {
            items.add(new Item(matcher.group(1), matcher.group(2)));
        }
        return items;
    }

    private static List<String> lines(String name) {
        return read(name).lines().filter(line -> !line.isBlank()).toList();
    }

    private static String read(String name) {
        try (var in = OrdinaryTrafficTest.class.getResourceAsStream("/ordinary/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** As JSON writers do that keep to ASCII. */
    private static String escaped(String text) {
        var out = new StringBuilder();
        for (var c : json(text).toCharArray()) {
            out.append(c < 0x80 ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return out.toString();
    }

    private static String form(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String html(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
