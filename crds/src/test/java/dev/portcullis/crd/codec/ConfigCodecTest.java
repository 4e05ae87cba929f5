package dev.portcullis.crd.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.Resolver;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ConfigCodecTest {
    private static FirewallConfig config(String spec) {
        var yaml = "{apiVersion: portcullis.dev/v1alpha1, kind: AgentPolicy, metadata: {name: a}, spec: " + spec + "}";
        return Resolver.resolve(ManifestReader.read("f", yaml.getBytes(UTF_8)).resourceSet("default"))
                .firewalls()
                .values()
                .iterator()
                .next();
    }

    private static String refusal(String json) {
        return catchThrowableOfType(ConfigException.class, () -> ConfigCodec.readFirewall(json.getBytes(UTF_8)))
                .getMessage();
    }

    @Test
    void whatIsWrittenIsReadAsTheSame() throws ConfigException {
        var config = config("{mode: Strict, limits: {headerBytes: 32Ki, tunnelLifetime: 24h}}");

        assertThat(ConfigCodec.readFirewall(ConfigCodec.write(config).getBytes(UTF_8)))
                .isEqualTo(config);
    }

    @Test
    void equalSpecsHaveEqualRevisionsAndBytes() throws ConfigException {
        var one = config("{port: 9000, domains: {allow: [a.example], block: []}}");
        var two = config("{domains: {block: [], allow: [a.example]}, port: 9000, mode: Balanced}");

        assertThat(ConfigCodec.write(one)).isEqualTo(ConfigCodec.write(two));
        assertThat(one.revision()).isEqualTo(two.revision()).matches("[0-9a-f]{16}");
        assertThat(config("{port: 9001}").revision()).isNotEqualTo(one.revision());
    }

    @Test
    void keysAreSorted() throws ConfigException {
        assertThat(ConfigCodec.write(config("{}"))).startsWith("{\"killSwitches\":[],\"name\":\"a\",\"namespace\"");
    }

    @Test
    void aNewerSchemaIsRefused() throws ConfigException {
        assertThat(refusal(ConfigCodec.write(config("{}")).replace("\"schemaVersion\":1", "\"schemaVersion\":2")))
                .isEqualTo(
                        "the configuration has schemaVersion 2 and this program knows 1 at most: use an image as new as the operator's");
    }

    @Test
    void anAlteredConfigurationIsRefused() throws ConfigException {
        assertThat(refusal(ConfigCodec.write(config("{}")).replace("8888", "8889")))
                .contains("does not match its revision");
    }

    @Test
    void whatIsNoConfigurationIsRefused() {
        assertThat(refusal("")).isEqualTo("the configuration is not a JSON object");
        assertThat(refusal("[]")).isEqualTo("the configuration is not a JSON object");
        assertThat(refusal("{}")).isEqualTo("the configuration has no schemaVersion of 1 or more");
        assertThat(refusal("{\"schemaVersion\":0}")).contains("no schemaVersion");
        assertThat(refusal("{\"a\":1,\"a\":2}")).contains("not valid JSON");
        assertThat(refusal("[".repeat(5000))).contains("not valid JSON");
    }

    @Test
    void fieldsOfAWrongTypeAreNamed() throws ConfigException {
        var tree = (com.fasterxml.jackson.databind.node.ObjectNode)
                SpecMapper.mapper().valueToTree(config("{}"));
        ((com.fasterxml.jackson.databind.node.ObjectNode) tree.at("/spec")).put("mode", "Lenient");
        tree.put("revision", ConfigCodec.revision(tree));

        assertThat(refusal(SpecMapper.canonical(tree))).contains("cannot be read at spec.mode");
    }

    @Test
    void moreThanAConfigMapHoldsIsNeitherWrittenNorRead() {
        var large = new byte[ConfigCodec.MAX_BYTES + 1];
        Arrays.fill(large, (byte) ' ');

        var refusal = catchThrowableOfType(ConfigException.class, () -> ConfigCodec.readFirewall(large));

        assertThat(refusal.tooLarge()).isTrue();
        assertThat(refusal).hasMessageContaining("1048577 bytes and a ConfigMap holds 1048576");
    }

    @Test
    void aConfigurationCutAnywhereIsRefused() throws ConfigException {
        var bytes = ConfigCodec.write(config("{}")).getBytes(UTF_8);
        for (var end = 0; end < bytes.length; end += 7) {
            var cut = Arrays.copyOf(bytes, end);
            assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigCodec.readFirewall(cut)))
                    .isNotNull();
        }
    }
}
