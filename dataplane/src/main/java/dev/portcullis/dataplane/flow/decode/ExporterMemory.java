package dev.portcullis.dataplane.flow.decode;

import java.util.List;

/**
 * What one exporter has announced over UDP, to be kept over a restart: its data can be read at once then, and not only
 * when it repeats its templates some minutes later.
 *
 * @param address literal
 */
public record ExporterMemory(String address, List<Domain> domains) {
    public ExporterMemory {
        domains = List.copyOf(domains);
    }

    /**
     * One observation domain.
     *
     * @param rate its own sampling rate, 0 where it stated none
     * @param samplers rates of its samplers and selectors
     * @param interfaces rates of its interfaces
     */
    public record Domain(
            Protocol protocol,
            long id,
            double rate,
            List<Rate> samplers,
            List<Rate> interfaces,
            List<Announced> templates) {
        public Domain {
            samplers = List.copyOf(samplers);
            interfaces = List.copyOf(interfaces);
            templates = List.copyOf(templates);
        }
    }

    /** A sampler, selector or interface, and one in how many packets is taken there. */
    public record Rate(long id, double rate) {}

    /**
     * A template.
     *
     * @param elements of its fields, by number; 0 for one that is skipped
     * @param lengths of its fields in bytes, 65535 for one that states its own
     */
    public record Announced(int id, boolean options, List<Integer> elements, List<Integer> lengths) {
        public Announced {
            elements = List.copyOf(elements);
            lengths = List.copyOf(lengths);
        }
    }
}
