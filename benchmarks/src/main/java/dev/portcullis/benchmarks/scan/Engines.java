package dev.portcullis.benchmarks.scan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The engine that a policy of one line gives: mode Balanced, every built-in class on. */
final class Engines {
    private Engines() {}

    static ScanEngine balanced() {
        return of("{mode: Balanced}");
    }

    /** The engine of a policy with this spec, in YAML. */
    static ScanEngine of(String yaml) {
        try {
            var id = new ResourceId("AgentPolicy", "agents", "benchmark");
            var spec = new ObjectMapper(new YAMLFactory()).readTree(yaml);
            var set = new ResourceSet(List.of(new Resource(id, Map.of(), 1L, spec)), Set.of(), "default");
            var config = Resolver.resolve(set).firewalls().get(id);
            if (config == null) {
                throw new IllegalStateException("the policy of the benchmark is refused");
            }
            return ScanEngine.compile(config.spec(), List.of());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
