package dev.portcullis.dataplane.flow.decode;

/**
 * What the exporters of one standing may hold, each and all together: fields of templates, and bytes of data that wait
 * for templates. Exporters that have proved themselves share one budget and newcomers another, so that whoever makes up
 * newcomers takes nothing from those. Any thread.
 */
public final class ExporterBudget {
    private final int fieldsEach;
    private final long fieldsOverall;
    private final int waitingEach;
    private final long waitingOverall;
    private long fields;
    private long waiting;

    /**
     * A budget of which nothing is taken.
     *
     * @param fieldsEach template fields of one exporter, about 16 bytes each
     * @param fieldsOverall template fields of all exporters
     * @param waitingEach bytes of one exporter that wait for templates
     * @param waitingOverall bytes of all exporters that wait for templates
     */
    public ExporterBudget(int fieldsEach, long fieldsOverall, int waitingEach, long waitingOverall) {
        this.fieldsEach = fieldsEach;
        this.fieldsOverall = fieldsOverall;
        this.waitingEach = waitingEach;
        this.waitingOverall = waitingOverall;
    }

    /** Takes, or with a negative count gives back, fields of an exporter that holds {@code held}; false when there are no more. */
    synchronized boolean takeFields(long held, long count) {
        if (count > 0 && (held + count > fieldsEach || fields + count > fieldsOverall)) {
            return false;
        }
        fields += count;
        return true;
    }

    /** The same for bytes that wait. */
    synchronized boolean takeWaiting(long held, long count) {
        if (count > 0 && (held + count > waitingEach || waiting + count > waitingOverall)) {
            return false;
        }
        waiting += count;
        return true;
    }

    /** Fields taken of the budget. */
    public synchronized long fields() {
        return fields;
    }

    /** Bytes taken of the budget. */
    public synchronized long waiting() {
        return waiting;
    }
}
