package dev.portcullis.e2e;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.e2e.Expressions.Expression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboards and alert rules of grafana/: whole, parsed by Prometheus' own parser, and about metrics that exist. */
class DashboardsIT {
    private static final List<String> DATA_PLANE = List.of("firewall", "flow");

    private static Path dashboard(String name) {
        return Project.GRAFANA.resolve(name + ".json");
    }

    private static Path alerts(String name) {
        return Project.GRAFANA.resolve("alerts").resolve(name + ".yaml");
    }

    private static List<Expression> dashboards() throws IOException {
        var expressions = new ArrayList<Expression>();
        for (var name : DATA_PLANE) {
            expressions.addAll(Expressions.ofDashboard(dashboard(name)));
        }
        return expressions;
    }

    private static List<Expression> alertRules() {
        return DATA_PLANE.stream()
                .flatMap(name -> Expressions.ofRules(alerts(name)).stream())
                .toList();
    }

    private static Set<String> families(List<Expression> expressions) {
        return expressions.stream()
                .flatMap(expression -> expression.families().stream())
                .collect(toCollection(TreeSet::new));
    }

    @Test
    void everyFamilyOfTheDataPlaneIsOnAPanelAndEveryPanelIsAboutOneThatExists() throws IOException {
        assertThat(families(dashboards())).isEqualTo(Expressions.declaredBy("dataplane"));
    }

    @Test
    void everyAlertIsAboutAFamilyThatExists() throws IOException {
        assertThat(Expressions.declaredBy("dataplane")).containsAll(families(alertRules()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"firewall", "flow", "operator"})
    void aDashboardIsOneThatGrafanaLoads(String name) throws IOException {
        var dashboard = new ObjectMapper().readTree(dashboard(name).toFile());
        assertThat(dashboard.get("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
        assertThat(dashboard.get("uid").asText()).isEqualTo("portcullis-" + name);
        assertThat(dashboard.at("/templating/list"))
                .extracting(variable -> variable.get("name").asText())
                .contains("datasource", "namespace", "pod");
        var ids = new HashSet<Integer>();
        for (var panel : dashboard.get("panels")) {
            var title = panel.get("title").asText();
            assertThat(ids.add(panel.get("id").asInt()))
                    .as("id of panel %s", title)
                    .isTrue();
            var position = panel.get("gridPos");
            assertThat(position.get("x").asInt() + position.get("w").asInt())
                    .as("right edge of panel %s", title)
                    .isLessThanOrEqualTo(24);
            if (!panel.get("type").asText().equals("row")) {
                assertThat(panel.get("description").asText())
                        .as("description of panel %s", title)
                        .isNotBlank();
                assertThat(panel.get("targets"))
                        .as("queries of panel %s", title)
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"firewall", "flow"})
    void everyPanelIsNarrowedByTheDashboardsVariables(String name) throws IOException {
        assertThat(Expressions.ofDashboard(dashboard(name))).isNotEmpty().allSatisfy(expression -> {
            for (var variable : List.of("$namespace", "$node", "$pod")) {
                assertThat(expression.promql()).as(expression.where()).contains(variable);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"firewall", "flow"})
    void everyAlertSaysHowBadItIsAndWhatToDo(String name) {
        assertThat(Expressions.rules(alerts(name))).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
            assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
            assertThat(rule.at("/annotations/description").asText()).isNotBlank();
        });
    }

    @Test
    void prometheusTakesEveryAlertRule() {
        var promtool = Project.installed("promtool", "prometheus");
        for (var name : DATA_PLANE) {
            assertThat(Command.of(promtool, "check", "rules", alerts(name).toString())
                            .run()
                            .orFail())
                    .contains("SUCCESS");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"firewall", "flow", "operator"})
    void prometheusParsesEveryPanel(String name, @TempDir Path directory) throws IOException {
        var promtool = Project.installed("promtool", "prometheus");
        var rules = new ArrayList<Map<String, String>>();
        for (var expression : Expressions.ofDashboard(dashboard(name))) {
            rules.add(Map.of("record", "panel:" + rules.size(), "expr", expression.filledIn()));
        }
        var file = directory.resolve("panels.yaml");
        Files.writeString(
                file,
                new ObjectMapper().writeValueAsString(Map.of("groups", List.of(Map.of("name", name, "rules", rules)))));
        assertThat(Command.of(promtool, "check", "rules", file.toString()).run().orFail())
                .contains(rules.size() + " rules found");
    }
}
