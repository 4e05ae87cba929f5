package dev.portcullis.dataplane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is written as a fuzz target is run as one. */
class FuzzTargetsTest {
    @Test
    void everyEntryOfEveryFuzzClassIsATarget() {
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                .importPackages("dev.portcullis.dataplane");
        var registered = classes.get(FuzzTargets.class).getAccessesFromSelf().stream()
                .map(JavaAccess::getTarget)
                .map(target -> target.getFullName())
                .collect(Collectors.toSet());
        var entries = classes.stream()
                .filter(one -> one.getSimpleName().endsWith("Fuzz"))
                .flatMap(FuzzTargetsTest::entries)
                .map(JavaCodeUnit::getFullName)
                .toList();
        // Several have more than one.
        assertThat(entries).hasSizeGreaterThan(20).hasSizeLessThanOrEqualTo(FuzzTargets.values().length);
        assertThat(registered).containsAll(entries);
    }

    /** Public methods that take bytes or give a target, and public constructors of targets. */
    private static Stream<? extends JavaCodeUnit> entries(JavaClass one) {
        var methods = one.getMethods().stream()
                .filter(method -> method.getModifiers().contains(JavaModifier.STATIC)
                        && method.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(method -> method.getRawReturnType().isEquivalentTo(FuzzTarget.class)
                        || method.getRawReturnType().isEquivalentTo(void.class)
                                && method.getRawParameterTypes().size() == 1
                                && method.getRawParameterTypes().getFirst().isEquivalentTo(byte[].class));
        var constructors = one.getConstructors().stream()
                .filter(constructor -> constructor.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(constructor -> one.isAssignableTo(FuzzTarget.class));
        return Stream.concat(methods, constructors);
    }

    @Test
    void everyKeptCorpusBelongsToATarget() throws IOException {
        try (var folders = Files.list(Path.of("src/test/resources/fuzz"))) {
            assertThat(folders.map(folder -> folder.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(FuzzTargets.values())
                            .map(FuzzTargets::label)
                            .toList());
        }
    }
}
