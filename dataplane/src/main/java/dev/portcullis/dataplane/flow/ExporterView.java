package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.decode.Protocol;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;

/**
 * One exporter as it is now. Immutable.
 *
 * @param datagrams taken from it since it became known
 * @param flows flow records decoded
 * @param errors parts of datagrams that could not be used
 * @param lost records or datagrams that its sequence numbers say were lost
 * @param templates announced and not withdrawn
 * @param contestedTemplates times one of them changed again soon after it had changed
 * @param samplingRate of its latest record, one in how many packets; 0 before the first
 * @param lastSeen when its last datagram came
 */
public record ExporterView(
        InetAddress address,
        List<Protocol> protocols,
        long datagrams,
        long flows,
        long errors,
        long lost,
        int templates,
        long contestedTemplates,
        double samplingRate,
        Instant lastSeen) {
    public ExporterView {
        protocols = List.copyOf(protocols);
    }
}
