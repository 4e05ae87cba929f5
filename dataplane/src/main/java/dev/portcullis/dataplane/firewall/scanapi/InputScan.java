package dev.portcullis.dataplane.firewall.scanapi;

import java.util.ArrayList;
import java.util.List;

/** The scan of one input, in steps small enough for an event loop. */
abstract class InputScan {
    /** Findings told of one input. */
    static final int FINDINGS = 100;

    /** How a step ended. */
    enum Step {
        /** There is more to do, at once. */
        AGAIN,
        /** It goes on when what was asked for has come. */
        WAITS,
        /** The input was scanned to its end. */
        DONE
    }

    private final List<ScanFinding> findings = new ArrayList<>(2);

    /** Does the next step. */
    abstract Step step();

    /** What was found so far: each rule once, the first {@value #FINDINGS}. */
    List<ScanFinding> findings() {
        return findings;
    }

    final void add(ScanFinding finding) {
        var known = findings.stream()
                .anyMatch(other -> other.ruleId().equals(finding.ruleId()) && other.action() == finding.action());
        if (!known && findings.size() < FINDINGS) {
            findings.add(finding);
        }
    }
}
