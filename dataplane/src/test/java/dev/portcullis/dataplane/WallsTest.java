package dev.portcullis.dataplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls of docs/architecture.md. */
@AnalyzeClasses(packages = "dev.portcullis.dataplane", importOptions = ImportOption.DoNotIncludeTests.class)
class WallsTest {
    @ArchTest
    static final ArchRule theFirewallDoesNotKnowTheFlowRole = noClasses()
            .that()
            .resideInAPackage("..firewall..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..dataplane.flow..");

    @ArchTest
    static final ArchRule theFlowRoleDoesNotKnowTheFirewall = noClasses()
            .that()
            .resideInAPackage("..dataplane.flow..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..dataplane.firewall..");

    @ArchTest
    static final ArchRule decisionsSeeNoChannelAndNoKubernetes = noClasses()
            .that()
            .resideInAnyPackage(
                    "..firewall.scan..",
                    "..firewall.media..",
                    "..firewall.redact..",
                    "..firewall.rewrite..",
                    "..firewall.verdict..",
                    "..flow.window..",
                    "..flow.detect..",
                    "..flow.mitigate..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty.channel..", "io.fabric8.kubernetes.client..");

    @ArchTest
    static final ArchRule onlyConfigTalksToKubernetes = noClasses()
            .that()
            .resideOutsideOfPackages("..dataplane.config..", "..dataplane.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8.kubernetes.client..");

    @ArchTest
    static final ArchRule onlyMetricsCreatesMeters = noClasses()
            .that()
            .resideOutsideOfPackages("..dataplane.metrics..")
            .should()
            .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                    com.tngtech.archunit.base.DescribedPredicate.describe(
                            "a builder of a Prometheus instrument",
                            call -> call.getOwner().getPackageName().startsWith("io.prometheus.metrics.core.metrics")
                                    && call.getName().equals("builder"))));

    @ArchTest
    static final ArchRule theDataPlaneKnowsNoOperatorFramework =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.javaoperatorsdk..");

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = classes()
            .should()
            .haveNameNotMatching(".*(Utils?|Impl|Manager|Helper)$")
            .andShould()
            .resideOutsideOfPackages("..utils..", "..util..", "..impl..", "..manager..", "..helper..");
}
