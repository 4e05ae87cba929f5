package dev.portcullis.dataplane.firewall;

import static dev.portcullis.dataplane.firewall.ScanApiCalls.OPEN;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.assertCounted;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.assertError;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.open;
import static dev.portcullis.dataplane.firewall.ScanApiCalls.post;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the body of a call of the scan API is refused for. */
class ScanApiInputTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "nothing",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}} {}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}, \"more\": 1}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\", \"more\": 1}}",
                "{\"kind\": \"dlp\", \"kind\": \"url\", \"input\": {\"text\": \"a\"}}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\", \"text\": \"b\"}}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": 1}}",
                "{\"kind\": 1, \"input\": {\"text\": \"a\"}}",
                "{\"kind\": \"dlp\", \"input\": []}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}, \"options\": {\"include_evidence\": 1}}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}, \"context\": {\"who\": \"me\"}}",
                "{\"inputs\": {}}",
                "{\"kind\": \"tool_call\", \"input\": {\"tool_name\": \"a\", \"arguments\": NaN}}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"\\ud8\"}}",
            })
    void whatIsNotTheJsonOfACallIsInvalid(String body) throws Exception {
        try (var firewall = open(OPEN)) {
            assertError(post(firewall, body), 400, "invalid_json", false);
            assertCounted(firewall, "", "invalid_json", 400);
        }
    }

    @Test
    void nestingWithoutEndIsInvalidAndNotACrash() throws Exception {
        try (var firewall = open(OPEN)) {
            var deep = "{\"kind\": \"tool_call\", \"input\": {\"tool_name\": \"a\", \"arguments\": "
                    + "[".repeat(200_000) + "]".repeat(200_000) + "}}";
            assertError(post(firewall, deep), 400, "invalid_json", false);
        }
    }

    @Test
    void aKindThatDoesNotExistIsInvalid() throws Exception {
        try (var firewall = open(OPEN)) {
            assertError(post(firewall, "{\"kind\": \"virus\", \"input\": {}}"), 400, "invalid_kind", false);
            assertCounted(firewall, "unknown", "invalid_kind", 400);
        }
    }

    @Test
    void aKindThatThePolicyDoesNotAnswerIsDisabled() throws Exception {
        try (var firewall = open(OPEN.replace("\"key\": \"token\"}", "\"key\": \"token\"}, \"kinds\": [\"url\"]"))) {
            assertError(
                    post(firewall, "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}"), 400, "kind_disabled", false);
            assertCounted(firewall, "dlp", "kind_disabled", 400);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kind\": \"dlp\"}",
                "{\"kind\": \"dlp\", \"input\": {}}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"\"}}",
                "{\"kind\": \"dlp\", \"input\": {\"content\": \"a\"}}",
                "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\", \"url\": \"http://a/\"}}",
                "{\"inputs\": [{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}}, {\"kind\": \"dlp\"}]}",
            })
    void anInputThatDoesNotFitItsKindIsInvalid(String body) throws Exception {
        try (var firewall = open(OPEN)) {
            assertError(post(firewall, body), 400, "invalid_input", false);
            assertCounted(firewall, "dlp", "invalid_input", 400);
        }
    }

    @ParameterizedTest
    @CsvSource({"url, url, 8192", "dlp, text, 524288", "prompt_injection, content, 524288"})
    void anInputIsScannedUpToItsLimitAndRefusedBeyondIt(String kind, String field, int limit) throws Exception {
        try (var firewall = open(OPEN.replace("{\"scanApi\"", "{\"limits\": {\"urlLength\": 65536}, \"scanApi\""))) {
            var fits = "{\"kind\": \"" + kind + "\", \"input\": {\"" + field + "\": \"" + "a".repeat(limit) + "\"}}";
            assertThat(post(firewall, fits).statusCode()).isEqualTo(200);
            var longer = "{\"kind\": \"" + kind + "\", \"input\": {\"" + field + "\": \"" + "a".repeat(limit - 1)
                    + "\u00e4\"}}";
            assertError(post(firewall, longer), 400, "invalid_input", false);
        }
    }

    @Test
    void aBatchOfTooManyInputsIsRefused() throws Exception {
        try (var firewall = open(OPEN)) {
            var item = "{\"kind\": \"dlp\", \"input\": {\"text\": \"a\"}},";
            var body = "{\"inputs\": [" + item.repeat(101).replaceFirst(",$", "") + "]}";
            assertError(post(firewall, body), 400, "invalid_input", false);
        }
    }
}
