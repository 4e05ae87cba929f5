package dev.portcullis.operator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything the operator is told by its environment.
 *
 * <table>
 * <caption>Environment variables</caption>
 * <tr><th>variable</th><th>default</th><th>meaning</th></tr>
 * <tr><td>DATA_PLANE_IMAGE</td><td>required</td><td>image of proxy and collector pods</td></tr>
 * <tr><td>OPERATOR_NAMESPACE</td><td>required</td><td>namespace of the operator: Lease, Cluster-wide kill switches</td></tr>
 * <tr><td>OPERATOR_IDENTITY</td><td>HOSTNAME, else a random one</td><td>name of this replica in the Lease</td></tr>
 * <tr><td>WATCH_NAMESPACES</td><td>empty: all</td><td>comma-separated namespaces that are looked after; the operator's own always is</td></tr>
 * <tr><td>LEADER_ELECTION</td><td>true</td><td>whether replicas elect one that acts</td></tr>
 * <tr><td>METRICS_PORT</td><td>8080</td><td>port of /metrics; 0 takes a free one</td></tr>
 * <tr><td>HEALTH_PORT</td><td>8081</td><td>port of /healthz and /readyz; 0 takes a free one</td></tr>
 * <tr><td>LOG_LEVEL</td><td>info</td><td>error, warn, info, debug or trace; read by logback.xml</td></tr>
 * <tr><td>LOG_FORMAT</td><td>json</td><td>json or text; read by logback.xml</td></tr>
 * </table>
 *
 * @param watchNamespaces empty for all
 */
public record OperatorSettings(
        String dataPlaneImage,
        String operatorNamespace,
        String identity,
        Set<String> watchNamespaces,
        boolean leaderElection,
        int metricsPort,
        int healthPort) {
    /** Every variable that is read, with its default; null where it is required or has no fixed one. */
    static final List<String> VARIABLES = List.of(
            "DATA_PLANE_IMAGE",
            "OPERATOR_NAMESPACE",
            "OPERATOR_IDENTITY",
            "WATCH_NAMESPACES",
            "LEADER_ELECTION",
            "METRICS_PORT",
            "HEALTH_PORT",
            "LOG_LEVEL",
            "LOG_FORMAT");

    public OperatorSettings {
        watchNamespaces = Set.copyOf(watchNamespaces);
    }

    /**
     * Reads {@code environment}.
     *
     * @throws IllegalArgumentException with one sentence for each variable that is missing or wrong
     */
    public static OperatorSettings of(Map<String, String> environment) {
        var problems = new ArrayList<String>();
        var namespace = required(environment, "OPERATOR_NAMESPACE", problems);
        var watched = Arrays.stream(
                        environment.getOrDefault("WATCH_NAMESPACES", "").split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!watched.isEmpty()) {
            watched.add(namespace);
        }
        var settings = new OperatorSettings(
                required(environment, "DATA_PLANE_IMAGE", problems),
                namespace,
                identity(environment),
                watched,
                flag(environment, "LEADER_ELECTION", true, problems),
                port(environment, "METRICS_PORT", 8080, problems),
                port(environment, "HEALTH_PORT", 8081, problems));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return settings;
    }

    private static String identity(Map<String, String> environment) {
        var fallback = environment.getOrDefault("HOSTNAME", "");
        var identity = environment.getOrDefault("OPERATOR_IDENTITY", fallback);
        return identity.isEmpty() ? "operator-" + java.util.UUID.randomUUID() : identity;
    }

    private static String required(Map<String, String> environment, String name, List<String> problems) {
        var value = environment.getOrDefault(name, "").strip();
        if (value.isEmpty()) {
            problems.add(name + " is not set: the operator cannot start without it");
        }
        return value;
    }

    private static boolean flag(Map<String, String> environment, String name, boolean standard, List<String> problems) {
        var value = environment.getOrDefault(name, "").strip();
        return switch (value) {
            case "" -> standard;
            case "true" -> true;
            case "false" -> false;
            default -> {
                problems.add(name + " is '" + value + "': write true or false");
                yield standard;
            }
        };
    }

    private static int port(Map<String, String> environment, String name, int standard, List<String> problems) {
        var value = environment.getOrDefault(name, "").strip();
        if (value.isEmpty()) {
            return standard;
        }
        try {
            var port = Integer.parseInt(value);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        problems.add(name + " is '" + value + "': write a port from 0 to 65535");
        return standard;
    }
}
