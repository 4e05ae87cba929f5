package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the images, and that building them again gives the same bytes. */
class ImageIT {
    @BeforeAll
    static void imagesAreBuilt() {
        if (!System.getProperty("os.name").equals("Linux")) {
            Project.skip("images are built on Linux only, from the machine's own JDK and C library");
        }
    }

    private static ImageArchive image(String role) throws IOException {
        return ImageArchive.read(role.equals("dataplane") ? Project.DATAPLANE_IMAGE : Project.OPERATOR_IMAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataplane", "operator"})
    void theProcessIsNotRoot(String role) throws IOException {
        assertThat(image(role).configuration().at("/config/User").asText()).isEqualTo("65532:65532");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataplane", "operator"})
    void thereIsNoProgramButJava(String role) throws IOException {
        assertThat(image(role).files())
                .filteredOn(file -> file.matches("(.*/)?s?bin/.*"))
                .containsExactly("usr/lib/jvm/bin/java");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataplane", "operator"})
    void theEntryPointNamesFilesThatAreThere(String role) throws IOException {
        var image = image(role);
        var entryPoint = StreamSupport.stream(
                        image.configuration().at("/config/Entrypoint").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        assertThat(image.files())
                .contains(entryPoint.get(0).substring(1), entryPoint.get(1).substring(2));
        assertThat(image.files()).anyMatch(file -> file.startsWith("app/libs/portcullis-" + role + "-"));
    }

    @Test
    void theDataPlaneBringsItsNativeLibrariesAsFiles() throws IOException {
        assertThat(image("dataplane").files())
                .filteredOn(file -> file.startsWith("usr/lib/portcullis/"))
                .hasSize(4)
                .contains("usr/lib/portcullis/libbrotli.so", "usr/lib/portcullis/libzstd-jni.so")
                .anyMatch(file -> file.contains("libnetty_transport_native_epoll_"))
                .anyMatch(file -> file.contains("libnetty_tcnative_linux_"));
    }

    /** With the options of the image alone, and with those that the operator gives a detector (docs/decisions/0022). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-XX:MaxNewSize=4m -XX:G1HeapRegionSize=1m -XX:ParallelGCThreads=1 -XX:MaxGCPauseMillis=5 "
                        + "-XX:InitialRAMPercentage=25 -XX:MetaspaceSize=64m"
            })
    void theDataPlaneStartsFromTheAotCacheOfItsImage(String options, @TempDir Path directory) throws IOException {
        ImageArchive.unpack(Project.DATAPLANE_IMAGE, directory);
        Files.createDirectories(directory.resolve("tmp"));
        var words = new ArrayList<>(List.of("--map-root-user", "chroot", directory.toString()));
        for (var word : image("dataplane").configuration().at("/config/Entrypoint")) {
            words.add(word.asText());
        }
        // Without a way back: a cache that does not fit ends the process.
        words.add(words.size() - 1, "-XX:AOTMode=on");
        words.add(words.size() - 1, "-XX:+PrintFlagsFinal");
        words.add("--version");

        // There is no /proc below, by which the dynamic linker would find the runtime's own libraries.
        var output = Command.of(Project.installed("unshare", "util-linux"), words.toArray(String[]::new))
                .with("LD_LIBRARY_PATH", "/usr/lib/jvm/lib")
                .with("JDK_JAVA_OPTIONS", options)
                .run()
                .orFail();

        assertThat(output).containsPattern("(?m)^portcullis ");
        assertThat(output).containsPattern(" UseG1GC += true ");
        if (!options.isEmpty()) {
            assertThat(output)
                    .containsPattern(" MaxNewSize += 4194304 ")
                    .containsPattern(" G1HeapRegionSize += 1048576 ")
                    .containsPattern(" ParallelGCThreads += 1 ")
                    .containsPattern(" MaxGCPauseMillis += 5 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataplane", "operator"})
    void nothingInAnImageTellsWhenOrByWhomItWasBuilt(String role) throws IOException {
        var image = image(role);
        assertThat(image.configuration().get("created").asText()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(image.entries()).isNotEmpty().allSatisfy(entry -> {
            assertThat(entry.getLastModifiedTime().toInstant()).isBefore(Instant.EPOCH.plusSeconds(2));
            assertThat(entry.getLongUserId()).isZero();
            assertThat(entry.getLongGroupId()).isZero();
            assertThat(entry.getMode() & 0002)
                    .as("%s is writable for everyone", entry.getName())
                    .isZero();
        });
    }

    @Test
    void theRootBuiltAgainIsTheSameByteForByte(@TempDir Path directory) throws IOException {
        var again = directory.resolve("root");
        Command.of(Project.ROOT.resolve("image/root"), again.toString())
                .with("JAVA_HOME", System.getProperty("java.home"))
                .within(Duration.ofMinutes(5))
                .run()
                .orFail();
        assertThat(digests(again)).hasSizeGreaterThan(50).isEqualTo(digests(Project.ROOT.resolve("image/target/root")));
    }

    private static Map<String, String> digests(Path root) throws IOException {
        var digests = new TreeMap<String, String>();
        try (var files = Files.walk(root)) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                var sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                digests.put(root.relativize(file).toString(), HexFormat.of().formatHex(sha256));
            }
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
        return digests;
    }
}
