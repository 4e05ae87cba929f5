package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.flow.decode.IpBits;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * The datagrams that one {@code recvmmsg(2)} brought, {@value #SIZE} at most, in memory that the next call uses again: neither
 * a datagram nor its sender is an object. Linux with 64-bit pointers, where {@link #receive} may only be called. Used by one
 * thread at a time.
 */
final class DatagramBatch {
    static final int SIZE = 64;

    /** Longest datagram, a jumbo frame. Longer ones arrive cut off and count as decode errors. */
    static final int MOST_BYTES = 9216;

    // struct mmsghdr of 64 bytes: a msghdr with pointers to name and iovec, and the length received.
    private static final int HEADER = 64;
    private static final int HEADER_NAME = 0;
    private static final int HEADER_NAME_LENGTH = 8;
    private static final int HEADER_VECTORS = 16;
    private static final int HEADER_VECTOR_COUNT = 24;
    private static final int HEADER_LENGTH = 56;

    // struct iovec.
    private static final int VECTOR = 16;

    // struct sockaddr_in or sockaddr_in6, which has 28 bytes.
    private static final int NAME = 32;
    private static final int NAME_LENGTH = 28;
    private static final int V4_ADDRESS = 4;
    private static final int V6_ADDRESS = 8;
    private static final int V6_SCOPE = 24;
    private static final short AF_INET = 2;

    private static final int NO_SOCKET = -1;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;

    private static final ValueLayout.OfLong BIG_ENDIAN =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG_ENDIAN_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment data;
    private final MemorySegment callState;
    private int used;

    /** The C library, looked up when the first socket is read. */
    private static final class Native {
        static final MethodHandle RECVMMSG = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("recvmmsg"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS),
                        Linker.Option.captureCallState("errno"));
        static final VarHandle ERRNO =
                Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    }

    /** An empty batch. Its memory, some 600 KB, goes with it. */
    DatagramBatch() {
        var arena = Arena.ofAuto();
        headers = arena.allocate((long) HEADER * SIZE, 8);
        var vectors = arena.allocate((long) VECTOR * SIZE, 8);
        names = arena.allocate((long) NAME * SIZE, 8);
        data = arena.allocate((long) MOST_BYTES * SIZE, 64);
        callState = arena.allocate(Linker.Option.captureStateLayout());
        for (var i = 0; i < SIZE; i++) {
            var header = (long) HEADER * i;
            headers.set(ValueLayout.ADDRESS, header + HEADER_NAME, names.asSlice((long) NAME * i));
            headers.set(ValueLayout.ADDRESS, header + HEADER_VECTORS, vectors.asSlice((long) VECTOR * i));
            headers.set(ValueLayout.JAVA_LONG, header + HEADER_VECTOR_COUNT, 1);
            vectors.set(ValueLayout.ADDRESS, (long) VECTOR * i, data.asSlice((long) MOST_BYTES * i));
            vectors.set(ValueLayout.JAVA_LONG, (long) VECTOR * i + 8, MOST_BYTES);
        }
        used = SIZE;
    }

    /**
     * Links the call, which takes 0.1 to 0.2 s of a process, with an AOT cache or without. Before sockets are bound, or their first
     * datagrams would wait that long, as many as a receive buffer holds.
     */
    static void prepare() {
        try {
            new DatagramBatch().receive(NO_SOCKET);
        } catch (IOException expected) {
            // There is no such socket: the call has been made.
        }
    }

    /**
     * Takes what waits at a socket, without waiting for more.
     *
     * @param socket file descriptor of a UDP socket
     * @return how many datagrams there are now, 0 when nothing waited
     * @throws IOException when the socket has another error, with its number
     */
    int receive(int socket) throws IOException {
        for (var i = 0; i < used; i++) {
            headers.set(ValueLayout.JAVA_INT, (long) HEADER * i + HEADER_NAME_LENGTH, NAME_LENGTH);
        }
        used = 0;
        int received;
        try {
            received = (int)
                    Native.RECVMMSG.invokeExact(callState, socket, headers, SIZE, MSG_DONTWAIT, MemorySegment.NULL);
        } catch (Throwable impossible) {
            throw new IllegalStateException("recvmmsg cannot be called", impossible);
        }
        if (received < 0) {
            var errno = (int) Native.ERRNO.get(callState, 0L);
            if (errno != EAGAIN && errno != EINTR) {
                throw new IOException("recvmmsg: errno " + errno);
            }
            return 0;
        }
        used = received;
        return received;
    }

    private int length(int i) {
        return headers.get(ValueLayout.JAVA_INT, (long) HEADER * i + HEADER_LENGTH);
    }

    /** Bytes of all datagrams. */
    long bytes() {
        var bytes = 0L;
        for (var i = 0; i < used; i++) {
            bytes += length(i);
        }
        return bytes;
    }

    /** Copies datagram {@code i} to the beginning of {@code into}; its length. */
    int copy(int i, byte[] into) {
        var length = Math.min(length(i), into.length);
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, (long) MOST_BYTES * i, into, 0, length);
        return length;
    }

    /** Whether two datagrams came from one address, whatever their ports. */
    boolean sameSender(int i, int j) {
        return senderLow(i) == senderLow(j) && senderHigh(i) == senderHigh(j);
    }

    /** The high half of the address datagram {@code i} came from, as {@link IpBits} has it. */
    private long senderHigh(int i) {
        return isV4(i) ? 0 : names.get(BIG_ENDIAN, (long) NAME * i + V6_ADDRESS);
    }

    /** The low half of that address. */
    private long senderLow(int i) {
        return isV4(i)
                ? IpBits.v4(names.get(BIG_ENDIAN_INT, (long) NAME * i + V4_ADDRESS))
                : names.get(BIG_ENDIAN, (long) NAME * i + V6_ADDRESS + Long.BYTES);
    }

    private boolean isV4(int i) {
        return names.get(ValueLayout.JAVA_SHORT, (long) NAME * i) == AF_INET;
    }

    /** The address datagram {@code i} came from, of an IPv4 sender as such. */
    InetAddress sender(int i) {
        var scope = isV4(i) ? 0 : names.get(ValueLayout.JAVA_INT, (long) NAME * i + V6_SCOPE);
        var address = IpBits.address(senderHigh(i), senderLow(i));
        if (scope == 0) {
            return address;
        }
        try {
            return Inet6Address.getByAddress(null, address.getAddress(), scope);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 16 bytes is always one", e);
        }
    }
}
