package dev.portcullis.operator.pods;

import dev.portcullis.operator.workload.PodTemplate;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.URI;
import java.util.Optional;

/** Where a pod answers {@code /status}. */
@FunctionalInterface
public interface PodAddresses {
    /** The address, or empty while the pod has none. */
    Optional<URI> status(Pod pod);

    /** The pod's own address and the admin port. */
    static PodAddresses ofPodIps() {
        return pod -> Optional.ofNullable(pod.getStatus())
                .map(status -> status.getPodIP())
                .filter(ip -> !ip.isEmpty())
                .map(ip -> URI.create("http://" + (ip.contains(":") ? "[" + ip + "]" : ip) + ":"
                        + PodTemplate.ADMIN_PORT + "/status"));
    }
}
