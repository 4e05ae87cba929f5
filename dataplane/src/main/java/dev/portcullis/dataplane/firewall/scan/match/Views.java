package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import dev.portcullis.dataplane.firewall.scan.view.Canonical;
import dev.portcullis.dataplane.firewall.scan.view.Words;
import org.jspecify.annotations.Nullable;

/**
 * The buffers in which a search reads its text in other ways. They are used from the start of a search to its end and
 * never between, so all scans of a thread share them: a body that arrives in pieces keeps none.
 */
final class Views {
    private static final ThreadLocal<Views> OF_THREAD = ThreadLocal.withInitial(Views::new);

    /** One for each wrapping that can be removed: a search within a search needs its own. */
    private final @Nullable Canonical[] canonical = new @Nullable Canonical[Sweep.DEEPEST + 1];

    private final @Nullable ByteClasses[] classes = new @Nullable ByteClasses[Sweep.DEEPEST + 2];

    private final Words words = new Words();
    private final NotedHits hits = new NotedHits();
    private byte[] spacedText = new byte[0];
    private int[] spacedMap = new int[0];

    private Views() {}

    static Views ofThread() {
        return OF_THREAD.get();
    }

    Canonical canonical(int depth) {
        var view = canonical[depth];
        if (view == null) {
            view = new Canonical();
            canonical[depth] = view;
        }
        return view;
    }

    /** Of a text with {@code depth} wrappings removed; those that a search within a search reads are one deeper. */
    ByteClasses classes(int depth) {
        var of = classes[depth];
        if (of == null) {
            of = new ByteClasses();
            classes[depth] = of;
        }
        return of;
    }

    Words words() {
        return words;
    }

    /** The literals in one folded text. */
    NotedHits hits() {
        return hits;
    }

    /** Room for {@code bytes} bytes of values with spaces between them. */
    byte[] spacedText(int bytes) {
        if (spacedText.length < bytes) {
            spacedText = new byte[bytes];
        }
        return spacedText;
    }

    /** Room for the places of {@code bytes} bytes of {@link #spacedText}. */
    int[] spacedMap(int bytes) {
        if (spacedMap.length < bytes) {
            spacedMap = new int[bytes];
        }
        return spacedMap;
    }
}
