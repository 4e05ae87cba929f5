package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.fuzz.FuzzTarget;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * Fuzz target of datagrams, one after the other from one exporter: they neither hang, break nor grow the decoder, and
 * another exporter that sends in between is understood as before.
 */
public final class DecodeFuzz implements FuzzTarget {
    /** Datagrams between two looks at the exporter that does no harm. */
    private static final int EVERY = 1_000;

    private final FlowDecoder.Port port;
    private final Decoding decoding = new Decoding();
    private final Exporter good = new Exporter(InetAddress.ofLiteral("192.0.2.99"), decoding.budget);
    private int datagrams;

    private DecodeFuzz(FlowDecoder.Port port) {
        this.port = port;
        decoding.decoder.rules(new DecodeRules(Map.of(), 1, true));
        for (var datagram :
                List.of(netFlow9(0, 1, set(0, standardTemplate(256))), ipfix(0, 1, set(2, standardTemplate(256))))) {
            decoding.decode(FlowDecoder.Port.NETFLOW, good, 0, datagram, datagram.length);
        }
        goodExporterIsUnharmed(0);
    }

    /** NetFlow v5, v9 and IPFIX, which share a port. */
    public static FuzzTarget netFlow() {
        return new DecodeFuzz(FlowDecoder.Port.NETFLOW);
    }

    /** sFlow v5. */
    public static FuzzTarget sFlow() {
        return new DecodeFuzz(FlowDecoder.Port.SFLOW);
    }

    @Override
    public void run(byte[] datagram) {
        if (datagram.length > FlowDecoder.MOST_BYTES) {
            return;
        }
        // So that templates stop being waited for, and domains that were made up make room for others.
        decoding.nowMillis += 10_000;
        if (datagrams % 100 == 0) {
            decoding.expire();
        }
        var before = decoding.count;
        decoding.decode(port, decoding.exporter, 0, datagram, datagram.length);
        // What waited for a template may come with it: 64 KiB of records of at least one byte.
        assertThat(decoding.count - before).isLessThanOrEqualTo(Datagram.MOST_RECORDS);
        assertThat(decoding.exporter.templateFields()).isBetween(0L, 65_536L);
        assertThat(decoding.budget.waiting()).isBetween(0L, 65_536L);
        assertThat(decoding.budget.fields()).isEqualTo(decoding.exporter.templateFields() + good.templateFields());
        if (++datagrams % EVERY == 0) {
            goodExporterIsUnharmed(datagrams / EVERY);
        }
    }

    private void goodExporterIsUnharmed(int sequence) {
        decoding.keep = true;
        var data = set(256, record("192.0.2.7", "198.51.100.1", 3));
        for (var datagram : List.of(netFlow9(1L + sequence, 1, data), ipfix(sequence, 1, data))) {
            decoding.flows.clear();
            decoding.decode(FlowDecoder.Port.NETFLOW, good, 0, datagram, datagram.length);
            assertThat(decoding.flows).singleElement().satisfies(flow -> {
                assertThat(flow.packets()).isEqualTo(3);
                assertThat(flow.bytes()).isEqualTo(120);
                assertThat(flow.samplingRate()).isOne();
            });
        }
        decoding.flows.clear();
        decoding.keep = false;
        assertThat(good.errors()).isZero();
    }
}
