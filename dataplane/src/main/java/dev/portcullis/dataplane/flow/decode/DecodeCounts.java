package dev.portcullis.dataplane.flow.decode;

/**
 * What one worker's decoders saw since it was last read, as plain numbers: the worker adds, and hands them to the
 * metrics once a batch.
 */
public final class DecodeCounts {
    // Once: values() makes a copy at each call.
    private static final DecodeError[] ERRORS = DecodeError.values();
    private static final Protocol[] PROTOCOLS = Protocol.values();
    private static final TemplateChange[] CHANGES = TemplateChange.values();

    private final long[] errors = new long[ERRORS.length];
    private final long[] flows = new long[PROTOCOLS.length];
    private final long[] lost = new long[PROTOCOLS.length];
    private final long[] templateChanges = new long[CHANGES.length];
    private long brokenDatagrams;
    private long templateMisses;
    private long inside;

    /** Receives the numbers. */
    public interface Reader {
        /** {@code count} errors of one kind. */
        void errors(DecodeError error, long count);

        /** {@code count} flow records of one protocol. */
        void flows(Protocol protocol, long count);

        /** {@code count} records or datagrams that the sequence numbers of one protocol say were lost. */
        void lost(Protocol protocol, long count);

        /** Datagrams with at least one error. */
        void brokenDatagrams(long count);

        /** Data sets that came before their template, whether or not they could be used later. */
        void templateMisses(long count);

        /** Records not counted because they crossed no external interface of their exporter. */
        void inside(long count);

        /** Templates that were known and changed, or were to be withdrawn. */
        void templateChanges(TemplateChange change, long count);
    }

    void error(DecodeError error) {
        errors[error.ordinal()]++;
    }

    void flow(Protocol protocol) {
        flows[protocol.ordinal()]++;
    }

    void flows(Protocol protocol, int count) {
        flows[protocol.ordinal()] += count;
    }

    void lost(Protocol protocol, long count) {
        lost[protocol.ordinal()] += count;
    }

    void templateChange(TemplateChange change) {
        templateChanges[change.ordinal()]++;
    }

    void templateMiss() {
        templateMisses++;
    }

    void inside() {
        inside++;
    }

    void brokenDatagram() {
        brokenDatagrams++;
    }

    /** All errors so far since the last {@link #drainTo}. */
    long errorTotal() {
        var total = 0L;
        for (var count : errors) {
            total += count;
        }
        return total;
    }

    /** All flow records since the last {@link #drainTo}. */
    public long flowTotal() {
        var total = 0L;
        for (var count : flows) {
            total += count;
        }
        return total;
    }

    /** Hands over what is not zero and starts again at zero. */
    public void drainTo(Reader reader) {
        for (var error : ERRORS) {
            if (errors[error.ordinal()] > 0) {
                reader.errors(error, errors[error.ordinal()]);
                errors[error.ordinal()] = 0;
            }
        }
        for (var protocol : PROTOCOLS) {
            if (flows[protocol.ordinal()] > 0) {
                reader.flows(protocol, flows[protocol.ordinal()]);
                flows[protocol.ordinal()] = 0;
            }
            if (lost[protocol.ordinal()] > 0) {
                reader.lost(protocol, lost[protocol.ordinal()]);
                lost[protocol.ordinal()] = 0;
            }
        }
        for (var change : CHANGES) {
            if (templateChanges[change.ordinal()] > 0) {
                reader.templateChanges(change, templateChanges[change.ordinal()]);
                templateChanges[change.ordinal()] = 0;
            }
        }
        if (brokenDatagrams > 0) {
            reader.brokenDatagrams(brokenDatagrams);
            brokenDatagrams = 0;
        }
        if (templateMisses > 0) {
            reader.templateMisses(templateMisses);
            templateMisses = 0;
        }
        if (inside > 0) {
            reader.inside(inside);
            inside = 0;
        }
    }
}
