package dev.portcullis.dataplane.admin;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a process in a pod says about itself on {@code GET /status}; the operator reads it back. As JSON:
 *
 * <pre>{@code
 * {
 *   "role": "firewall",              // firewall | flow
 *   "namespace": "agents",           // of the AgentPolicy or FlowDetector; empty before the first configuration
 *   "name": "coding-agents",         // its name; empty before the first configuration
 *   "revision": "9f86d081884c7d65",  // of the configuration in force; absent before the first
 *   "problems": [],                  // sentences: why the newest configuration was refused, else empty
 *   "killSwitches": [                // KillSwitch resources in the configuration in force
 *     {"namespace": "agents", "name": "stop", "revision": "3", "engaged": false}
 *   ],
 *   "ready": true,                   // takes work: has a configuration, its listeners are open, not draining
 *   "version": "0.1.0",
 *   "uptimeSeconds": 12.3
 * }
 * }</pre>
 *
 * A role adds fields of its own at the same level through {@code extra}: {@code flow} adds activeAttacks, exporters,
 * bans and peers.
 */
@JsonPropertyOrder({
    "role",
    "namespace",
    "name",
    "revision",
    "problems",
    "killSwitches",
    "ready",
    "version",
    "uptimeSeconds"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RoleStatus(
        @JsonProperty("role") String role,
        @JsonProperty("namespace") String namespace,
        @JsonProperty("name") String name,
        @JsonProperty("revision") @Nullable String revision,
        @JsonProperty("problems") List<String> problems,
        @JsonProperty("killSwitches") List<KillSwitchState> killSwitches,
        @JsonProperty("ready") boolean ready,
        @JsonProperty("version") String version,
        @JsonProperty("uptimeSeconds") double uptimeSeconds,
        @JsonAnySetter @JsonAnyGetter Map<String, Object> extra) {

    public RoleStatus {
        problems = List.copyOf(problems);
        killSwitches = List.copyOf(killSwitches);
        extra = new LinkedHashMap<>(extra);
    }

    /**
     * A KillSwitch resource as the pod has it.
     *
     * @param revision of the resource, as the configuration in force states it
     * @param engaged whether requests are refused because of it
     */
    public record KillSwitchState(String namespace, String name, String revision, boolean engaged) {}
}
