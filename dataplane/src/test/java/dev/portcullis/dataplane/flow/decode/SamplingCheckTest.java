package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.counters;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ethernet;
import static dev.portcullis.dataplane.flow.decode.Datagrams.expandedFlowSample;
import static dev.portcullis.dataplane.flow.decode.Datagrams.flowSample;
import static dev.portcullis.dataplane.flow.decode.Datagrams.ipv4;
import static dev.portcullis.dataplane.flow.decode.Datagrams.rawHeader;
import static dev.portcullis.dataplane.flow.decode.Datagrams.sFlow;
import static dev.portcullis.dataplane.flow.decode.Datagrams.udp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an sFlow agent's samples stand for, beside what its interfaces counted. */
class SamplingCheckTest {
    private static final byte[] PACKET =
            rawHeader(1, 100, ethernet(0x0800, ipv4("192.0.2.7", "198.51.100.1", 17, udp(53, 9999, new byte[8]))));

    private final Decoding decoding = new Decoding();
    private int sequence;
    private long in = 4_294_000_000L;
    private long out = 77;

    /** So many samples of what came in by interface 3, or went out by it, and the counters after a time with as many packets as are said. */
    private void interval(boolean expanded, int samples, int rate, boolean outwards, long packetsIn, long packetsOut) {
        for (var i = 0; i < samples; i++) {
            // Of the fixture interface 3 is the source; it is also where the packet came in, or else nothing is.
            var sample = expanded ? expandedFlowSample(rate, PACKET) : flowSample(rate, PACKET);
            if (outwards) {
                sample[(expanded ? 8 + 32 : 8 + 20) + 3] = 9;
            }
            send(sample);
        }
        in += packetsIn;
        out += packetsOut;
        decoding.nowMillis += 20_000;
        send(counters(expanded, 3, in, out));
    }

    private void send(byte[] sample) {
        decoding.sflow(sFlow(++sequence, sample));
    }

    @ParameterizedTest
    @CsvSource({
        "false, 1000, 1", "true, 1000, 1",
        "false, 100, 0.1", "true, 4000, 4"
    })
    void theRatioIsHowFarTheStatedRateIsFromTheTrueOne(boolean expanded, int stated, double ratio) {
        interval(expanded, 10, stated, false, 5, 0);
        assertThat(decoding.exporter.samplingRatio()).isZero();
        for (var i = 0; i < 3; i++) {
            interval(expanded, 400, stated, false, 400_000, 900_000);
        }

        assertThat(decoding.exporter.samplingRatio()).isCloseTo(ratio, within(0.001));
        assertThat(decoding.errors).isEmpty();
        assertThat(decoding.count).isEqualTo(1_210);
    }

    /** What goes out is sampled by some, and counts where it is. */
    @Test
    void aDirectionCountsWhereItIsSampled() {
        interval(false, 10, 1000, true, 5, 0);
        for (var i = 0; i < 3; i++) {
            interval(false, 400, 1000, true, 900_000, 200_000);
        }

        assertThat(decoding.exporter.samplingRatio()).isCloseTo(2, within(0.001));
    }

    /** A rate that the operator wrote is what is checked, and not halved for being looked at twice. */
    @Test
    void theOperatorsRateIsCheckedToo() {
        decoding.decoder.rules(new DecodeRules(
                Map.of(decoding.exporter.address(), new ExporterOverride(3000, List.of(3L), true)), 1, false));
        interval(false, 10, 1000, false, 5, 0);
        interval(false, 1_100, 1000, false, 1_100_000, 0);

        assertThat(decoding.exporter.samplingRatio()).isCloseTo(3, within(0.001));
    }

    /** Neither an agent that restarts nor one that was silent for long nor interfaces without samples say anything. */
    @Test
    void whatCannotBeComparedIsNot() {
        interval(false, 10, 1000, false, 5, 0);
        interval(false, 1_100, 1000, false, 1_100_000, 0);
        in = 0;
        interval(false, 500, 1000, false, 7, 0);
        decoding.nowMillis += 400_000;
        interval(false, 500, 1000, false, 9_000_000, 0);
        for (var other = 10; other < 100; other++) {
            send(counters(false, other, 1_000_000, 1_000_000));
            send(counters(false, other, 2_000_000, 2_000_000));
        }

        assertThat(decoding.exporter.samplingRatio()).isCloseTo(1, within(0.001));
    }

    /** A wrong rate that is put right shows within some thousands of samples. */
    @Test
    void theLatestCountsMost() {
        interval(false, 10, 1000, false, 5, 0);
        for (var i = 0; i < 10; i++) {
            interval(false, 4_000, 100, false, 4_000_000, 0);
        }
        assertThat(decoding.exporter.samplingRatio()).isCloseTo(0.1, within(0.001));
        for (var i = 0; i < 20; i++) {
            interval(false, 4_000, 1000, false, 4_000_000, 0);
        }

        assertThat(decoding.exporter.samplingRatio()).isCloseTo(1, within(0.1));
    }

    /** Interfaces are bounded like templates, and given back with the agent. */
    @Test
    void interfacesAreBoundedAndGivenBack() {
        for (var ifIndex = 1; ifIndex <= 2_000; ifIndex++) {
            send(counters(ifIndex % 2 == 0, ifIndex, 1, 1));
        }
        assertThat(decoding.exporter.templateFields()).isEqualTo(512 * SamplingCheck.INTERFACE_FIELDS);
        for (var agent = 2; agent <= Exporter.MOST_DOMAINS; agent++) {
            decoding.sflow(agent(agent, counters(false, 1, 1, 1)));
        }
        decoding.nowMillis += Exporter.SILENT_MILLIS;
        for (var agent = 100; agent < 100 + Exporter.MOST_DOMAINS; agent++) {
            decoding.sflow(agent(agent, counters(false, 1, 1, 1)));
        }

        assertThat(decoding.exporter.templateFields())
                .isEqualTo((long) Exporter.MOST_DOMAINS * SamplingCheck.INTERFACE_FIELDS);
        assertThat(decoding.budget.fields()).isEqualTo(decoding.exporter.templateFields());
    }

    private static byte[] agent(int number, byte[] sample) {
        var datagram = sFlow(1, sample);
        datagram[11] = (byte) number;
        return datagram;
    }

    /** Counts and lengths of a counter sample that lie lose that sample, and no other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void countersThatLieAreAnError(boolean expanded) {
        var sample = counters(expanded, 3, 1_000, 1_000);
        var records = 8 + (expanded ? 12 : 8);
        for (var at = records; at < records + 12; at++) {
            var lying = sample.clone();
            lying[at] = (byte) 0xFF;
            decoding.sflow(sFlow(++sequence, lying, flowSample(1, PACKET)));
        }
        for (var length = 0; length < sample.length - 8; length++) {
            var shorter = new Octets()
                    .add(java.util.Arrays.copyOf(sample, 8 + length))
                    .bytes();
            shorter[6] = 0;
            shorter[7] = (byte) length;
            decoding.sflow(sFlow(++sequence, shorter, flowSample(1, PACKET)));
        }

        assertThat(decoding.count).isEqualTo(12L + sample.length - 8);
        assertThat(decoding.errors).containsOnlyKeys(DecodeError.LENGTH);
    }
}
