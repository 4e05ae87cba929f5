package dev.portcullis.dataplane.flow.bgp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** A NOTIFICATION (RFC 4271 section 4.5): why a session ends. Its sender closes the connection. Immutable. */
final class Notification implements Message {
    static final int MESSAGE_HEADER_ERROR = 1;
    static final int OPEN_MESSAGE_ERROR = 2;
    static final int UPDATE_MESSAGE_ERROR = 3;
    static final int HOLD_TIMER_EXPIRED = 4;
    static final int FINITE_STATE_MACHINE_ERROR = 5;
    static final int CEASE = 6;
    static final int ROUTE_REFRESH_ERROR = 7;
    static final int SEND_HOLD_TIMER_EXPIRED = 8;

    private static final int MAX_SHUTDOWN_TEXT = 255;

    private final int code;
    private final int subcode;
    private final byte[] data;

    Notification(int code, int subcode, byte... data) {
        this.code = code;
        this.subcode = subcode;
        this.data = data;
    }

    /** Cease with a sentence for the other side's log (RFC 9003). */
    static Notification cease(int subcode, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var length = Math.min(bytes.length, MAX_SHUTDOWN_TEXT);
        var data = new byte[1 + length];
        data[0] = (byte) length;
        System.arraycopy(bytes, 0, data, 1, length);
        return new Notification(CEASE, subcode, data);
    }

    int code() {
        return code;
    }

    int subcode() {
        return subcode;
    }

    byte[] data() {
        return data.clone();
    }

    static Notification decode(ByteBuf body) {
        var code = body.readUnsignedByte();
        var subcode = body.readUnsignedByte();
        var data = new byte[body.readableBytes()];
        body.readBytes(data);
        return new Notification(code, subcode, data);
    }

    void encode(ByteBuf out) {
        out.writeByte(code).writeByte(subcode).writeBytes(data);
    }

    /** Code and subcode in the words of the RFCs, and the text of a shutdown, printable characters only. */
    String describe() {
        var text = new StringBuilder(codeName())
                .append(" (")
                .append(code)
                .append('/')
                .append(subcode)
                .append(')');
        var reason = subcodeName();
        if (!reason.isEmpty()) {
            text.append(": ").append(reason);
        }
        var words = shutdownText();
        if (!words.isEmpty()) {
            text.append(", \"").append(words).append('"');
        }
        return text.toString();
    }

    private String codeName() {
        return switch (code) {
            case MESSAGE_HEADER_ERROR -> "Message Header Error";
            case OPEN_MESSAGE_ERROR -> "OPEN Message Error";
            case UPDATE_MESSAGE_ERROR -> "UPDATE Message Error";
            case HOLD_TIMER_EXPIRED -> "Hold Timer Expired";
            case FINITE_STATE_MACHINE_ERROR -> "Finite State Machine Error";
            case CEASE -> "Cease";
            case ROUTE_REFRESH_ERROR -> "ROUTE-REFRESH Message Error";
            case SEND_HOLD_TIMER_EXPIRED -> "Send Hold Timer Expired";
            default -> "NOTIFICATION";
        };
    }

    private String subcodeName() {
        return switch (code << 8 | subcode) {
            case 0x0101 -> "Connection Not Synchronized";
            case 0x0102 -> "Bad Message Length";
            case 0x0103 -> "Bad Message Type";
            case 0x0201 -> "Unsupported Version Number";
            case 0x0202 -> "Bad Peer AS";
            case 0x0203 -> "Bad BGP Identifier";
            case 0x0204 -> "Unsupported Optional Parameter";
            case 0x0206 -> "Unacceptable Hold Time";
            case 0x0207 -> "Unsupported Capability";
            case 0x0301 -> "Malformed Attribute List";
            case 0x0302 -> "Unrecognized Well-known Attribute";
            case 0x0303 -> "Missing Well-known Attribute";
            case 0x0304 -> "Attribute Flags Error";
            case 0x0305 -> "Attribute Length Error";
            case 0x0306 -> "Invalid ORIGIN Attribute";
            case 0x0308 -> "Invalid NEXT_HOP Attribute";
            case 0x0309 -> "Optional Attribute Error";
            case 0x030A -> "Invalid Network Field";
            case 0x030B -> "Malformed AS_PATH";
            case 0x0501 -> "Unexpected Message in OpenSent State";
            case 0x0502 -> "Unexpected Message in OpenConfirm State";
            case 0x0503 -> "Unexpected Message in Established State";
            case 0x0601 -> "Maximum Number of Prefixes Reached";
            case 0x0602 -> "Administrative Shutdown";
            case 0x0603 -> "Peer De-configured";
            case 0x0604 -> "Administrative Reset";
            case 0x0605 -> "Connection Rejected";
            case 0x0606 -> "Other Configuration Change";
            case 0x0607 -> "Connection Collision Resolution";
            case 0x0608 -> "Out of Resources";
            case 0x0609 -> "Hard Reset";
            case 0x060A -> "BFD Down";
            default -> "";
        };
    }

    private String shutdownText() {
        if (code != CEASE || (subcode != 2 && subcode != 4) || data.length < 2) {
            return "";
        }
        var length = Math.min(data[0] & 0xFF, data.length - 1);
        var text = new String(data, 1, length, StandardCharsets.UTF_8);
        return text.replaceAll("[^\\p{Print}]", "?");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Notification that
                && code == that.code
                && subcode == that.subcode
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data) * 31 + (code << 8 | subcode);
    }

    @Override
    public String toString() {
        return describe() + " " + HexFormat.of().formatHex(data);
    }
}
