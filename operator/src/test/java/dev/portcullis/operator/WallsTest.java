package dev.portcullis.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls between the rooms of the operator. */
@AnalyzeClasses(packages = "dev.portcullis.operator", importOptions = ImportOption.DoNotIncludeTests.class)
class WallsTest {
    @ArchTest
    static final ArchRule roomsDoNotGoInCircles =
            slices().matching("dev.portcullis.operator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theOperatorKnowsNothingOfTheDataPlane =
            noClasses().should().dependOnClassesThat().resideInAPackage("dev.portcullis.dataplane..");

    @ArchTest
    static final ArchRule firewallAndFlowDoNotKnowEachOther = noClasses()
            .that()
            .resideInAPackage("..operator.firewall..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..operator.flow..", "..operator.mitigation..");

    @ArchTest
    static final ArchRule whatShouldExistAndWhatToSayAreDecidedWithoutTheApiServer = noClasses()
            .that()
            .haveSimpleNameEndingWith("Resources")
            .or()
            .haveSimpleNameEndingWith("Status")
            .or()
            .haveSimpleNameStartingWith("Effective")
            .or()
            .resideInAnyPackage("..operator.workload..", "..operator.resource..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient");

    @ArchTest
    static final ArchRule metersAreMadeInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackages("..operator.metrics..", "dev.portcullis.operator")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");
}
