package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/** What of the DaemonSet's pods a user may set. A change here rolls the pods; a change anywhere else does not. */
public record TemplateSpec(
        @Default("")
        @Size(max = 1024)
        @JsonPropertyDescription("Image of the data plane. Default: the image the operator was installed with.")
        String image,

        @Default("{}") @JsonPropertyDescription("CPU and memory of each pod, as in a container's resources.")
        ResourceRequirements resources,

        @Default("{}") @JsonPropertyDescription("Nodes that get a pod, by label. Default: every node.")
        Map<String, String> nodeSelector,

        @Default("[]") @JsonPropertyDescription("Taints the pods tolerate.")
        List<Toleration> tolerations,

        @Default("") @JsonPropertyDescription("PriorityClass of the pods. Default: none.")
        String priorityClassName) {}
