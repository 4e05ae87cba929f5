package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a real API server says about the rendered chart. */
@ExtendWith(Node.class)
class ChartOnApiServerIT {
    @Test
    void everyObjectOfTheChartIsAccepted(Node node) {
        var rendered = node.helm("template", "portcullis", Project.CHART.toString(), "--namespace", "default")
                .run()
                .orFail();
        var applied = node.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
                .reading(rendered)
                .run()
                .orFail();
        assertThat(applied.lines())
                .hasSameSizeAs(Manifests.parse(rendered).objects())
                .allMatch(line -> line.endsWith("serverside-applied (server dry run)"));
    }
}
