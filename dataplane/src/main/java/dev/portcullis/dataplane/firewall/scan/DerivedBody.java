package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A body that is scanned in another form than it travels in: decoded, or without its framing. Remembers how far in the
 * one each place in the other is, so that what is clean there is known to be clean here. What it remembers is bounded by
 * what the inner scan holds back.
 */
abstract class DerivedBody implements BodyScan {
    /** Input after which {@code out} bytes of the other form had come out. */
    private record Mark(long in, long out) {}

    private final BodyScan inner;
    private final String wrapping;
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private List<Finding> refusals = List.of();
    private long in;
    private long out;
    private long clean;
    private boolean finished;

    /**
     * A scan of {@code inner}'s form.
     *
     * @param wrapping what findings say the text was wrapped in, or an empty string
     */
    DerivedBody(BodyScan inner, String wrapping) {
        this.inner = inner;
        this.wrapping = wrapping;
    }

    /** Decodes {@code bytes} to their limit and passes what comes out to {@link #pass}. */
    abstract void decode(ByteBuffer bytes);

    /** Passes what is left at the end, and releases what was held for decoding. */
    abstract void close();

    /** Hands {@code text} to the scan. */
    final void pass(ByteBuffer text) {
        out += text.remaining();
        inner.feed(text);
    }

    /** Adds a finding about the form itself; nothing is decoded from here on. */
    final void refuse(Finding finding) {
        var all = new ArrayList<>(refusals);
        all.add(finding);
        refusals = List.copyOf(all);
    }

    @Override
    public final void feed(ByteBuffer bytes) {
        in += bytes.remaining();
        if (refusals.isEmpty()) {
            decode(bytes);
            marks.addLast(new Mark(in, out));
        }
        bytes.position(bytes.limit());
        advance();
    }

    @Override
    public final void finish() {
        if (!finished) {
            finished = true;
            if (refusals.isEmpty()) {
                close();
            }
            inner.finish();
            marks.addLast(new Mark(in, out));
            advance();
        }
    }

    private void advance() {
        if (!refusals.isEmpty()) {
            return;
        }
        while (!marks.isEmpty() && marks.peekFirst().out() <= inner.clean()) {
            clean = marks.removeFirst().in();
        }
    }

    @Override
    public final long clean() {
        return clean;
    }

    @Override
    public final List<Finding> findings() {
        var found = inner.findings();
        if (found.isEmpty()) {
            return refusals;
        }
        var all = new ArrayList<Finding>(found.size() + refusals.size());
        for (var finding : found) {
            all.add(wrapping.isEmpty() ? finding : finding.within(wrapping));
        }
        all.addAll(refusals);
        return all;
    }
}
