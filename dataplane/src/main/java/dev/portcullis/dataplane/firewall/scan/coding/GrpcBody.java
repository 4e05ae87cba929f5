package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.FirstFindings;
import dev.portcullis.dataplane.firewall.scan.MediaType;
import dev.portcullis.dataplane.firewall.scan.MessageScan;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The scan of a body that is a row of length-prefixed messages: gRPC over HTTP/2, gRPC-Web, Connect streams. Each message is
 * scanned when it is complete and may go on at once, so that calls that stream both ways do not wait for each other. It is
 * looked at twice, as it came, prefix and all, and as the bare message, decompressed where its prefix says it is compressed.
 *
 * <p>A message longer than {@value #LONGEST} bytes is scanned in parts. A compressed one is waited for, up to {@value
 * #COMPRESSED} bytes, and may decode to {@value #DECODED}, under the ratio of {@link CodedBody}. Not thread-safe.
 */
public final class GrpcBody implements BodyScan {
    /** Most bytes of a message that are waited for. */
    public static final int LONGEST = 64 * 1024;

    /** Most bytes of a compressed message that are waited for. */
    public static final int COMPRESSED = 4 * 1024 * 1024;

    /** Most bytes that one compressed message may decode to. */
    public static final int DECODED = 16 * 1024 * 1024;

    private static final int PREFIX = 5;

    private final MessageScan raw;
    private final MessageScan messages;
    private final String encoding;
    private final Bodies bodies;
    private final FirstFindings findings = new FirstFindings();
    private byte[] piece = new byte[512];
    private int length;
    private int prefix;
    private boolean inFirstPart = true;
    private boolean compressed;
    private long left;
    private long fed;
    private long decoded;
    private int decodedNow;
    private boolean refused;
    private long scanned;

    /**
     * A scan.
     *
     * @param raw sees what comes as it comes
     * @param messages sees the messages
     * @param encoding how compressed messages are compressed: the value of {@code grpc-encoding}, or an empty string
     * @param bodies says what becomes of a message that is not what it says
     */
    public GrpcBody(MessageScan raw, MessageScan messages, String encoding, Bodies bodies) {
        this.raw = raw;
        this.messages = messages;
        this.encoding = encoding.trim();
        this.bodies = bodies;
    }

    /** True for the Content-Type of such a body. */
    public static boolean is(String contentType) {
        var type = MediaType.essence(contentType);
        return type.equals("application/grpc")
                || type.startsWith("application/grpc+")
                || type.equals("application/grpc-web")
                || type.startsWith("application/grpc-web+")
                || type.startsWith("application/connect+");
    }

    @Override
    public void feed(ByteBuffer bytes) {
        fed += bytes.remaining();
        while (bytes.hasRemaining()) {
            if (prefix < PREFIX) {
                add(bytes, 1);
                if (++prefix == PREFIX) {
                    begin();
                }
            } else {
                var take = (int) Math.min(Math.min(bytes.remaining(), left), Math.max(1, most() - length));
                add(bytes, take);
                left -= take;
                if (left == 0) {
                    look();
                    prefix = 0;
                } else if (length >= most()) {
                    part();
                }
            }
        }
    }

    private int most() {
        return compressed && !refused ? COMPRESSED : LONGEST;
    }

    /** The prefix is here: a byte of flags, then the length. */
    private void begin() {
        compressed = (piece[length - PREFIX] & 1) != 0;
        left = Integer.toUnsignedLong(ByteBuffer.wrap(piece, length - 4, 4).getInt());
        if (left == 0) {
            look();
            prefix = 0;
        }
    }

    private void add(ByteBuffer bytes, int count) {
        if (length + count > piece.length) {
            piece = Arrays.copyOf(piece, Math.max(length + count, 2 * piece.length));
        }
        bytes.get(piece, length, count);
        length += count;
    }

    /** A message grows longer than is waited for. */
    private void part() {
        if (compressed && !refused) {
            refuse(bodies.brokenCoding(
                    "message-size",
                    "a compressed message is longer than the " + COMPRESSED + " bytes that can be held"));
        }
        look();
    }

    private void look() {
        findings.add(raw.scan(ByteBuffer.wrap(piece, 0, length)));
        // Only the first part of a message has the prefix, and then the whole of it.
        var from = Math.min(length, inFirstPart ? PREFIX : 0);
        inFirstPart = left == 0;
        var message = ByteBuffer.wrap(piece, from, length - from);
        if (!compressed) {
            findings.add(messages.scan(message));
        } else if (!refused && message.hasRemaining()) {
            decode(message);
        }
        if (!findings.blocked()) {
            scanned += length;
        }
        length = 0;
        if (piece.length > LONGEST) {
            piece = new byte[512];
        }
    }

    private void decode(ByteBuffer message) {
        var coding = ContentCoding.named(encoding);
        if (coding == null) {
            refuse(
                    ContentCoding.isPlain(encoding)
                            ? bodies.brokenCoding("malformed-coding", "a message is compressed, but nothing says how")
                            : bodies.unknownCoding());
            return;
        }
        decodedNow = 0;
        try (var decoder = coding.decoder()) {
            decoder.decode(message, this::take);
            decoder.end();
        } catch (CodingException e) {
            refuse(bodies.brokenCoding(
                    decodedNow > DECODED || flooded() ? "coding-ratio" : "malformed-coding",
                    String.valueOf(e.getMessage())));
        }
    }

    private void take(ByteBuffer bytes) throws CodingException {
        decoded += bytes.remaining();
        decodedNow += bytes.remaining();
        if (flooded()) {
            throw new CodingException("it decodes to more than " + CodedBody.RATIO + " times its size");
        }
        if (decodedNow > DECODED) {
            throw new CodingException("a message decodes to more than " + DECODED + " bytes");
        }
        findings.add(messages.scan(bytes));
    }

    private boolean flooded() {
        return decoded > CodedBody.FREE && decoded / CodedBody.RATIO > fed;
    }

    private void refuse(Finding finding) {
        refused = true;
        findings.add(List.of(finding));
    }

    @Override
    public void finish() {
        if (length > 0) {
            look();
        }
    }

    @Override
    public long clean() {
        return scanned;
    }

    @Override
    public List<Finding> findings() {
        return findings.all();
    }
}
