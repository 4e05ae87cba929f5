package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.operator.cluster.KubeApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the account of the pods may do, tried as that account. */
class PodAccountApiTest extends ApiTest {
    @Test
    void itWatchesItsOneConfigMapAndItsOneSecretAndNothingElse() throws InterruptedException {
        create(Manifests.policy(namespace, "agents", "{}"));
        create(Manifests.policy(namespace, "other", "{\"port\": 8889}"));
        await().until(() -> daemonSet("agents-firewall").get() != null
                && daemonSet("other-firewall").get() != null);
        try (var pod = as("agents-firewall")) {
            var seen = new ArrayBlockingQueue<String>(16);
            var own = pod.configMaps().inNamespace(namespace).withName("agents-firewall");
            try (var watch = own.watch(new Watcher<ConfigMap>() {
                @Override
                public void eventReceived(Action action, ConfigMap object) {
                    seen.add(object.getMetadata().getName());
                }

                @Override
                public void onClose(WatcherException cause) {
                    seen.add("closed: " + cause);
                }
            })) {
                edit(Manifests.policy(namespace, "agents", "{\"mode\": \"Strict\"}"));
                assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("agents-firewall");
            }
            assertThat(pod.secrets()
                            .inNamespace(namespace)
                            .withName("agents-firewall-secrets")
                            .get())
                    .isNotNull();

            refused(() -> pod.configMaps()
                    .inNamespace(namespace)
                    .withName("other-firewall")
                    .get());
            refused(() -> pod.configMaps().inNamespace(namespace).list());
            refused(() -> pod.secrets()
                    .inNamespace(namespace)
                    .withName("other-firewall-secrets")
                    .get());
            refused(() -> pod.secrets().inNamespace(namespace).list());
            refused(() -> pod.pods().inNamespace(namespace).list());
            refused(own::delete);
            refused(() -> own.edit(found -> found.edit().addToData("x", "y").build()));
        }
    }

    private KubernetesClient as(String account) {
        return KubeApi.started()
                .client(
                        config -> {
                            config.setImpersonateUsername("system:serviceaccount:" + namespace + ":" + account);
                            config.setImpersonateGroups("system:authenticated", "system:serviceaccounts");
                        },
                        null);
    }

    private static void refused(Runnable request) {
        assertThatThrownBy(request::run)
                .isInstanceOfSatisfying(KubernetesClientException.class, refusal -> assertThat(refusal.getCode())
                        .isEqualTo(403));
    }
}
