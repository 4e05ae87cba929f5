package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
import java.util.List;

/**
 * A call of the scan API, read and checked.
 *
 * @param inputs what to scan, at least one
 * @param batch whether the call said {@code inputs}, and wants {@code results}
 * @param requestId echoed; empty where the caller gave none
 * @param includeEvidence whether findings of secrets say how they were wrapped
 */
record ScanRequest(
        List<Input> inputs,
        boolean batch,
        String requestId,
        String sessionId,
        String agentName,
        boolean includeEvidence) {
    ScanRequest {
        inputs = List.copyOf(inputs);
    }

    /**
     * One thing to scan.
     *
     * @param name the URL, or the tool's name for a tool call; else empty
     * @param text the text or content in UTF-8, or the JSON of a tool call's arguments as it was written; else empty; not
     *     changed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Input(ScanKind kind, String name, byte[] text) {}
}
