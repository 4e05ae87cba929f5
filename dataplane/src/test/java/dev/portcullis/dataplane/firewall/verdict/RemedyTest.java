package dev.portcullis.dataplane.firewall.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RemedyTest {
    private static Finding finding(ScannerName scanner, String rule, String hint) {
        return new Finding(scanner, rule, Severity.high, Action.Block, "plaintext", "url", -1, "why", hint);
    }

    @ParameterizedTest
    @EnumSource
    void aFindingOfEveryScannerHasAHint(ScannerName scanner) {
        for (var rule : new String[] {"any", Reason.LONG_LINE, Reason.LARGE_HEADER}) {
            assertThat(Remedy.of(finding(scanner, rule, ""))).isNotBlank();
        }
        assertThat(Remedy.of(finding(scanner, "any", "spec.own: hint"))).isEqualTo("spec.own: hint");
    }

    @ParameterizedTest
    @EnumSource
    void everySourceOfAKillSwitchIsNamed(KillSwitch.Source source) {
        assertThat(Remedy.killSwitch(source.label())).contains("release");
    }

    @Test
    void aMissingPolicyIsNamed() {
        assertThat(Remedy.noPolicy()).contains("AgentPolicy");
    }
}
