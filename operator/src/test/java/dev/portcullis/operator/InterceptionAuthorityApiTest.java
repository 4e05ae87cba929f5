package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.operator.status.ConditionType;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The authority of TLS interception on a real API server: made once, kept, published, given to pods. */
class InterceptionAuthorityApiTest extends ApiTest {
    private static final String ON = "{\"tlsInterception\": {\"enabled\": true}}";
    private static final String NAME = "agents-firewall-ca";

    private @Nullable Secret secret(String name) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    private static String value(@Nullable Secret secret, String key) {
        return secret == null || secret.getData() == null || !secret.getData().containsKey(key)
                ? ""
                : new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.US_ASCII);
    }

    private String published() {
        var map = configMap(NAME).get();
        return map == null || map.getData() == null ? "" : map.getData().getOrDefault("ca.crt", "");
    }

    private String copied(String key) {
        return value(secret("agents-firewall-secrets"), key);
    }

    private Secret made() {
        await().untilAsserted(() -> {
            assertThat(value(secret(NAME), "tls.crt")).isNotEmpty();
            assertThat(published()).isEqualTo(value(secret(NAME), "tls.crt"));
            assertThat(copied(NAME + ".tls.key")).isEqualTo(value(secret(NAME), "tls.key"));
        });
        return java.util.Objects.requireNonNull(secret(NAME));
    }

    @Test
    void oneIsMadeGivenToThePodsAndItsCertificateAlonePublished() throws Exception {
        create(Manifests.policy(namespace, "agents", ON));
        var secret = made();

        assertThat(secret.getType()).isEqualTo("kubernetes.io/tls");
        assertThat(dev.portcullis.operator.resource.Labels.owns(policy("agents"), secret))
                .isTrue();
        var authority = CertificateAuthority.read(value(secret, "tls.crt"), value(secret, "tls.key"), Instant.now());
        assertThat(authority.certificate().getSubjectX500Principal().getName()).contains(namespace.substring(0, 10));
        assertThat(get(configMap(NAME)).toString()).doesNotContain("PRIVATE");
        assertThat(get(configMap("agents-firewall")).toString()).doesNotContain("PRIVATE");
        await().untilAsserted(() -> assertThat(events("agents"))
                .anyMatch(event -> event.startsWith("AuthorityMade: ") && event.contains(authority.fingerprint())));
        assertThat(events("agents").toString()).doesNotContain("PRIVATE");
        run("agents-firewall", 1);
        awaitTrue("agents", ConditionType.Ready);
    }

    @Test
    void itIsTheSameAfterEditsRestartsAndTimesWithoutInterception() {
        create(Manifests.policy(namespace, "agents", ON));
        var before = value(made(), "tls.crt");

        edit(Manifests.policy(namespace, "agents", "{}"));
        await().untilAsserted(() -> {
            assertThat(configMap(NAME).get()).isNull();
            assertThat(copied(NAME + ".tls.key")).isEmpty();
        });
        assertThat(value(secret(NAME), "tls.crt")).isEqualTo(before);

        operator.close();
        operator = cluster();
        edit(Manifests.policy(namespace, "agents", ON));
        assertThat(value(made(), "tls.crt")).isEqualTo(before);
    }

    private RunningOperator cluster() {
        return RunningOperator.in(namespace, OperatorAccount.client(client, namespace), fleet);
    }

    @Test
    void aDeletedSecretIsPutBackFromThePodsCopyAndNotMadeAnew() {
        create(Manifests.policy(namespace, "agents", ON));
        var before = value(made(), "tls.crt");
        settle();

        client.secrets().inNamespace(namespace).withName(NAME).delete();

        await().untilAsserted(() -> assertThat(value(secret(NAME), "tls.crt")).isEqualTo(before));
        await().untilAsserted(
                        () -> assertThat(events("agents")).anyMatch(event -> event.startsWith("AuthorityRestored: ")));
    }

    @Test
    void aSecretOfTheUsersIsUsedAndFollowedAndNoneIsMade() {
        var own = CertificateAuthority.create("mine", Instant.now());
        userSecret(own);
        create(Manifests.policy(
                namespace,
                "agents",
                "{\"tlsInterception\": {\"enabled\": true, \"caSecretRef\": {\"name\": \"mine\"}}}"));
        await().untilAsserted(() -> {
            assertThat(published()).isEqualTo(own.certificatePem());
            assertThat(copied("mine.tls.key")).isEqualTo(own.keyPem());
        });
        assertThat(secret(NAME)).isNull();

        var next = CertificateAuthority.create("mine", Instant.now());
        client.secrets().inNamespace(namespace).withName("mine").edit(found -> {
            found.setData(data(next));
            return found;
        });
        await().untilAsserted(() -> {
            assertThat(published()).isEqualTo(next.certificatePem());
            assertThat(copied("mine.tls.key")).isEqualTo(next.keyPem());
        });
    }

    private void userSecret(CertificateAuthority authority) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("mine")
                        .endMetadata()
                        .withType("kubernetes.io/tls")
                        .withData(data(authority))
                        .build())
                .create();
    }

    private static Map<String, String> data(CertificateAuthority authority) {
        return Map.of("tls.crt", encoded(authority.certificatePem()), "tls.key", encoded(authority.keyPem()));
    }

    private static String encoded(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aSecretOfThatNameThatIsSomebodyElsesIsLeftAloneAndSaid() {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .endMetadata()
                        .addToData("k", encoded("v"))
                        .build())
                .create();
        create(Manifests.policy(namespace, "agents", ON));

        await().untilAsserted(() -> assertThat(
                        condition(policy("agents"), ConditionType.Ready).getReason())
                .isEqualTo("ObjectConflict"));
        assertThat(value(secret(NAME), "k")).isEqualTo("v");
    }

    @Test
    void furtherAuthoritiesForOriginsReachThePodsAndFollowTheirConfigMap() {
        var spec =
                "{\"tlsInterception\": {\"enabled\": true, \"upstreamTrust\": {\"configMapRef\": {\"name\": \"company\"}}}}";
        create(Manifests.policy(namespace, "agents", spec));
        await().until(() -> "ConfigMapNotFound"
                .equals(condition(policy("agents"), ConditionType.Accepted).getReason()));

        var first = CertificateAuthority.create("company", Instant.now()).certificatePem();
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("company")
                        .endMetadata()
                        .addToData("ca.crt", first)
                        .build())
                .create();
        await().until(() -> configMap("agents-firewall").get() != null);
        await().untilAsserted(() -> assertThat(
                        config("agents-firewall").path("upstreamTrust").asText())
                .isEqualTo(first));

        var second = CertificateAuthority.create("company", Instant.now()).certificatePem();
        configMap("company").edit(found -> {
            found.setData(Map.of("ca.crt", second));
            return found;
        });
        await().untilAsserted(() -> assertThat(
                        config("agents-firewall").path("upstreamTrust").asText())
                .isEqualTo(second));
    }
}
