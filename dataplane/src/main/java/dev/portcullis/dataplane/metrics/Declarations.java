package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** How the metric families of this package are declared, and their children found. */
final class Declarations {
    private Declarations() {}

    /** A counter without exemplars, in {@code registry}. */
    static Counter counter(PrometheusRegistry registry, String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    /** A child for each of {@code type}. */
    static <K extends Enum<K>, V> Map<K, V> children(Class<K> type, Function<K, V> child) {
        var map = new EnumMap<K, V>(type);
        for (var key : type.getEnumConstants()) {
            map.put(key, child.apply(key));
        }
        return map;
    }

    /** The child of {@code key}. */
    static <K extends Enum<K>, V> V child(Map<K, V> children, K key) {
        var child = children.get(key);
        if (child == null) {
            throw new IllegalStateException("no child for " + key);
        }
        return child;
    }
}
