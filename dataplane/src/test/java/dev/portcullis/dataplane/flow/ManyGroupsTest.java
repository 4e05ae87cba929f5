package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand groups of ten prefixes each, half of them inside the others', as a detector with as many customers has. */
class ManyGroupsTest {
    private static final int PAIRS = 500;
    private static final int PREFIXES = 10;

    @TempDir
    Path directory;

    /** The first address of the {@code prefix}-th /21 of a pair. */
    private static int block(int pair, int prefix) {
        return (pair * PREFIXES + prefix) << 11;
    }

    private static String address(int offset) {
        return "10." + (offset >> 16) + "." + (offset >> 8 & 0xFF) + "." + (offset & 0xFF);
    }

    private static String group(String name, int pair, int within, int length, String limit) {
        var prefixes = IntStream.range(0, PREFIXES)
                .mapToObj(prefix -> "\"" + address(block(pair, prefix) + within) + "/" + length + "\"")
                .collect(Collectors.joining(", "));
        return "  - {name: " + name + pair + ", prefixes: [" + prefixes + "], thresholds: {packetsPerSecond: " + limit
                + "}}\n";
    }

    @Test
    void everyHostIsUnderTheLimitsOfItsLongestPrefix() throws IOException {
        var groups = new StringBuilder("""
                networks: ["10.0.0.0/8"]
                thresholds: {packetsPerSecond: 1G}
                window: {length: 20s}
                api: {allowUnauthenticated: true}
                hostGroups:
                """);
        var narrow = new ArrayList<String>();
        var wide = new ArrayList<String>();
        for (var pair = 0; pair < PAIRS; pair++) {
            groups.append(group("wide", pair, 0, 21, "1G"));
            groups.append(group("narrow", pair, 0x100, 28, "1k"));
            for (var prefix = 0; prefix < PREFIXES; prefix++) {
                // The last address of the inner prefix, and the one behind it.
                narrow.add(address(block(pair, prefix) + 0x10F));
                wide.add(address(block(pair, prefix) + 0x110));
            }
        }
        try (var exporter = new DatagramExporter("127.0.0.1");
                var role = new RoleOverSockets(groups.toString(), directory)) {
            assertThat(role.json("/api/v1/groups").path("groups")).hasSize(2 * PAIRS);

            exporter.sendFlows(role.netflowPort(), "192.0.2.1", wide, 1_000_000);
            exporter.sendFlows(role.netflowPort(), "192.0.2.1", narrow, 1_000_000);

            role.eventually(now ->
                    assertThat(now.metric("kapkan_engine_active_attacks")).isEqualTo(narrow.size()));
            assertThat(role.metric("kapkan_engine_tracked_hosts")).isEqualTo(2.0 * narrow.size());
            var attacked = new HashSet<String>();
            for (var offset = 0; offset < narrow.size(); offset += 1000) {
                role.json("/api/v1/attacks?limit=1000&offset=" + offset)
                        .path("active")
                        .forEach(attack -> attacked.add(attack.path("target").asText()));
            }
            assertThat(attacked).containsExactlyInAnyOrderElementsOf(narrow);
            for (var pair : new int[] {0, 77, 499}) {
                var of = role.json("/api/v1/attacks?limit=20&group=narrow" + pair)
                        .path("active");
                assertThat(of).hasSize(PREFIXES);
                assertThat(role.json("/api/v1/attacks?group=wide" + pair).path("active"))
                        .isEmpty();
            }
        }
    }
}
