package dev.portcullis.dataplane.firewall.websocket;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.WebSocketBinary;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.MessageScan;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: holds the frames of a message back until it is complete and judged, then hands them on as
 * they came. Control frames pass at once, judged by themselves. What it holds is at most one message and one read.
 */
final class MessageGate {
    /** Who is told. */
    interface Outcome {
        /** A frame arrived: {@code opcode} of its message, payload bytes. */
        void frame(int opcode, int bytes);

        /** Something was found in a message; false when it must not go on, and nothing may follow. */
        boolean judge(List<Finding> findings);

        /** Values in a message were replaced: how many different ones of each class. */
        void redacted(Map<String, Integer> counts);

        /** A frame may go on. The receiver owns it. */
        void forward(ByteBuf frame);

        /**
         * The side said that it closes, and its frame was handed on. Nothing may follow.
         *
         * @param code why; 1005 where it said none
         */
        void closing(int code);
    }

    private final FrameReader reader;
    private final MessageScan scan;
    private final MessageScan controlScan;
    private final WebSocketBinary binary;
    private final Finding binaryRefused;
    private final @Nullable MessageRedaction redaction;
    private final int largest;
    private final Outcome outcome;
    private final MessageText text = new MessageText();
    private final MessageText control = new MessageText();
    private final List<ByteBuf> held = new ArrayList<>(1);
    private int messageOpcode = -1;
    private boolean over;

    /**
     * A gate.
     *
     * @param masked true for what the client sends
     * @param largest bytes of a message at most
     * @param scan sees the messages
     * @param controlScan sees the payloads of control frames
     * @param binaryRefused the finding for a binary message where these are refused
     * @param redaction changes text messages before they are seen; null for none
     */
    MessageGate(
            boolean masked,
            int largest,
            MessageScan scan,
            MessageScan controlScan,
            WebSocketBinary binary,
            Finding binaryRefused,
            @Nullable MessageRedaction redaction,
            Outcome outcome) {
        this.reader = new FrameReader(masked, largest);
        this.largest = largest;
        this.scan = scan;
        this.controlScan = controlScan;
        this.binary = binary;
        this.binaryRefused = binaryRefused;
        this.redaction = redaction;
        this.outcome = outcome;
    }

    /** Takes the complete frames out of {@code in}. */
    void take(ByteBuf in) throws ProtocolViolation {
        while (!over && reader.look(in)) {
            var frame = in.readRetainedSlice(reader.length());
            try {
                if (Opcode.isControl(reader.opcode())) {
                    control(frame);
                } else {
                    data(frame);
                }
            } catch (ProtocolViolation e) {
                frame.release();
                throw e;
            }
        }
    }

    private void data(ByteBuf frame) throws ProtocolViolation {
        var continues = reader.opcode() == Opcode.CONTINUATION;
        if (continues == (messageOpcode < 0)) {
            throw new ProtocolViolation(
                    CloseCode.PROTOCOL_ERROR,
                    "fragmentation",
                    continues ? "a continuation without a message" : "a new message in the middle of another");
        }
        if (!continues) {
            messageOpcode = reader.opcode();
        }
        outcome.frame(messageOpcode, reader.payloadLength());
        if (text.length() + reader.payloadLength() > largest) {
            throw FrameReader.tooBig(largest);
        }
        if (messageOpcode == Opcode.BINARY
                && binary == WebSocketBinary.Block
                && !continues
                && !pass(List.of(binaryRefused))) {
            frame.release();
            return;
        }
        text.add(frame, reader.headerLength(), reader.payloadLength(), reader.mask());
        held.add(frame);
        if (reader.last()) {
            message();
        }
    }

    private void message() throws ProtocolViolation {
        var isText = messageOpcode == Opcode.TEXT;
        messageOpcode = -1;
        if (isText && !text.isUtf8()) {
            held.removeLast();
            throw new ProtocolViolation(CloseCode.INVALID_PAYLOAD, "utf-8", "a text message is not UTF-8");
        }
        if (isText && redaction != null && redacted(redaction.redact(text.view()))) {
            return;
        }
        if ((isText || binary != WebSocketBinary.Allow) && !pass(scan.scan(text.view()))) {
            return;
        }
        text.clear();
        held.forEach(outcome::forward);
        held.clear();
    }

    /** True where the message went on changed, or does not go on. */
    private boolean redacted(MessageRedaction.Result result) {
        var changed = result.text();
        if (!pass(result.findings())) {
            return true;
        }
        if (changed == null) {
            return false;
        }
        outcome.redacted(result.counts());
        if (pass(scan.scan(ByteBuffer.wrap(changed)))) {
            text.clear();
            held.forEach(ByteBuf::release);
            held.clear();
            outcome.forward(MessageRedaction.frame(changed));
        }
        return true;
    }

    private void control(ByteBuf frame) throws ProtocolViolation {
        control.clear();
        control.add(frame, reader.headerLength(), reader.payloadLength(), reader.mask());
        outcome.frame(reader.opcode(), reader.payloadLength());
        var closes = reader.opcode() == Opcode.CLOSE;
        if (closes) {
            checkClose(control.view());
        }
        if (control.length() > 0 && !pass(controlScan.scan(control.view()))) {
            frame.release();
            return;
        }
        outcome.forward(frame);
        if (closes) {
            over = true;
            outcome.closing(
                    control.length() < 2 ? CloseCode.NONE : control.view().getShort(0) & 0xffff);
        }
    }

    private static void checkClose(ByteBuffer payload) throws ProtocolViolation {
        if (!payload.hasRemaining()) {
            return;
        }
        if (payload.remaining() == 1 || !CloseCode.maySend(payload.getShort(0) & 0xffff)) {
            throw new ProtocolViolation(
                    CloseCode.PROTOCOL_ERROR, "close-code", "a Close frame has no code that may be sent");
        }
        if (!com.google.common.base.Utf8.isWellFormed(payload.array(), 2, payload.remaining() - 2)) {
            throw new ProtocolViolation(CloseCode.INVALID_PAYLOAD, "utf-8", "the reason of a Close frame is not UTF-8");
        }
    }

    private boolean pass(List<Finding> findings) {
        if (!findings.isEmpty() && !outcome.judge(findings)) {
            over = true;
        }
        return !over;
    }

    /** Drops what is held; nothing more is taken. */
    void release() {
        over = true;
        held.forEach(ByteBuf::release);
        held.clear();
    }
}
