package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Places that a match names: what redaction may cut out, and no byte more. */
class MatchPlacesTest {
    private static final String TOKEN = "ghp_" + "a8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4";
    private static final RuleSet CREDENTIALS = RuleSet.of(
            RuleSet.Reading.SECRETS,
            RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rulesWithout(List.of()));

    private record Place(String rule, String text, String encoding) {}

    @Test
    void aMatchIsTheSecretAndNotTheKeyBeforeIt() {
        assertThat(places("x {\"token\": \"" + TOKEN + "\"} y"))
                .contains(new Place("github-token", TOKEN, "plaintext"));
        assertThat(places("cohere_api_key = 'EFWQYpOl8E405WO8x6bsc5LNdpOg5xYG4akPB4qi' #"))
                .contains(new Place("cohere-api-key", "EFWQYpOl8E405WO8x6bsc5LNdpOg5xYG4akPB4qi", "plaintext"));
        assertThat(places("pay 4111 1111 1111 1111 today"))
                .contains(new Place("payment-card-number", "4111 1111 1111 1111", "plaintext"));
        assertThat(places("to GB29 NWBK 6016 1331 9268 19, now"))
                .contains(new Place("iban", "GB29 NWBK 6016 1331 9268 19", "plaintext"));
        assertThat(places("ssn: 219-09-9999."))
                .contains(new Place("social-security-number", "219-09-9999", "plaintext"));
        assertThat(places("k=5KGhNggj33Y4XTqEdD2jXdEYGsh2WeBRJoy2yCBno1xYbkHCUtL;"))
                .contains(new Place(
                        "bitcoin-private-key", "5KGhNggj33Y4XTqEdD2jXdEYGsh2WeBRJoy2yCBno1xYbkHCUtL", "plaintext"));
    }

    @Test
    void anEncodedMatchIsTheWholeRunThatWrapsIt() {
        var bytes = ("token " + TOKEN).getBytes(StandardCharsets.US_ASCII);
        var base64 = Base64.getEncoder().withoutPadding().encodeToString(bytes);
        assertThat(places("a, " + base64 + ", b")).contains(new Place("github-token", base64, "base64"));
        var hex = HexFormat.of().formatHex(bytes);
        assertThat(places("a, " + hex + ", b")).contains(new Place("github-token", hex, "hex"));
        var escaped = "\\u0067hp_" + TOKEN.substring(4);
        assertThat(places("{\"a\": \"" + escaped + "\"}")).contains(new Place("github-token", escaped, "json"));
        var percent = "%67%68p_" + TOKEN.substring(4, 39) + "%34";
        assertThat(places("x=" + percent + "&b=1")).contains(new Place("github-token", percent, "url"));
        var nested = Base64.getEncoder()
                .withoutPadding()
                .encodeToString(("x " + percent).getBytes(StandardCharsets.US_ASCII));
        assertThat(places("d: " + nested + " ")).contains(new Place("github-token", nested, "base64+url"));
    }

    @Test
    void everyMatchIsReportedWhereThatIsAskedFor() {
        var other = "ghp_" + "b8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4";
        assertThat(places(TOKEN + " and " + other + " and " + TOKEN).stream()
                        .filter(place -> place.rule.equals("github-token"))
                        .map(Place::text))
                .containsExactly(TOKEN, other, TOKEN);
        var own = new Rule(
                "ticket", Severity.low, false, List.of(), true, new UserPattern(Pattern.compile("T[0-9]{3}")), "");
        assertThat(places(RuleSet.of(RuleSet.Reading.SECRETS, List.of(own)), "aT123, T456 T7 T789"))
                .extracting(Place::text)
                .containsExactly("T123", "T456", "T789");
    }

    @Test
    void aWalkReportsWhatItFindsInEveryReading() {
        Rule.Walk walk = (text, from, to, length, found) -> {
            for (var i = from; i < to; i++) {
                if (text[i] == '!' && i + 1 < length && text[i + 1] == '?') {
                    found.at(i, i + 2);
                }
            }
        };
        var rules = RuleSet.of(
                RuleSet.Reading.SECRETS,
                List.of(new Rule("interrobang", Severity.low, false, List.of(), false, walk, "")));
        assertThat(places(rules, "a !? b %21%3f c"))
                .contains(new Place("interrobang", "!?", "plaintext"), new Place("interrobang", "%21%3f", "url"));
    }

    private static List<Place> places(String text) {
        return places(CREDENTIALS, text);
    }

    private static List<Place> places(RuleSet rules, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var budget = new WorkBudget();
        budget.grant(bytes.length);
        var places = new ArrayList<Place>();
        Sweep.ofEveryMatch(
                        rules,
                        budget,
                        (rule, start, end, encoding) -> places.add(new Place(
                                rule.name(),
                                new String(bytes, (int) start, (int) (end - start), StandardCharsets.UTF_8),
                                encoding)))
                .search(bytes, 0, bytes.length, bytes.length, 0);
        return places;
    }
}
