package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys that no literal begins are found when they are cut up over the values of a body. */
class SplitKeysTest {
    @ParameterizedTest
    @CsvSource({
        "twilio-api-key, S, K898558a600db504d77a15b4d29552626",
        "bitcoin-private-key, 5, KGhNggj33Y4XTqEdD2jXdEYGsh2WeBRJoy2yCBno1xYbkHCUtL",
        "bitcoin-private-key, L3, eHCiALY2C6ZTRu8p6eiAvm34jffq6zHcJKh2Nd87EATvC2hJXN",
        "ethereum-private-key, 0x, dfd72481fda2733b159d49051651a6376fb34497dda5e90bd640928438cea90c",
        "discord-bot-token, MT, k4NzY1NDMyMTA5ODc2NTQzMjE.GqXw3Z.a1Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4Qz"
    })
    void aKeyInTwoThreeOrTenMembersIsFound(String rule, String first, String rest) {
        var key = first + rest;
        for (var parts : List.of(2, 3, 6)) {
            var members = new StringBuilder("{\"note\": \"hello\"");
            var size = (key.length() + parts - 1) / parts;
            for (var at = 0; at < key.length(); at += size) {
                members.append(", \"p")
                        .append(at / size)
                        .append("\": \"")
                        .append(key, at, Math.min(key.length(), at + size))
                        .append('"');
            }
            assertThat(rules("application/json", members.append('}').toString()))
                    .as("%s in %d parts: %s", rule, parts, members)
                    .contains(rule);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5KGhNggj33Y4XTqEdD2jXdEYGsh, 2WeBRJoy2yCBno1xYbkHCUta",
        "SK898558a600db504d, 77a15b4d2955262",
        "0xdfd72481fda2733b159d4905, 1651a6376fb34497dda5e90bd64092843"
    })
    void whatHasTheWrongChecksumOrLengthIsNot(String first, String second) {
        assertThat(rules("application/json", "{\"a\": \"" + first + "\", \"b\": \"" + second + "\"}"))
                .isEmpty();
    }

    private static List<String> rules(String type, String body) {
        var scan = TestPolicies.engine().openRequestBody(type, "e.com");
        scan.feed(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
        scan.finish();
        return scan.findings().stream().map(finding -> finding.rule()).toList();
    }
}
