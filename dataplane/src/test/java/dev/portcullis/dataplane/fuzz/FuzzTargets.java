package dev.portcullis.dataplane.fuzz;

import dev.portcullis.dataplane.config.ConfigFuzz;
import dev.portcullis.dataplane.firewall.http.HttpFuzz;
import dev.portcullis.dataplane.firewall.media.MediaFuzz;
import dev.portcullis.dataplane.firewall.net.Http2Fuzz;
import dev.portcullis.dataplane.firewall.net.ReplyFuzz;
import dev.portcullis.dataplane.firewall.redact.RedactionFuzz;
import dev.portcullis.dataplane.firewall.scan.ScanFuzz;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBodyFuzz;
import dev.portcullis.dataplane.firewall.scan.coding.GrpcFuzz;
import dev.portcullis.dataplane.firewall.scan.coding.MessageArchivesFuzz;
import dev.portcullis.dataplane.firewall.scan.match.PatternFuzz;
import dev.portcullis.dataplane.firewall.scanapi.ScanApiFuzz;
import dev.portcullis.dataplane.firewall.sentry.FileFuzz;
import dev.portcullis.dataplane.firewall.tunnel.ClientHelloFuzz;
import dev.portcullis.dataplane.firewall.websocket.FrameFuzz;
import dev.portcullis.dataplane.flow.bgp.BgpFuzz;
import dev.portcullis.dataplane.flow.decode.DecodeFuzz;
import java.util.List;
import java.util.function.Supplier;

/** Every fuzz target. Each has a folder of its name in {@code src/test/resources/fuzz}: its corpus, one input a file. */
public enum FuzzTargets {
    REQUEST_BODY(1_500, () -> ScanFuzz::requestBody),
    RESPONSE_BODY(1_500, () -> ScanFuzz::responseBody),
    EVENT_STREAM(1_500, () -> ScanFuzz::eventStream),
    MESSAGES(1_500, () -> ScanFuzz::messages),
    SEAM(2_000, () -> ScanFuzz::seam),
    URL(3_000, () -> ScanFuzz::url),
    HEADERS(2_000, () -> ScanFuzz::headers),
    CODED_BODY(1_500, () -> CodedBodyFuzz::run),
    GRPC(1_000, () -> GrpcFuzz::run),
    MESSAGE_ARCHIVES(1_000, () -> MessageArchivesFuzz::run),
    USER_PATTERN(3_000, () -> PatternFuzz::run),
    SCAN_API(10_000, () -> ScanApiFuzz::run),
    FILE(200, FileFuzz::new),
    MEDIA(10_000, () -> MediaFuzz::run),
    REDACTION(1_500, () -> RedactionFuzz::run),
    CLIENT_HELLO(50_000, () -> ClientHelloFuzz::run),
    WEBSOCKET_FRAMES(50_000, () -> FrameFuzz::run),
    HTTP_REQUEST(3_000, () -> HttpFuzz::request),
    HTTP_REPLY(3_000, () -> ReplyFuzz::http1),
    HTTP2_REQUESTS(2_000, () -> Http2Fuzz::run),
    HTTP2_REPLIES(2_000, () -> ReplyFuzz::http2),
    HTTP_TARGET(20_000, () -> HttpFuzz::target),
    PAGE_TEXT(10_000, () -> HttpFuzz::page),
    NETFLOW5(50_000, DecodeFuzz::netFlow),
    NETFLOW9(80_000, DecodeFuzz::netFlow),
    IPFIX(80_000, DecodeFuzz::netFlow),
    SFLOW5(80_000, DecodeFuzz::sFlow),
    BGP(20_000, () -> BgpFuzz::run),
    MANIFESTS(2_000, () -> ConfigFuzz::manifests),
    CONFIGURATION(1_000, () -> ConfigFuzz::resolved);

    private final int iterations;
    private final Supplier<FuzzTarget> opening;

    FuzzTargets(int iterations, Supplier<FuzzTarget> opening) {
        this.iterations = iterations;
        this.opening = opening;
    }

    /** Mutations tried in every build: about two seconds' worth. */
    int iterations() {
        return iterations;
    }

    /** A new one, that remembers nothing. */
    FuzzTarget open() {
        return opening.get();
    }

    /** Its name on the command line and in the corpus. */
    String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** The target of this label. */
    static FuzzTargets of(String label) {
        return List.of(values()).stream()
                .filter(target -> target.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no fuzz target '" + label + "'"));
    }
}
