package dev.portcullis.crd.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.FlowConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Resolved configurations as the JSON that ConfigMaps carry: keys sorted, no white space, so that equal configurations are
 * equal bytes. Reading checks size, schema version and revision.
 */
public final class ConfigCodec {
    /** What a ConfigMap can hold: 1 MiB. Larger configurations are neither written nor read. */
    public static final int MAX_BYTES = 1 << 20;

    private static final String REVISION = "revision";

    private ConfigCodec() {}

    /** Writes {@code config}. @throws ConfigException when it is larger than {@link #MAX_BYTES} */
    public static String write(FirewallConfig config) throws ConfigException {
        return text(SpecMapper.mapper().valueToTree(config));
    }

    /** Writes {@code config}. @throws ConfigException when it is larger than {@link #MAX_BYTES} */
    public static String write(FlowConfig config) throws ConfigException {
        return text(SpecMapper.mapper().valueToTree(config));
    }

    /**
     * Reads what {@link #write(FirewallConfig)} wrote.
     *
     * @throws ConfigException when it is too large, no configuration, of a newer schema or altered
     */
    public static FirewallConfig readFirewall(byte[] json) throws ConfigException {
        return read(json, FirewallConfig.class, FirewallConfig.SCHEMA_VERSION);
    }

    /**
     * Reads what {@link #write(FlowConfig)} wrote.
     *
     * @throws ConfigException when it is too large, no configuration, of a newer schema or altered
     */
    public static FlowConfig readFlow(byte[] json) throws ConfigException {
        return read(json, FlowConfig.class, FlowConfig.SCHEMA_VERSION);
    }

    /** {@code config} with its revision filled in. */
    public static FirewallConfig stamped(FirewallConfig config) {
        return new FirewallConfig(
                config.schemaVersion(),
                config.namespace(),
                config.name(),
                config.spec(),
                config.killSwitches(),
                config.upstreamTrust(),
                revision(SpecMapper.mapper().valueToTree(config)));
    }

    /** {@code config} with its revision filled in. */
    public static FlowConfig stamped(FlowConfig config) {
        return new FlowConfig(
                config.schemaVersion(),
                config.namespace(),
                config.name(),
                config.spec(),
                config.mitigationPolicies(),
                revision(SpecMapper.mapper().valueToTree(config)));
    }

    /** The first 16 hex digits of the SHA-256 of {@code tree} in canonical form, its own {@code revision} left out. */
    public static String revision(JsonNode tree) {
        if (tree instanceof ObjectNode object && object.has(REVISION)) {
            var rest = object.deepCopy();
            rest.remove(REVISION);
            return revision(rest);
        }
        try {
            var hash = MessageDigest.getInstance("SHA-256")
                    .digest(SpecMapper.canonical(tree).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String text(JsonNode tree) throws ConfigException {
        var text = SpecMapper.canonical(tree);
        var size = text.getBytes(StandardCharsets.UTF_8).length;
        if (size > MAX_BYTES) {
            throw tooLarge(size);
        }
        return text;
    }

    private static <T> T read(byte[] json, Class<T> type, int newest) throws ConfigException {
        if (json.length > MAX_BYTES) {
            throw tooLarge(json.length);
        }
        try {
            var tree = SpecMapper.mapper()
                    .reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(json);
            if (!(tree instanceof ObjectNode object)) {
                throw new ConfigException("the configuration is not a JSON object", false);
            }
            var version = object.path("schemaVersion");
            if (!version.isInt() || version.intValue() < 1) {
                throw new ConfigException("the configuration has no schemaVersion of 1 or more", false);
            }
            if (version.intValue() > newest) {
                throw new ConfigException(
                        "the configuration has schemaVersion " + version.intValue() + " and this program knows "
                                + newest + " at most: use an image as new as the operator's",
                        false);
            }
            if (!revision(object).equals(object.path(REVISION).asText())) {
                throw new ConfigException(
                        "the configuration does not match its revision: it was altered or cut off; let the operator write it again",
                        false);
            }
            return SpecMapper.mapper().treeToValue(object, type);
        } catch (JsonMappingException e) {
            throw new ConfigException(
                    "the configuration cannot be read at " + JsonPath.of(e) + ": the field has a wrong type or value",
                    false);
        } catch (JsonProcessingException e) {
            throw new ConfigException("the configuration is not valid JSON" + where(e), false);
        } catch (java.io.IOException e) {
            throw new ConfigException("the configuration is not valid JSON", false);
        }
    }

    private static String where(JsonProcessingException e) {
        var location = e.getLocation();
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static ConfigException tooLarge(int size) {
        return new ConfigException(
                "the configuration has " + size + " bytes and a ConfigMap holds " + MAX_BYTES
                        + ": shorten its longest lists",
                true);
    }
}
