package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;

/** How the networks of a FlowDetector and the prefixes of its host groups lie to each other. */
final class FlowNetworks {
    private record Block(String path, Cidr cidr) {}

    private FlowNetworks() {}

    /** Checks {@code spec}; blocks that are no CIDRs have been reported and are passed over. */
    static void check(JsonNode spec, Problems problems) {
        var networks = blocks(spec.path("networks"), "spec.networks");
        overlaps(networks, problems);
        var owners = new HashMap<Cidr, String>();
        var groups = spec.path("hostGroups");
        for (var g = 0; g < groups.size(); g++) {
            for (var prefix : blocks(groups.path(g).path("prefixes"), "spec.hostGroups[" + g + "].prefixes")) {
                if (networks.stream().noneMatch(network -> network.cidr().contains(prefix.cidr()))) {
                    problems.add(
                            prefix.path(),
                            ProblemReason.InvalidCombination,
                            prefix.cidr()
                                    + " is not inside one of spec.networks: add its network there or remove it here");
                }
                var owner = owners.putIfAbsent(prefix.cidr(), prefix.path());
                if (owner != null) {
                    problems.add(
                            prefix.path(),
                            ProblemReason.OverlappingNetworks,
                            prefix.cidr() + " is at " + owner + " already: a prefix belongs to one host group");
                }
            }
        }
    }

    /** Sorted by address and length, a block that overlaps any other overlaps the one that contains it before it. */
    private static void overlaps(List<Block> networks, Problems problems) {
        var sorted = networks.stream()
                .sorted(Comparator.comparingInt(
                                (Block block) -> block.cidr().address().getAddress().length)
                        .thenComparing(block -> block.cidr().address().getAddress(), Arrays::compareUnsigned)
                        .thenComparingInt(block -> block.cidr().length()))
                .toList();
        Block outer = null;
        for (var block : sorted) {
            if (outer != null && outer.cidr().contains(block.cidr())) {
                problems.add(
                        block.path(),
                        ProblemReason.OverlappingNetworks,
                        block.cidr() + " overlaps " + outer.cidr() + " at " + outer.path()
                                + ": keep the larger one only");
            } else {
                outer = block;
            }
        }
    }

    private static List<Block> blocks(JsonNode list, String path) {
        var blocks = new ArrayList<Block>();
        IntStream.range(0, list.size()).forEach(i -> {
            if (list.path(i).isTextual() && Format.CIDR.fault(list.path(i).textValue()) == null) {
                blocks.add(
                        new Block(path + "[" + i + "]", Cidr.parse(list.path(i).textValue())));
            }
        });
        return blocks;
    }
}
