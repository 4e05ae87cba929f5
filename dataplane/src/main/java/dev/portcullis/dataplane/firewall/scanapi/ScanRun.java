package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scans of a call's inputs, one after the other. The deadline is looked at before and after every step, and what it
 * cuts short is an error and never an {@code allow}. Belongs to one event loop.
 */
final class ScanRun {
    private static final Logger LOG = LoggerFactory.getLogger(ScanRun.class);

    /** Told how a run ended, once; not where it was stopped. */
    interface Ended {
        /** Every input was scanned to its end. */
        void completed(ScanRun run, long nanos);

        /** An input was not. */
        void failed(ScanError error, String message);
    }

    /** Nanoseconds after which other connections of the loop have their turn before the next input. */
    private static final long TURN = 500_000;

    private final ScanApi api;
    private final FirewallPolicy policy;
    private final ScanRequest request;
    private final EventLoop loop;
    private final Ended ended;
    private final List<ScanReply.Result> results = new ArrayList<>(1);
    private final long startedNanos;

    private @Nullable InputScan scan;
    private @Nullable ScheduledFuture<?> timer;
    private boolean over;
    private boolean wouldDeny;
    private long inputNanos;
    private long turnNanos;

    /** A run under {@code policy} that begins now. */
    ScanRun(ScanApi api, FirewallPolicy policy, ScanRequest request, EventLoop loop, Ended ended) {
        this.api = api;
        this.policy = policy;
        this.request = request;
        this.loop = loop;
        this.ended = ended;
        startedNanos = nanos();
        inputNanos = startedNanos;
        turnNanos = startedNanos;
    }

    /** Begins with the first input, and goes on as far as it can. */
    void start() {
        nextInput();
    }

    /** Ends it without telling anyone. */
    void stop() {
        over = true;
        scan = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** What became of the inputs scanned so far. */
    List<ScanReply.Result> results() {
        return results;
    }

    /** True where mode Audit let pass what would have been denied. */
    boolean wouldDeny() {
        return wouldDeny;
    }

    /** The kind of the input that is scanned, or was last. */
    String kind() {
        return request.inputs()
                .get(Math.min(results.size(), request.inputs().size() - 1))
                .kind()
                .name();
    }

    /** How long that input has been scanned, in nanoseconds. */
    long inputTook() {
        return nanos() - inputNanos;
    }

    private void nextInput() {
        if (over) {
            return;
        }
        if (results.size() == request.inputs().size()) {
            var took = nanos() - startedNanos;
            stop();
            ended.completed(this, took);
            return;
        }
        if (nanos() - turnNanos > TURN) {
            inAnotherTurn(this::nextInput);
            return;
        }
        inputNanos = nanos();
        try {
            scan = InputScans.open(api, policy, request.inputs().get(results.size()), loop, this::step);
        } catch (RuntimeException e) {
            broke(e);
            return;
        }
        step();
    }

    private void step() {
        var current = scan;
        if (over || current == null) {
            return;
        }
        if (late()) {
            return;
        }
        InputScan.Step step;
        try {
            step = current.step();
        } catch (RuntimeException e) {
            broke(e);
            return;
        }
        if (step == InputScan.Step.DONE) {
            if (!late()) {
                decided(current);
            }
            return;
        }
        if (step == InputScan.Step.AGAIN) {
            inAnotherTurn(this::step);
        } else {
            watch();
        }
    }

    private void inAnotherTurn(Runnable rest) {
        watch();
        loop.execute(() -> {
            turnNanos = nanos();
            rest.run();
        });
    }

    /** Sets the alarm; what is scanned in one turn needs none. */
    private void watch() {
        if (timer == null && !over) {
            var left = limit() - (nanos() - startedNanos);
            timer = loop.schedule(this::pastDeadline, Math.max(0, left), TimeUnit.NANOSECONDS);
        }
    }

    private void decided(InputScan done) {
        var findings = List.copyOf(done.findings());
        var blocks = false;
        for (var finding : findings) {
            blocks |= finding.action() == Action.Block;
        }
        if (blocks && policy.mode() == Mode.Audit) {
            wouldDeny = true;
            blocks = false;
        }
        results.add(new ScanReply.Result(kind(), blocks, findings));
        scan = null;
        nextInput();
    }

    private boolean late() {
        var late = nanos() - startedNanos > limit();
        if (late) {
            pastDeadline();
        }
        return late;
    }

    private void pastDeadline() {
        ended.failed(
                ScanError.SCAN_DEADLINE_EXCEEDED,
                "the scan took longer than " + api.bounds().scanMillis() + " ms");
    }

    private void broke(RuntimeException why) {
        LOG.error("A scan of kind {} failed.", kind(), why);
        ended.failed(ScanError.INTERNAL_ERROR, "the scan failed; the log of the proxy says why");
    }

    private long limit() {
        return api.bounds().scanMillis() * 1_000_000;
    }

    private long nanos() {
        return api.parts().nanoClock().getAsLong();
    }
}
