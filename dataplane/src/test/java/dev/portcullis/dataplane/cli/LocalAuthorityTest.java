package dev.portcullis.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.config.SecretSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAuthorityTest {
    private static final String ON = "{\"tlsInterception\": {\"enabled\": true}}";
    private static final SecretSource OTHERS = ref -> Optional.of("other".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    Path folder;

    private LocalAuthority authority() {
        return new LocalAuthority(folder.resolve("state"), InstantSource.system());
    }

    private static FirewallConfig config(String spec) throws IOException {
        var id = new ResourceId("AgentPolicy", "agents", "test");
        var resource = new Resource(id, Map.of(), 1L, new ObjectMapper().readTree(spec));
        return Objects.requireNonNull(
                Resolver.resolve(new ResourceSet(List.of(resource), Set.of(), Map.of(), "default"))
                        .firewalls()
                        .get(id));
    }

    private static String read(SecretSource secrets, String name, String key) {
        return secrets.read(new SecretKeyRef(name, key))
                .map(value -> new String(value, StandardCharsets.US_ASCII))
                .orElse("");
    }

    @Test
    void oneIsMadeOnceAndIsTheSameAfterARestart() throws Exception {
        var config = config(ON);
        var first = authority().beside(config, OTHERS);
        var certificate = read(first, config.authoritySecret(), CertificateAuthority.CERTIFICATE_KEY);
        var key = read(first, config.authoritySecret(), CertificateAuthority.PRIVATE_KEY_KEY);
        assertThat(CertificateAuthority.read(certificate, key, Instant.now())
                        .certificate()
                        .getBasicConstraints())
                .isZero();
        assertThat(Files.readString(authority().certificate())).isEqualTo(certificate);

        var again = authority().beside(config, OTHERS);
        assertThat(read(again, config.authoritySecret(), CertificateAuthority.PRIVATE_KEY_KEY))
                .isEqualTo(key);
        assertThat(read(again, "somebody's", "token")).isEqualTo("other");
    }

    @Test
    void theKeyIsReadableByItsOwnerAlone() throws Exception {
        authority().beside(config(ON), OTHERS);
        var state = folder.resolve("state");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("ca.key"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("ca.crt"))))
                .isEqualTo("rw-r--r--");
        try (var files = Files.list(state)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("ca.crt", "ca.key");
        }
    }

    @Test
    void noneIsMadeWhereNobodyNeedsIt() throws Exception {
        for (var spec : new String[] {"{}", "{\"tlsInterception\": {\"enabled\": false}}"}) {
            assertThat(authority().beside(config(spec), OTHERS)).isSameAs(OTHERS);
        }
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void halfAPairIsNeverCompletedWithANewHalf() throws Exception {
        authority().beside(config(ON), OTHERS);
        var key = folder.resolve("state").resolve("ca.key");
        Files.delete(key);
        assertThatThrownBy(() -> authority().beside(config(ON), OTHERS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(key.toString())
                .hasMessageContaining("put back the pair");
        assertThat(key).doesNotExist();
    }

    @Test
    void aFolderThatCannotBeMadeIsNamedWithTheOptionForAnother() throws Exception {
        Files.writeString(folder.resolve("state"), "a file");
        assertThatThrownBy(() -> authority().beside(config(ON), OTHERS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--state");
    }

    @Test
    void theFolderFollowsTheStandardForState() {
        assertThat(LocalAuthority.defaultFolder(null, "/home/a")).isEqualTo(Path.of("/home/a/.local/state/portcullis"));
        assertThat(LocalAuthority.defaultFolder("/var/state", "/home/a")).isEqualTo(Path.of("/var/state/portcullis"));
    }
}
