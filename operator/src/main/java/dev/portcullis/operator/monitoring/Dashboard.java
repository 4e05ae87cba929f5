package dev.portcullis.operator.monitoring;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.operator.resource.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;

/** A shipped Grafana dashboard; for each resource only title, uid and the chosen variables differ. Immutable. */
final class Dashboard {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Role, Dashboard> SHIPPED = new EnumMap<>(Role.class);

    static {
        for (var role : Role.values()) {
            SHIPPED.put(role, new Dashboard(role));
        }
    }

    private final Role role;
    private final ObjectNode model;

    private Dashboard(Role role) {
        this.role = role;
        var file = "/grafana/" + role.label() + ".json";
        try (var in = Objects.requireNonNull(Dashboard.class.getResourceAsStream(file), file)) {
            model = (ObjectNode) JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The dashboard for pods of {@code role}. */
    static Dashboard of(Role role) {
        return Objects.requireNonNull(SHIPPED.get(role));
    }

    /** The label of metrics, and the variable of dashboards, with the name of the resource. */
    static String ownerLabel(Role role) {
        return switch (role) {
            case FIREWALL -> "policy";
            case FLOW -> "detector";
        };
    }

    /** The dashboard that opens on the resource {@code namespace/name}, as JSON. */
    String filled(String namespace, String name) {
        var filled = model.deepCopy();
        filled.put("title", filled.path("title").asText() + ": " + namespace + "/" + name);
        filled.put("uid", uid(filled.path("uid").asText(), namespace + "/" + name));
        for (var variable : filled.path("templating").path("list")) {
            if (variable.path("name").asText().equals("namespace")) {
                choose((ObjectNode) variable, namespace);
            } else if (variable.path("name").asText().equals(ownerLabel(role))) {
                choose((ObjectNode) variable, name);
            }
        }
        return filled.toString();
    }

    private static void choose(ObjectNode variable, String value) {
        var current = variable.putObject("current");
        current.put("selected", true);
        current.putArray("text").add(value);
        current.putArray("value").add(value);
    }

    /** Stable, different for each resource, and within Grafana's 40 characters. */
    private static String uid(String shipped, String resource) {
        var sum = new CRC32();
        sum.update(resource.getBytes(StandardCharsets.UTF_8));
        return shipped + "-" + HexFormat.of().toHexDigits((int) sum.getValue());
    }
}
