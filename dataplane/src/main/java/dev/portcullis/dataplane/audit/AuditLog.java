package dev.portcullis.dataplane.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes audit events as JSON lines to a stream, on a thread of its own. At most {@link #CAPACITY} events wait; what
 * arrives beyond that is dropped and counted, so that a slow reader of the log never slows a request.
 *
 * <p>Every line has {@code level}, {@code time} (RFC 3339, UTC), {@code component}, {@code event} and {@code message},
 * then the event's own fields. Control characters in values are removed.
 */
public final class AuditLog implements AuditSink, AutoCloseable {
    /** Most events that wait to be written. */
    public static final int CAPACITY = 8192;

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final long IDLE_NANOS = 5_000_000;
    private static final long CLOSE_MILLIS = 5_000;

    private record Stamped(Instant time, AuditEvent event) {}

    private final MpscArrayQueue<Stamped> queue = new MpscArrayQueue<>(CAPACITY);
    private final OutputStream out;
    private final InstantSource clock;
    private final Runnable onDrop;
    private final Thread writer;
    private final JsonFactory json = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();
    private volatile boolean closing;
    private volatile boolean abandoned;

    /**
     * Starts the writer thread.
     *
     * @param onDrop called for each event that is dropped, on the thread that recorded it
     */
    public AuditLog(OutputStream out, InstantSource clock, Runnable onDrop) {
        this.out = new BufferedOutputStream(out, 64 * 1024);
        this.clock = clock;
        this.onDrop = onDrop;
        this.writer = Thread.ofPlatform().name("audit-log").daemon(true).start(this::drain);
    }

    @Override
    public void record(AuditEvent event) {
        if (closing || !queue.relaxedOffer(new Stamped(clock.instant(), event))) {
            onDrop.run();
        }
    }

    /** Writes what waits, for five seconds at most, counts the rest as dropped, and stops. The stream stays open. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(writer);
        try {
            if (!writer.join(Duration.ofMillis(CLOSE_MILLIS))) {
                abandoned = true;
                writer.join(Duration.ofMillis(CLOSE_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain() {
        var broken = false;
        while (true) {
            var next = queue.poll();
            try {
                if (next != null && abandoned) {
                    onDrop.run();
                    continue;
                }
                if (next != null) {
                    write(next);
                    broken = false;
                    continue;
                }
                out.flush();
            } catch (IOException e) {
                onDrop.run();
                if (!broken) {
                    LOG.error("The audit log cannot be written: {}. Events are dropped until it can.", e.getMessage());
                }
                broken = true;
            }
            if (closing && queue.isEmpty()) {
                return;
            }
            LockSupport.parkNanos(IDLE_NANOS);
        }
    }

    private void write(Stamped stamped) throws IOException {
        var event = stamped.event();
        try (var line = json.createGenerator(out)) {
            line.writeStartObject();
            line.writeStringField("level", event.level().label());
            line.writeStringField("time", stamped.time().toString());
            line.writeStringField("component", "portcullis");
            line.writeStringField("event", event.event());
            line.writeStringField("message", printable(event.message()));
            var fields = event.fields();
            for (var i = 0; i < fields.size(); i += 2) {
                line.writeFieldName((String) fields.get(i));
                writeValue(line, fields.get(i + 1));
            }
            line.writeEndObject();
        }
        out.write('\n');
    }

    private static void writeValue(JsonGenerator line, Object value) throws IOException {
        switch (value) {
            case Integer number -> line.writeNumber(number);
            case Long number -> line.writeNumber(number);
            case Double number -> line.writeNumber(number);
            case Boolean truth -> line.writeBoolean(truth);
            case List<?> list -> {
                line.writeStartArray();
                for (var item : list) {
                    line.writeString(printable(item.toString()));
                }
                line.writeEndArray();
            }
            default -> line.writeString(printable(value.toString()));
        }
    }

    /** {@code text} without C0 and C1 control characters, so that no value can move a terminal's cursor. */
    static String printable(String text) {
        for (var i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                var kept = new StringBuilder(text.length());
                text.chars().filter(c -> !Character.isISOControl(c)).forEach(c -> kept.append((char) c));
                return kept.toString();
            }
        }
        return text;
    }
}
