package dev.portcullis.operator.pods;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.portcullis.operator.metrics.OperatorMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads {@code /status} of pods: at most {@link #MAX_PARALLEL} at once, {@link #TIMEOUT} each, {@link #MAX_BYTES} of
 * reply. Thread-safe.
 */
public final class PodStatusReader implements AutoCloseable {
    /** Most requests in flight. */
    public static final int MAX_PARALLEL = 64;
    /** Time one request may take. */
    public static final Duration TIMEOUT = Duration.ofSeconds(1);
    /** Longest reply that is read, in bytes; a longer one is an error. */
    public static final int MAX_BYTES = 1 << 20;

    private final ObjectMapper mapper = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(50).build())
                    .build())
            .build();
    private final Semaphore slots = new Semaphore(MAX_PARALLEL);
    private final OperatorMetrics metrics;
    private final HttpClient http = HttpClient.newBuilder()
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    public PodStatusReader(OperatorMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * What the pod at {@code address} says. Blocks.
     *
     * @throws IOException when it cannot be asked, or says nothing that can be understood
     */
    public PodReport read(URI address) throws IOException, InterruptedException {
        slots.acquire();
        try {
            var reply = reply(address);
            if (reply.statusCode() != 200) {
                throw new IOException(address + " answered " + reply.statusCode());
            }
            var report = PodReport.of(mapper.readTree(reply.body()));
            metrics.podAsked(true);
            return report;
        } catch (IOException e) {
            metrics.podAsked(false);
            throw e;
        } finally {
            slots.release();
        }
    }

    private HttpResponse<byte[]> reply(URI address) throws IOException, InterruptedException {
        var exchange = http.sendAsync(
                HttpRequest.newBuilder(address).build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            // A request's own timeout would not bound the time the body takes.
            return exchange.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            exchange.cancel(true);
            throw new IOException(address + " did not answer within " + TIMEOUT.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(address + " could not be asked: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
