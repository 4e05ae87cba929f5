package dev.portcullis.dataplane.flow.decode;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.Arrays;

/** Bytes in network order, written one field after the other. */
public final class Octets {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** One byte each. */
    public Octets u8(int... values) {
        Arrays.stream(values).forEach(out::write);
        return this;
    }

    /** Two bytes each. */
    public Octets u16(int... values) {
        Arrays.stream(values).forEach(value -> u8(value >>> 8, value));
        return this;
    }

    /** Four bytes each. */
    public Octets u32(long... values) {
        Arrays.stream(values).forEach(value -> u16((int) (value >>> 16), (int) value));
        return this;
    }

    /** Eight bytes each. */
    public Octets u64(long... values) {
        Arrays.stream(values).forEach(value -> u32(value >>> 32, value));
        return this;
    }

    /** Addresses, 4 or 16 bytes each. */
    public Octets ip(String... literals) {
        for (var literal : literals) {
            out.writeBytes(InetAddress.ofLiteral(literal).getAddress());
        }
        return this;
    }

    /** What another has. */
    public Octets add(byte[]... more) {
        for (var bytes : more) {
            out.writeBytes(bytes);
        }
        return this;
    }

    /** Zeros. */
    public Octets zeros(int count) {
        return add(new byte[count]);
    }

    /** How many there are so far. */
    public int size() {
        return out.size();
    }

    /** All of them. */
    public byte[] bytes() {
        return out.toByteArray();
    }
}
