package dev.portcullis.dataplane;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the class of tests behind which a buffer was collected that nobody had released; the leak may be of the class before.
 * Netty itself only writes that to the log. Every buffer is watched where {@code io.netty.leakDetection.level} is
 * {@code paranoid} and {@code io.netty.customResourceLeakDetector} names {@link Remembering}, as they do in this build.
 */
public final class LeakedBuffers implements AfterAllCallback {
    private static final Collection<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static final int ROUNDS = 4;

    /** Made by Netty, with the first buffer of whichever test engine begins. */
    public static final class Remembering<T> extends ResourceLeakDetector<T> {
        public Remembering(Class<T> resource, int interval) {
            super(resource, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resource, String records) {
            LEAKS.add(resource + " was not released:" + records);
        }

        @Override
        protected void reportUntracedLeak(String resource) {
            LEAKS.add(resource + " was not released");
        }
    }

    /** Has what nobody holds any more collected, and fails where a buffer is among it. */
    public static void check() {
        for (var round = 0; round < ROUNDS; round++) {
            System.gc();
            // Leaks are told of with the next buffer that is watched.
            PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        fail();
    }

    private static void fail() {
        List<String> told = new ArrayList<>(LEAKS);
        LEAKS.removeAll(told);
        if (!told.isEmpty()) {
            throw new AssertionError(String.join("\n", told));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getParent().map(parent -> parent.getTestClass().isEmpty()).orElse(true)) {
            fail();
        }
    }
}
