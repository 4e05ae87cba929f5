package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every example of every credential class, in every notation that a secret is written in. */
class CredentialNotationsTest {
    /** What a value is made of that any notation can carry as it stands. */
    private static final String CARRIED = "[A-Za-z0-9+/_=.~:@|$-]{8,300}";

    private static final RulePack PACK = RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS);

    /** A name right before its value. */
    private static final Pattern NAMED = Pattern.compile("([A-Za-z][A-Za-z0-9_-]*)[\"']?\\s*[:=]\\s*[\"']?$");

    /** Classes that are about one notation and are found in that: see docs/scanner.md. */
    private static final List<String> ONE_NOTATION = List.of(
            "azure-sas-signature",
            "basic-credentials-in-url",
            "credential-in-url",
            "curl-auth-header",
            "curl-auth-user",
            "environment-secret",
            "gcp-service-account",
            "kubernetes-secret",
            "nuget-config-password",
            "okta-ssws-token",
            "private-key");

    private static final Map<String, String> NOTATIONS = new LinkedHashMap<>();

    static {
        NOTATIONS.put("ini", "[api]\nNAME = VALUE\n");
        NOTATIONS.put("toml", "NAME = \"VALUE\"\n");
        NOTATIONS.put("properties", "app.NAME=VALUE\n");
        NOTATIONS.put(".env", "UPPER=VALUE\n");
        NOTATIONS.put("shell", "export UPPER='VALUE'\n");
        NOTATIONS.put("command line", "run --DASHED VALUE --verbose");
        NOTATIONS.put("command line with =", "run --DASHED=VALUE --verbose");
        NOTATIONS.put("PowerShell", "$env:UPPER = \"VALUE\"");
        NOTATIONS.put("Dockerfile", "ENV UPPER=VALUE\n");
        NOTATIONS.put("JSON", "{\"NAME\": \"VALUE\", \"b\": 1}");
        NOTATIONS.put("compact JSON", "{\"camel\":\"VALUE\"}");
        NOTATIONS.put("JSON in a string", "{\"m\": \"{\\\"NAME\\\": \\\"VALUE\\\"}\"}");
        NOTATIONS.put("JSON in a string twice", "{\"m\": \"{\\\\\\\"NAME\\\\\\\": \\\\\\\"VALUE\\\\\\\"}\"}");
        NOTATIONS.put("names and values in JSON", "[{\"name\": \"UPPER\", \"value\": \"VALUE\"}]");
        NOTATIONS.put("XML", "<config><NAME>VALUE</NAME></config>");
        NOTATIONS.put("CDATA", "<NAME><![CDATA[VALUE]]></NAME>");
        NOTATIONS.put("XML attribute", "<api NAME=\"VALUE\"/>");
        NOTATIONS.put("names and values in XML", "<add key=\"camel\" value=\"VALUE\"/>");
        NOTATIONS.put("YAML", "api:\n  NAME: VALUE\n");
        NOTATIONS.put("YAML block", "NAME: |-\n  VALUE\n");
        NOTATIONS.put("names and values in YAML", "env:\n  - name: UPPER\n    value: VALUE\n");
        NOTATIONS.put("Java", "private static final String UPPER = \"VALUE\";");
        NOTATIONS.put("Kotlin", "val camel: String = \"VALUE\"");
        NOTATIONS.put("Scala", "val camel: String = \"VALUE\"");
        NOTATIONS.put("Swift", "let camel: String? = \"VALUE\"");
        NOTATIONS.put("Python", "client = Client(NAME=b'VALUE')");
        NOTATIONS.put("JavaScript", "const camel = 'VALUE';");
        NOTATIONS.put("TypeScript", "const camel: string = 'VALUE';");
        NOTATIONS.put("Go", "os.Setenv(\"UPPER\", \"VALUE\")");
        NOTATIONS.put("Rust", "let NAME: &str = \"VALUE\";");
        NOTATIONS.put("C", "static const char NAME[] = \"VALUE\";");
        NOTATIONS.put("C#", "var camel = @\"VALUE\";");
        NOTATIONS.put("Ruby", "config = { :NAME => 'VALUE' }");
        NOTATIONS.put("PHP", "define('UPPER', 'VALUE');");
        NOTATIONS.put("header", "X-DASHED: VALUE\r\n");
        NOTATIONS.put("URL", "https://api.example.org/v1?NAME=ENCODED&page=2");
        NOTATIONS.put("form", "page=2&NAME=ENCODED");
        NOTATIONS.put("log line", "2026-03-12T08:15:03Z DEBUG client started NAME=VALUE retries=3");
    }

    @Test
    void everyExampleIsFoundInEveryNotation() {
        var problems = new TreeMap<String, List<String>>();
        var checked = 0;
        var known = 0;
        var notWritten = new TreeSet<String>();
        for (var entry : PACK.rules()) {
            var alone = RuleSet.of(RuleSet.Reading.SECRETS, List.of(entry.rule(null)));
            if (ONE_NOTATION.contains(entry.name())) {
                known++;
                continue;
            }
            var written = 0;
            for (var example : entry.examples()) {
                var text = example.replace("<>", "");
                var secret = secret(alone, text);
                if (secret == null || !secret.matches(CARRIED)) {
                    continue;
                }
                var name = key(entry, text, secret);
                if (name == null) {
                    continue;
                }
                written++;
                for (var notation : NOTATIONS.entrySet()) {
                    var noted = written(notation.getValue(), name, secret);
                    checked++;
                    if (secret(alone, noted) == null) {
                        problems.computeIfAbsent(notation.getKey(), key -> new ArrayList<>())
                                .add(entry.name() + ": " + noted);
                    }
                }
            }
            if (written == 0) {
                notWritten.add(entry.name());
            }
        }
        assertThat(notWritten).isEmpty();
        assertThat(known).isEqualTo(ONE_NOTATION.size());
        assertThat(problems).isEmpty();
        assertThat(checked).isGreaterThan(7_000);
    }

    @Test
    void everyClassThatScannersKnowHasItsRule() throws IOException {
        var rules = new HashSet<String>();
        PACK.rules().forEach(entry -> rules.add(entry.name()));
        var names = new HashSet<String>();
        try (var in = CredentialNotationsTest.class.getResourceAsStream("/credentials/classes.csv")) {
            for (var line : new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .split("\n")) {
                if (!line.startsWith("#")) {
                    var parts = line.split(",");
                    assertThat(rules).as(parts[0]).contains(parts[1]);
                    names.add(parts[0]);
                }
            }
        }
        assertThat(names).hasSize(222);
    }

    @Test
    void placeholdersAreNoFindings() {
        var all = RuleSet.of(RuleSet.Reading.SECRETS, PACK.rulesWithout(List.of()));
        for (var value : List.of(
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "your-api-key-goes-here",
                "<your token>",
                "${API_KEY}",
                "{{ secrets.API_KEY }}",
                "changeme",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "$API_KEY",
                "process.env.API_KEY",
                "os.environ['API_KEY']")) {
            for (var name : List.of("api_key", "aws_secret_access_key", "cohere_api_key", "github_token", "value")) {
                for (var notation : NOTATIONS.values()) {
                    var text = written(notation, name, value);
                    assertThat(secret(all, text)).as(text).isNull();
                }
            }
        }
    }

    /**
     * A name for the value: for a rule of keywords one that holds a keyword, for one whose expression has a name in it the name of
     * the example, and any at all for a token that is known by itself. Null where the example has none.
     */
    private static @Nullable String key(RulePack.Entry entry, String example, String secret) {
        if (entry.keywords() != null) {
            var keyword = entry.keywords().getFirst().toLowerCase(Locale.ROOT).replace('-', '_');
            return keyword.matches("[a-z0-9_]+") ? keyword + "_key" : null;
        }
        if (entry.pattern() == null || !entry.pattern().contains("(?<secret>")) {
            return "value";
        }
        var before = NAMED.matcher(example.substring(0, example.indexOf(secret)));
        return before.find() ? before.group(1).replace('-', '_').toLowerCase(Locale.ROOT) : null;
    }

    private static String written(String notation, String name, String value) {
        var words = name.split("_+");
        var camel = new StringBuilder(words[0]);
        for (var i = 1; i < words.length; i++) {
            camel.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
        }
        return notation.replace("UPPER", name.toUpperCase(Locale.ROOT))
                .replace("DASHED", name.replace('_', '-'))
                .replace("camel", camel)
                .replace("NAME", name)
                .replace("VALUE", value)
                .replace("ENCODED", URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    /** What is found in {@code text}, null where nothing is. */
    private static @Nullable String secret(RuleSet rules, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var budget = new WorkBudget();
        budget.grant(bytes.length);
        var found = new String[1];
        new Sweep(rules, budget, (rule, start, end, encoding) -> {
                    if (found[0] == null) {
                        found[0] = new String(bytes, (int) start, (int) (end - start), StandardCharsets.UTF_8);
                    }
                })
                .search(bytes, 0, bytes.length, bytes.length, 0);
        return found[0];
    }
}
