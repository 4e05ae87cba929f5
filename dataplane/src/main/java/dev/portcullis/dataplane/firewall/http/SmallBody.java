package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An exchange that needs a small request body whole before it answers. */
final class SmallBody implements Exchange {
    private final ClientConnection connection;
    private final int largest;
    private final Function<byte @Nullable [], FullHttpResponse> answer;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean tooLarge;
    private boolean over;

    /**
     * An exchange.
     *
     * @param answer called once, with null when the body was larger than {@code largest} bytes
     */
    SmallBody(ClientConnection connection, int largest, Function<byte @Nullable [], FullHttpResponse> answer) {
        this.connection = connection;
        this.largest = largest;
        this.answer = answer;
    }

    @Override
    public void start() {
        connection.contentWanted();
    }

    @Override
    public boolean wantsContent() {
        return !over;
    }

    @Override
    public void content(HttpContent part) {
        var ended = part instanceof LastHttpContent;
        tooLarge |= body.size() + part.content().readableBytes() > largest;
        if (!tooLarge) {
            body.writeBytes(ByteBufUtil.getBytes(part.content()));
        }
        part.release();
        if (ended || tooLarge) {
            over = true;
            connection.reply(answer.apply(tooLarge ? null : body.toByteArray()));
        }
    }

    @Override
    public void unreadable(String sentence) {
        over = true;
        connection.abort();
    }

    @Override
    public void clientWritabilityChanged() {}

    @Override
    public void clientGone() {
        over = true;
    }

    @Override
    public void idle() {
        connection.abort();
    }

    @Override
    public void recheck(@Nullable FirewallPolicy policy, @Nullable Engagement engagement) {}
}
