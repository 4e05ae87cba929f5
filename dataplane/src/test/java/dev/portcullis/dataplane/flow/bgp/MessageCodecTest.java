package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Wire.bytes;
import static dev.portcullis.dataplane.flow.bgp.Wire.hex;
import static dev.portcullis.dataplane.flow.bgp.Wire.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.bgp.Message.Keepalive;
import dev.portcullis.dataplane.flow.bgp.Message.RouteRefresh;
import dev.portcullis.dataplane.flow.bgp.Message.Update;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The messages of RFC 4271 section 4, whole, broken and hostile. */
class MessageCodecTest {
    private static final String PARAMETERLESS = "04" + "fdec" + "005a" + "c0000204" + "00";

    @Test
    void anOpenSaysEverythingThisSpeakerCan() {
        var open = new Open(4_200_000_001L, 90, 0xC000020A, true, EnumSet.allOf(AddressFamily.class), true, true, true);
        assertThat(written(MessageCodec.open(UnpooledByteBufAllocator.DEFAULT, open)))
                .isEqualTo(Wire.MARKER + "0045" + "01"
                        + "04" + "5ba0" + "005a" + "c000020a" + "28" // version, AS_TRANS, hold time, identifier
                        + "02" + "26" // capabilities
                        + "010400010001" + "010400020001" + "010400010085" + "010400020085"
                        + "0200" // route refresh
                        + "0600" // extended message
                        + "40020000" // graceful restart: R=0, N=0, time 0, no family
                        + "4104fa56ea01"); // four-octet AS
    }

    @Test
    void anOpenIsReadWithItsCapabilities() {
        var open = new Open(
                4_200_000_001L, 90, 0xC0000204, true, EnumSet.of(AddressFamily.IPV6_FLOWSPEC), true, true, false);
        assertThat(read(Wire.open(4_200_000_001L, 90, "010400020085" + "0200" + "4104fa56ea01" + "4506deadbeef0000")))
                .containsExactly(open);
    }

    @Test
    void anOpenWithoutCapabilitiesIsAnOldSpeaker() {
        assertThat(read(message(1, PARAMETERLESS)))
                .containsExactly(new Open(
                        65004, 90, 0xC0000204, false, EnumSet.noneOf(AddressFamily.class), false, false, false));
    }

    @Test
    void longOptionalParametersAreRead() {
        // RFC 9072: 255, 255, two octets of length; then each parameter with two octets of length
        var parameters = "02" + "0006" + "4104fa56ea01" + "02" + "0002" + "0200";
        var open = "04" + "5ba0" + "005a" + "c0000204" + "ff" + "ff" + "000e" + parameters;
        assertThat(read(message(1, open))).first().isInstanceOfSatisfying(Open.class, read -> {
            assertThat(read.asn()).isEqualTo(4_200_000_001L);
            assertThat(read.routeRefresh()).isTrue();
        });
    }

    @Test
    void theOtherMessagesAreRead() {
        assertThat(read(Wire.KEEPALIVE)).containsExactly(new Keepalive());
        assertThat(read(message(3, "0602" + "0362 7965"))).containsExactly(new Notification(6, 2, bytes("03627965")));
        assertThat(read(message(5, "00010085"))).containsExactly(new RouteRefresh(AddressFamily.IPV4_FLOWSPEC));
        assertThat(read(message(5, "40044047"))).containsExactly(new RouteRefresh(null));
        assertThat(read(Wire.EMPTY_UPDATE)).containsExactly(new Update());
        assertThat(read(message(2, "0004" + "18cb0071" + "0004" + "40010100" + "18c63364")))
                .containsExactly(new Update());
        assertThat(written(MessageCodec.keepalive(UnpooledByteBufAllocator.DEFAULT)))
                .isEqualTo(hex(Wire.KEEPALIVE));
    }

