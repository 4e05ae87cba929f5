package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A strict reader of RFC 8955 section 4.2 and RFC 8956 section 3, written from the RFCs and not from the writer. */
final class FlowSpecReader {
    private final ByteBuffer in;
    private final boolean v6;

    private FlowSpecReader(byte[] bytes, boolean v6) {
        in = ByteBuffer.wrap(bytes);
        this.v6 = v6;
    }

    static FlowSpecRule read(byte[] bytes, boolean v6) {
        return new FlowSpecReader(bytes, v6).rule();
    }

    private FlowSpecRule rule() {
        var length = in.get() & 0xFF;
        check(length < 240 && length == in.remaining(), "length " + length);
        Prefix destination = null;
        Prefix source = null;
        var protocol = -1;
        var sourcePort = -1;
        var destinationPort = -1;
        var tcpFlags = 0;
        var fragment = false;
        var last = 0;
        while (in.hasRemaining()) {
            int type = in.get();
            check(type > last, "type " + type + " after " + last);
            last = type;
            switch (type) {
                case 1 -> destination = prefix();
                case 2 -> source = prefix();
                case 3 -> protocol = value(0x01);
                case 5 -> destinationPort = value(0x01);
                case 6 -> sourcePort = value(0x01);
                case 9 -> tcpFlags = value(0x01);
                case 12 -> {
                    check(value(0x01) == 0x02, "fragment bits");
                    fragment = true;
                }
                default -> throw new IllegalArgumentException("type " + type);
            }
        }
        return new FlowSpecRule(destination, source, protocol, sourcePort, destinationPort, tcpFlags, fragment, 0);
    }

    /** One pair of operator and value, the last of its list, with the given low operator bits. */
    private int value(int low) {
        var operator = in.get() & 0xFF;
        check((operator & 0x80) != 0 && (operator & 0x4F) == low, "operator " + operator);
        return switch (operator >> 4 & 3) {
            case 0 -> in.get() & 0xFF;
            case 1 -> in.getShort() & 0xFFFF;
            default -> throw new IllegalArgumentException("operator " + operator);
        };
    }

    private @Nullable Prefix prefix() {
        var length = in.get() & 0xFF;
        var address = new byte[v6 ? 16 : 4];
        check(length <= address.length * 8, "prefix length " + length);
        check(!v6 || in.get() == 0, "offset");
        in.get(address, 0, (length + 7) / 8);
        try {
            return new Prefix(InetAddress.getByAddress(address), length);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
