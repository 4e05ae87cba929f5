package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The scan of a stream of server-sent events (HTML standard, section 9.2): each event is scanned when it is complete and may
 * go on at once. It is looked at twice, as it came and as the bare values of its {@code data} fields, so that what is split
 * over events or lines is found in spite of what stands between. An event longer than {@value #LONGEST} bytes is scanned in
 * parts. Not thread-safe.
 */
public final class EventStreamScan implements BodyScan {
    /** Most bytes of an event that are waited for. */
    public static final int LONGEST = 64 * 1024;

    private static final byte[] DATA = {'d', 'a', 't', 'a', ':'};

    private final MessageScan raw;
    private final MessageScan data;
    private final FirstFindings findings = new FirstFindings();
    private byte[] event = new byte[512];
    private byte[] values = new byte[512];
    private int length;
    private int lineStart;
    private boolean afterReturn;
    private long scanned;

    /**
     * A scan.
     *
     * @param raw sees the events as they come
     * @param data sees the values of their data fields, one after the other
     */
    public EventStreamScan(MessageScan raw, MessageScan data) {
        this.raw = raw;
        this.data = data;
    }

    /** True for the Content-Type of such a stream. */
    public static boolean is(String contentType) {
        return MediaType.essence(contentType).equals("text/event-stream");
    }

    @Override
    public void feed(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            var next = bytes.get();
            if (afterReturn && next == '\n') {
                // The second half of a CRLF that ended the line already.
                afterReturn = false;
                add(next);
                lineStart = length;
                if (length == 1) {
                    look();
                }
                continue;
            }
            afterReturn = next == '\r';
            var ends = next == '\n' || next == '\r';
            var empty = ends && length == lineStart;
            add(next);
            if (ends) {
                lineStart = length;
            }
            if (empty || length == LONGEST) {
                look();
            }
        }
    }

    private void add(byte next) {
        if (length == event.length) {
            event = Arrays.copyOf(event, 2 * length);
        }
        event[length++] = next;
    }

    private void look() {
        findings.add(raw.scan(ByteBuffer.wrap(event, 0, length)));
        var count = values();
        if (count > 0) {
            findings.add(data.scan(ByteBuffer.wrap(values, 0, count)));
        }
        if (!findings.blocked()) {
            scanned += length;
        }
        length = 0;
        lineStart = 0;
    }

    /** Gathers the values of the data fields; what they are is as long as the event at most. */
    private int values() {
        if (values.length < length) {
            values = new byte[event.length];
        }
        var count = 0;
        var start = 0;
        for (var i = 0; i <= length; i++) {
            if (i == length || event[i] == '\n' || event[i] == '\r') {
                if (i - start > DATA.length && Arrays.equals(event, start, start + DATA.length, DATA, 0, DATA.length)) {
                    var from = start + DATA.length + (event[start + DATA.length] == ' ' ? 1 : 0);
                    System.arraycopy(event, from, values, count, i - from);
                    count += i - from;
                }
                start = i + 1;
            }
        }
        return count;
    }

    @Override
    public void finish() {
        if (length > 0) {
            look();
        }
    }

    @Override
    public long clean() {
        return scanned;
    }

    @Override
    public List<Finding> findings() {
        return findings.all();
    }
}
