package dev.portcullis.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TrainingCommandTest {
    @Test
    void aFirewallCarriesEveryKindOfTrafficAndTheCommandEnds() {
        assertThat(new CommandLine(new TrainingCommand()).execute("--role", "FIREWALL", "--rounds", "2"))
                .isZero();
    }

    @Test
    void aDetectorReadsEveryProtocolAndTheCommandEnds() {
        assertThat(new CommandLine(new TrainingCommand()).execute("--role", "FLOW", "--seconds", "1"))
                .isZero();
    }
}
