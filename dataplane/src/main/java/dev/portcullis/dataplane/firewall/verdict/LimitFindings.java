package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/** What is said of a request that a limit of {@code spec.limits} refuses, with the line of YAML that would let it pass. */
public final class LimitFindings {
    private LimitFindings() {}

    /** The client holds more connections than it may. */
    public static Finding connections(int limit) {
        return of(
                ScannerName.RATELIMIT,
                "connections-per-client",
                "client",
                "this client holds more than " + limit + " connections",
                "connectionsPerClient: " + limit * 2L);
    }

    /** The client made more requests in a minute than it may. */
    public static Finding clientRate(int limit) {
        return of(
                ScannerName.RATELIMIT,
                "requests-per-minute-per-client",
                "client",
                "this client made more than " + limit + " requests in a minute",
                "requestsPerMinutePerClient: " + limit * 2L);
    }

    /** More requests a minute went to a domain than may. */
    public static Finding domainRate(String domain, int limit) {
        return of(
                ScannerName.RATELIMIT,
                "requests-per-minute",
                "host",
                "more than " + limit + " requests in a minute to " + domain,
                "requestsPerMinutePerHost: " + limit * 2L);
    }

    /** More bytes a minute went to and from a domain than may. */
    public static Finding dataBudget(String domain, long limit) {
        return of(
                ScannerName.DATABUDGET,
                "bytes-per-minute",
                "host",
                "more than " + limit + " bytes in a minute to and from " + domain,
                "bytesPerMinutePerHost: " + limit * 2);
    }

    private static Finding of(ScannerName scanner, String rule, String location, String message, String field) {
        return new Finding(
                scanner, rule, Severity.low, Action.Block, "plaintext", location, -1, message, "limits:\n  " + field);
    }
}