    @Test
    void messagesAreReadHoweverTheStreamIsCut() {
        var stream =
                bytes(hex(Wire.open(65004, 90)) + hex(Wire.KEEPALIVE) + hex(Wire.EMPTY_UPDATE) + hex(Wire.KEEPALIVE));
        for (var size = 1; size <= stream.length; size++) {
            var channel = new EmbeddedChannel(new MessageCodec());
            for (var start = 0; start < stream.length; start += size) {
                channel.writeInbound(Unpooled.copiedBuffer(stream, start, Math.min(size, stream.length - start)));
            }
            assertThat(channel.inboundMessages()).hasSize(4).noneMatch(Malformed.class::isInstance);
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    00ffffffffffffffffffffffffffffff 0013 04, 1/1, ''
                    ffffffffffffffffffffffffffffff00 0013 04, 1/1, ''
                    ffffffffffffffffffffffffffffffff 0012 04, 1/2, 0012
                    ffffffffffffffffffffffffffffffff 0000 04, 1/2, 0000
                    ffffffffffffffffffffffffffffffff 0014 04, 1/2, 0014
                    ffffffffffffffffffffffffffffffff 001c 01, 1/2, 001c
                    ffffffffffffffffffffffffffffffff 1001 01, 1/2, 1001
                    ffffffffffffffffffffffffffffffff 0016 02, 1/2, 0016
                    ffffffffffffffffffffffffffffffff 1001 02, 1/2, 1001
                    ffffffffffffffffffffffffffffffff ffff 02, 1/2, ffff
                    ffffffffffffffffffffffffffffffff 0014 03, 1/2, 0014
                    ffffffffffffffffffffffffffffffff 0016 05, 1/2, 0016
                    ffffffffffffffffffffffffffffffff 0018 05, 1/2, 0018
                    ffffffffffffffffffffffffffffffff 0013 00, 1/3, 00
                    ffffffffffffffffffffffffffffffff 0013 06, 1/3, 06
                    ffffffffffffffffffffffffffffffff ffff ff, 1/3, ff
                    """)
    void aBrokenHeaderIsAnsweredByItsError(String header, String error, String data) {
        assertMalformed(bytes(header), error, data);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    03 fdec 005a c0000204 00,                          2/1, 0004
                    04 fdec 0001 c0000204 00,                          2/6, ''
                    04 fdec 0002 c0000204 00,                          2/6, ''
                    04 fdec 005a 00000000 00,                          2/3, ''
                    04 0000 005a c0000204 00,                          2/2, ''
                    04 fdec 005a c0000204 08 02 06 4104 00000000,      2/2, ''
                    04 fdec 005a c0000204 01,                          2/0, ''
                    04 fdec 005a c0000204 ff,                          2/0, ''
                    04 fdec 005a c0000204 00 00,                       2/0, ''
                    04 fdec 005a c0000204 02 02,                       2/0, ''
                    04 fdec 005a c0000204 02 02 01,                    2/0, ''
                    04 fdec 005a c0000204 03 01 01 00,                 2/4, ''
                    04 fdec 005a c0000204 03 02 01 01,                 2/0, ''
                    04 fdec 005a c0000204 04 02 02 02 01,              2/0, ''
                    04 fdec 005a c0000204 07 02 05 4103 000001,        2/0, ''
                    04 fdec 005a c0000204 07 02 05 0103 000100,        2/0, ''
                    04 fdec 005a c0000204 ff ff 00,                    2/0, ''
                    04 fdec 005a c0000204 ff ff 0001,                  2/0, ''
                    04 fdec 005a c0000204 ff ff 0003 02 0001,          2/0, ''
                    04 fdec 005a c0000204 01 ff,                       2/0, ''
                    """)
    void aBrokenOpenIsAnsweredByItsError(String body, String error, String data) {
        assertMalformed(message(1, body), error, data);
    }

    @ParameterizedTest
    @CsvSource({"0001 0000", "ffff 0000", "0000 0001", "0000 ffff", "0002 0000", "0003 ff 0000 00"})
    void anUpdateWhoseLengthsLieIsAnsweredByItsError(String body) {
        assertMalformed(message(2, body), "3/1", "");
    }

    static List<byte[]> wholeMessages() {
        return List.of(
                Wire.open(4_200_000_001L, 90),
                message(1, "04" + "5ba0" + "005a" + "c0000204" + "ff" + "ff" + "0009" + "02" + "0006" + "4104fa56ea01"),
                message(2, "0004" + "18cb0071" + "0004" + "40010100" + "18c63364"),
                message(3, "0602" + "03627965"),
                Wire.KEEPALIVE,
                message(5, "00010001"));
    }

    /** Cut in transit: the rest may still come, so nothing is said; and nothing is left when the connection closes. */
    @ParameterizedTest
    @MethodSource("wholeMessages")
    void aMessageCutShortIsWaitedFor(byte[] whole) {
        for (var length = 0; length < whole.length; length++) {
            assertThat(read(Arrays.copyOf(whole, length))).isEmpty();
        }
        assertThat(read(whole)).hasSize(1);
    }

    /** Cut before it was sent, with a header that fits: each is a message or an error, never an exception. */
    @ParameterizedTest
    @MethodSource("wholeMessages")
    void aShorterMessageIsReadOrRefused(byte[] whole) {
        for (var length = 19; length < whole.length; length++) {
            var shorter = Arrays.copyOf(whole, length);
            shorter[16] = (byte) (length >>> 8);
            shorter[17] = (byte) length;
            assertThat(read(shorter)).as("%d octets", length).hasSize(1);
            if (Wire.type(whole) == 1) {
                assertThat(read(shorter)).first().isInstanceOf(Malformed.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("wholeMessages")
    void anyOctetMayLie(byte[] whole) {
        for (var position = 0; position < whole.length; position++) {
            for (var value = 0; value < 256; value++) {
                var lying = whole.clone();
                lying[position] = (byte) value;
                // A shorter length makes the rest the start of a next message, which then is none.
                var messages = read(lying);
                assertThat(messages).hasSizeLessThanOrEqualTo(2);
                if (messages.size() == 2) {
                    assertThat(messages.getLast()).isInstanceOf(Malformed.class);
                }
            }
        }
    }

    @Test
    void noiseIsRefusedAtItsFirstOctet() {
        assertMalformed(new byte[] {'H'}, "1/1", "");
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++) {
            var noise = new byte[random.nextInt(200) + 1];
            random.nextBytes(noise);
            noise[0] = 'G';
            assertMalformed(noise, "1/1", "");
        }
    }

    @Test
    void nothingIsReadAfterAnError() {
        var channel = new EmbeddedChannel(new MessageCodec());
        channel.writeInbound(Unpooled.copiedBuffer(message(9, ""), Wire.KEEPALIVE));
        channel.writeInbound(Unpooled.copiedBuffer(Wire.KEEPALIVE));
        assertThat(channel.inboundMessages()).hasSize(1);
        channel.finishAndReleaseAll();
    }

    @Test
    void messagesBeyond4096OctetsAreReadOnceAgreedOn() {
        var longest = message(2, "0000" + "0000" + "00".repeat(MessageCodec.MAX_EXTENDED_LENGTH - 23));
        assertMalformed(longest, "1/2", "ffff");
        var codec = new MessageCodec();
        codec.allowExtendedMessages();
        var channel = new EmbeddedChannel(codec);
        channel.writeInbound(Unpooled.copiedBuffer(longest));
        assertThat(channel.<Object>readInbound()).isEqualTo(new Update());
        // RFC 8654 section 3 keeps OPEN and KEEPALIVE short
        channel.writeInbound(Unpooled.copiedBuffer(bytes(Wire.MARKER + "1001" + "01")));
        assertThat(channel.<Object>readInbound()).isInstanceOf(Malformed.class);
        channel.finishAndReleaseAll();
    }

    @Test
    void aShutdownSaysWhyInItsDataAndInWords() {
        var shutdown = Notification.cease(2, "Portcullis is shutting down");
        assertThat(written(MessageCodec.notification(UnpooledByteBufAllocator.DEFAULT, shutdown)))
                .isEqualTo(Wire.MARKER + "0031" + "03" + "0602" + "1b"
                        + hex("Portcullis is shutting down".getBytes(StandardCharsets.US_ASCII)));
        assertThat(shutdown.describe())
                .isEqualTo("Cease (6/2): Administrative Shutdown, \"Portcullis is shutting down\"");
        assertThat(new Notification(6, 2, bytes("ff 41 0a 42")).describe()).endsWith("\"A?B\"");
        assertThat(Notification.cease(2, "x".repeat(300)).data()).hasSize(256);
        assertThat(new Notification(99, 7).describe()).isEqualTo("NOTIFICATION (99/7)");
    }

    private static void assertMalformed(byte[] bytes, String error, String data) {
        assertThat(read(bytes)).singleElement().isInstanceOfSatisfying(Malformed.class, malformed -> {
            var reply = malformed.reply();
            assertThat(reply.code() + "/" + reply.subcode()).isEqualTo(error);
            assertThat(hex(reply.data())).isEqualTo(data);
        });
    }

    private static List<Object> read(byte[] bytes) {
        var channel = new EmbeddedChannel(new MessageCodec());
        channel.writeInbound(Unpooled.copiedBuffer(bytes));
        var messages = new ArrayList<>(channel.inboundMessages());
        channel.finishAndReleaseAll();
        channel.checkException();
        return messages;
    }

    private static String written(ByteBuf message) {
        var bytes = new byte[message.readableBytes()];
        message.readBytes(bytes).release();
        return hex(bytes);
    }
}
