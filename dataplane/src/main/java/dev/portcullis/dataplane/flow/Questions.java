package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.FlowWorker;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question that workers are asked again and again. A worker has one to answer at a time: one that is late is not asked
 * anew before it has answered, and an answer under an earlier policy, whose groups may be others, is thrown away. Used by one
 * thread.
 */
final class Questions {
    private static final Logger LOG = LoggerFactory.getLogger(Questions.class);

    private record Asked(CompletableFuture<WindowSums> answer, FlowPolicy policy) {}

    private final Function<FlowWorker, CompletableFuture<WindowSums>> question;
    private final LongSupplier nanoTime;
    private final Map<FlowWorker, Asked> open = new HashMap<>();
    private int late;

    /** @param nanoTime monotonic time in nanoseconds */
    Questions(Function<FlowWorker, CompletableFuture<WindowSums>> question, LongSupplier nanoTime) {
        this.question = question;
        this.nanoTime = nanoTime;
    }

    /**
     * Asks all {@code workers} at once, and gives what those say that answer in time.
     *
     * @param policy the one that they have been told of last
     * @param patienceMillis how long all of them are waited for together
     */
    List<WindowSums> answers(List<FlowWorker> workers, FlowPolicy policy, long patienceMillis) {
        var deadline = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        workers.forEach(worker -> ask(worker, policy));
        var sums = new ArrayList<WindowSums>();
        for (var worker : workers) {
            var answer = await(worker, policy, deadline);
            if (answer != null) {
                sums.add(answer);
            }
        }
        return sums;
    }

    private Asked ask(FlowWorker worker, FlowPolicy policy) {
        var before = open.get(worker);
        if (before != null && (before.policy() == policy || !before.answer().isDone())) {
            return before;
        }
        var asked = new Asked(question.apply(worker), policy);
        open.put(worker, asked);
        return asked;
    }

    private @Nullable WindowSums await(FlowWorker worker, FlowPolicy policy, long deadline) {
        try {
            while (true) {
                var asked = ask(worker, policy);
                var answer = asked.answer().get(Math.max(0, deadline - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
                open.remove(worker);
                if (asked.policy() == policy) {
                    return answer;
                }
            }
        } catch (TimeoutException tooBusy) {
            late++;
        } catch (ExecutionException failed) {
            open.remove(worker);
            late++;
            LOG.error("A flow worker failed to sum its hosts.", failed.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Times a worker did not answer in time, since the last call. */
    int drainLate() {
        var count = late;
        late = 0;
        return count;
    }
}
