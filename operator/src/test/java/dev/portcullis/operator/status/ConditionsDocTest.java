package dev.portcullis.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.resolve.ProblemReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/conditions.md is written from the enums: {@code -Dwrite.docs=true} writes it. */
class ConditionsDocTest {
    private static final Path PAGE = Path.of(System.getProperty("project.root"), "docs", "conditions.md");

    @Test
    void thePageSaysWhatTheEnumsSay() throws IOException {
        if (Boolean.getBoolean("write.docs")) {
            Files.writeString(PAGE, page());
        }

        assertThat(PAGE).hasContent(page());
    }

    @ParameterizedTest
    @EnumSource(ProblemReason.class)
    void everyProblemOfTheResolverIsAReason(ProblemReason problem) {
        assertThat(Reason.of(problem).name()).isEqualTo(problem.name());
    }

    private static String page() {
        return """
                # Conditions, reasons and events

                Written from `ConditionType` and `Reason` of the operator by a test; do not edit.

                Every condition carries `observedGeneration`; `lastTransitionTime` moves only when `status` does. Events are recorded when something changes, never for every request.

                ## Condition types

                | type | True means |
                |---|---|
                """
                + Arrays.stream(ConditionType.values())
                        .map(type -> "| " + type + " | " + type.meaning() + " |\n")
                        .collect(Collectors.joining())
                + """

                ## Reasons of conditions

                | reason | meaning |
                |---|---|
                """
                + rows(false)
                + """

                ## Reasons of events

                | reason | type | meaning |
                |---|---|---|
                """
                + rows(true);
    }

    private static String rows(boolean events) {
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.isEvent() == events)
                .map(reason -> "| " + reason + " | " + (events ? (reason.warning() ? "Warning" : "Normal") + " | " : "")
                        + reason.meaning() + " |\n")
                .collect(Collectors.joining());
    }
}
