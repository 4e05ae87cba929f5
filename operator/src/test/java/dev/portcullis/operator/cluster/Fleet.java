package dev.portcullis.operator.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.portcullis.operator.pods.PodAddresses;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * Stands in for the DaemonSet controller, the kubelet and the pods: makes Pod objects, says that they are ready, and answers
 * their /status on loopback. A pod says what its ConfigMap says, unless told otherwise.
 */
public final class Fleet implements AutoCloseable, PodAddresses {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final HttpServer server;
    private final Map<String, Pod> pods = new ConcurrentHashMap<>();
    private final Map<String, UnaryOperator<ObjectNode>> changed = new ConcurrentHashMap<>();
    private final Map<String, ObjectNode> frozen = new ConcurrentHashMap<>();

    public Fleet(KubernetesClient client) {
        this.client = client;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                var uid = exchange.getRequestURI().getPath().split("/")[1];
                var said = frozen.containsKey(uid) ? frozen.get(uid) : said(uid);
                var body = JSON.writeValueAsString(said).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    private ObjectNode said(String uid) throws IOException {
        var pod = Objects.requireNonNull(pods.get(uid));
        var answer = JsonNodeFactory.instance.objectNode();
        answer.put("role", "firewall").put("ready", true).putArray("problems");
        var map = client.configMaps()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getOwnerReferences().getFirst().getName())
                .get();
        if (map != null) {
            var config = JSON.readTree(map.getData().get("config.json"));
            answer.set("revision", config.get("revision"));
            var switches = answer.putArray("killSwitches");
            config.path("killSwitches").forEach(switches::add);
        }
        return changed.getOrDefault(uid, UnaryOperator.identity()).apply(answer);
    }

    @Override
    public Optional<URI> status(Pod pod) {
        var uid = pod.getMetadata().getUid();
        return pods.containsKey(uid)
                ? Optional.of(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + uid + "/status"))
                : Optional.empty();
    }

    /** Lets {@code pod} say what {@code change} makes of it. */
    public void change(Pod pod, UnaryOperator<ObjectNode> change) {
        changed.put(pod.getMetadata().getUid(), change);
    }

    /** Lets {@code pod} say again what its ConfigMap says. */
    public void thaw(Pod pod) {
        frozen.remove(pod.getMetadata().getUid());
        changed.remove(pod.getMetadata().getUid());
    }

    /** Lets {@code pod} go on saying what it says now, whatever its ConfigMap says. */
    public void freeze(Pod pod) {
        try {
            frozen.put(pod.getMetadata().getUid(), said(pod.getMetadata().getUid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes {@code count} ready pods of the DaemonSet {@code name}, as the controller and kubelets would. */
    public List<Pod> run(String namespace, String name, int count) {
        var daemonSet =
                client.apps().daemonSets().inNamespace(namespace).withName(name).get();
        var made = new ArrayList<Pod>();
        for (var i = 0; i < count; i++) {
            made.add(pod(daemonSet, i));
        }
        status(daemonSet, count);
        return made;
    }

    private Pod pod(DaemonSet daemonSet, int number) {
        var pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(daemonSet.getMetadata().getNamespace())
                        .withName(daemonSet.getMetadata().getName() + "-" + number)
                        .withLabels(
                                daemonSet.getSpec().getTemplate().getMetadata().getLabels())
                        .addNewOwnerReference()
                        .withApiVersion("apps/v1")
                        .withKind("DaemonSet")
                        .withName(daemonSet.getMetadata().getName())
                        .withUid(daemonSet.getMetadata().getUid())
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withSpec(daemonSet.getSpec().getTemplate().getSpec())
                        .editSpec()
                        .withServiceAccountName(null)
                        .withServiceAccount(null)
                        .withAutomountServiceAccountToken(false)
                        .withNodeName("node-" + number)
                        .endSpec()
                        .build())
                .create();
        pods.put(pod.getMetadata().getUid(), pod);
        client.resource(pod).editStatus(found -> new PodBuilder(found)
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("127.0.0.1")
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build());
        return pod;
    }

    /** Says of {@code daemonSet} that {@code count} pods of its newest template are ready. */
    public void status(DaemonSet daemonSet, int count) {
        client.resource(daemonSet).editStatus(found -> found.edit()
                .withNewStatus()
                .withObservedGeneration(found.getMetadata().getGeneration())
                .withDesiredNumberScheduled(count)
                .withCurrentNumberScheduled(count)
                .withUpdatedNumberScheduled(count)
                .withNumberAvailable(count)
                .withNumberReady(count)
                .withNumberMisscheduled(0)
                .endStatus()
                .build());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
