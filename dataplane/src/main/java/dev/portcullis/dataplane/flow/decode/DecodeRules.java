package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import java.util.Map;

/**
 * What the operator says of telemetry. Immutable.
 *
 * @param overrides by exporter
 * @param defaultSamplingRate of exporters whose telemetry states none, one in how many packets, 1 or more
 * @param innerTunnel true counts the innermost IP header of sampled packets in GRE, IP in IP and VXLAN
 */
public record DecodeRules(Map<InetAddress, ExporterOverride> overrides, int defaultSamplingRate, boolean innerTunnel) {
    /** Believes the telemetry, and takes it for unsampled where it says nothing. */
    public static final DecodeRules STANDARD = new DecodeRules(Map.of(), 1, false);

    public DecodeRules {
        overrides = Map.copyOf(overrides);
    }
}
