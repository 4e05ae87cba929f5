package dev.portcullis.dataplane.firewall.scan;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The compiled scan stages of one policy. Immutable and safe for any thread; every call works under a fixed work budget,
 * however hostile the input, and never blocks.
 */
public interface RequestScanner {
    /**
     * Scans a request's URL in the fixed order cheapest first: length, scheme, crlf, path_traversal, domain lists,
     * literal addresses (ssrf), core_dlp, dlp, entropy, subdomain_entropy. Stops after the first finding that blocks.
     *
     * @param url absolute URL as the client wrote it; for CONNECT {@code https://host:port/}
     * @param tunnel true for CONNECT, whose path and query are unknown
     */
    List<Finding> scanUrl(String url, boolean tunnel);

    /**
     * Scans path and query of a request whose target the policy itself names, for secrets only.
     *
     * @param pathAndQuery beginning with a slash
     * @param host host the request goes to, for exemptions
     */
    List<Finding> scanPath(String pathAndQuery, String host);

    /**
     * Scans request headers as the policy says; names and values as received.
     *
     * @param host host the request goes to, for exemptions; empty where it is not known
     */
    List<Finding> scanHeaders(Iterable<? extends Map.Entry<String, String>> headers, String host);

    /** Scans request headers that go to an unknown host: nothing is exempt. */
    default List<Finding> scanHeaders(Iterable<? extends Map.Entry<String, String>> headers) {
        return scanHeaders(headers, "");
    }

    /**
     * Scans the method of a request for secrets: any token may be one (RFC 9110 section 9.1).
     *
     * @param host host the request goes to, for exemptions
     */
    List<Finding> scanMethod(String method, String host);

    /**
     * Looks for secrets that lie across a seam between what was sent before and what is sent now.
     *
     * @param text what was sent before, then what is sent now; not changed
     * @param seam where the latter begins
     * @param host host the request goes to, for exemptions
     */
    List<Finding> scanSeam(byte[] text, int seam, int length, String host);

    /**
     * Opens the scan of a request body.
     *
     * @param contentType value of Content-Type, or an empty string
     * @param host host the body goes to, for exemptions
     */
    BodyScan openRequestBody(String contentType, String host);

    /**
     * Opens the scan of a file that is going nowhere: it ends at no finding, tells each class once, and looks at as much as of
     * a request body.
     */
    BodyScan openFile();

    /** True where the policy has values replaced in JSON request bodies, by {@link #openRedaction}. */
    default boolean redacts() {
        return false;
    }

    /**
     * Opens the search for what is to be replaced in one JSON request body.
     *
     * @throws IllegalStateException where nothing is
     */
    default RedactionScan openRedaction(RedactionScan.Spans spans) {
        throw new IllegalStateException("the policy redacts nothing");
    }

    /**
     * Opens the scan of a request body for what should be replaced and is not going to be.
     *
     * @param contentType value of Content-Type, or an empty string
     * @return null where nothing is redacted, or this body is
     */
    default @Nullable BodyScan openRedactionCheck(String contentType) {
        return null;
    }

    /**
     * Opens the scan of a response body.
     *
     * @param contentType value of Content-Type, or an empty string
     * @param host host the body comes from, for exemptions
     */
    BodyScan openResponseBody(String contentType, String host);

    /**
     * Opens the scan of the messages that a client sends over one WebSocket.
     *
     * @param host host they go to, for exemptions
     */
    MessageScan openClientMessages(String host);

    /**
     * Opens the scan of the messages, or events, that come back over one connection.
     *
     * @param host host they come from, for exemptions
     */
    MessageScan openServerMessages(String host);
}
