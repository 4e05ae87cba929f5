package dev.portcullis.dataplane.flow.ingest;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Asks the kernel how many datagrams it dropped for want of receive buffer at one socket ({@code SO_MEMINFO} of
 * {@code getsockopt(2)}, Linux 4.12): {@code /proc/net/udp}, which says the same, is a walk over all sockets of the machine.
 * Used by one thread.
 */
final class SocketDrops {
    private static final int SOL_SOCKET = 1;
    private static final int SO_MEMINFO = 55;

    // enum of linux/sock_diag.h
    private static final int SK_MEMINFO_DROPS = 8;
    private static final int SK_MEMINFO_VARS = 9;

    private static final MethodHandle GETSOCKOPT = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("getsockopt"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS));

    private final int socket;
    private final MemorySegment values = Arena.ofAuto().allocate((long) SK_MEMINFO_VARS * Integer.BYTES, Integer.BYTES);
    private final MemorySegment length = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);
    private int last;

    /** @param socket file descriptor, on Linux */
    SocketDrops(int socket) {
        this.socket = socket;
    }

    /** Datagrams dropped since the last call; 0 where the kernel does not say. */
    long drain() {
        length.set(ValueLayout.JAVA_INT, 0, SK_MEMINFO_VARS * Integer.BYTES);
        int result;
        try {
            result = (int) GETSOCKOPT.invokeExact(socket, SOL_SOCKET, SO_MEMINFO, values, length);
        } catch (Throwable e) {
            throw new IllegalStateException("getsockopt cannot be called", e);
        }
        if (result != 0 || length.get(ValueLayout.JAVA_INT, 0) < SK_MEMINFO_VARS * Integer.BYTES) {
            return 0;
        }
        var total = values.getAtIndex(ValueLayout.JAVA_INT, SK_MEMINFO_DROPS);
        var dropped = Integer.toUnsignedLong(total - last);
        last = total;
        return dropped;
    }
}
