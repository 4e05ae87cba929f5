package dev.portcullis.operator.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.Role;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretProjectionTest {
    private static final SecretKey TOKEN = new SecretKey("agents", "vault", "token");

    @Test
    void theCopyIsWantedAnewWhenASourceOrTheReferencesChange() {
        var first = wanted("1", TOKEN);

        assertThat(wanted("1", TOKEN)).isEqualTo(first);
        assertThat(wanted("2", TOKEN)).isNotEqualTo(first);
        assertThat(wanted("1", TOKEN, new SecretKey("agents", "vault", "other")))
                .isNotEqualTo(first);
        assertThat(first.getData()).isNullOrEmpty();
    }

    @Test
    void referencesThatWouldShareANameAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wanted("1", new SecretKey("agents", "a.b", "c"), new SecretKey("agents", "a", "b.c")))
                .withMessageContaining("cannot be told apart");
    }

    @Test
    void referencesAreFoundWhereverTheyStand() throws IOException {
        var spec = new ObjectMapper().readTree("""
                        {"dlp": {"known": [{"secretKeyRef": {"name": "vault", "key": "token"}}]},
                         "killSwitch": {"api": {"tokenSecretRef": {"name": "stop", "key": "t"}}},
                         "notSecret": {"name": "x", "key": "y"}, "tokenSecretRef": "text"}
                        """);

        assertThat(SecretReferences.in(spec, "agents"))
                .containsExactlyInAnyOrder(TOKEN, new SecretKey("agents", "stop", "t"));
    }

    private static Secret wanted(String version, SecretKey... keys) {
        var owner = new AgentPolicyResource();
        owner.setMetadata(new ObjectMetaBuilder()
                .withNamespace("agents")
                .withName("coding")
                .withUid("1")
                .build());
        return SecretProjection.wanted(
                owner,
                Role.FIREWALL,
                List.of(keys),
                (namespace, name) -> Optional.of(new SecretBuilder()
                        .withNewMetadata()
                        .withResourceVersion(version)
                        .endMetadata()
                        .build()));
    }
}
