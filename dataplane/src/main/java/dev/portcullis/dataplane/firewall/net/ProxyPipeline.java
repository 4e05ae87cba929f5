package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Dispatch;
import dev.portcullis.dataplane.firewall.http.LocalRoutes;
import dev.portcullis.dataplane.firewall.http.ResponseEncoder;
import dev.portcullis.dataplane.firewall.http.StrictRequestDecoder;
import dev.portcullis.dataplane.firewall.tunnel.Tunnel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.net.InetSocketAddress;

/**
 * The order of handlers on a client's channel; nothing else adds or removes any.
 *
 * <pre>
 * HTTP:    StrictRequestDecoder, ResponseEncoder, ClientConnection
 * tunnel:  SniGate where names are verified, then Relay
 * </pre>
 */
public final class ProxyPipeline extends ChannelInitializer<Channel> {
    private static final int HEADER_BYTES = 64 * 1024;
    private static final int CONNECTIONS = 256;

    private final FirewallParts parts;
    private final LocalRoutes routes;

    public ProxyPipeline(FirewallParts parts) {
        this.parts = parts;
        this.routes = new LocalRoutes(parts);
    }

    @Override
    protected void initChannel(Channel channel) {
        var policy = parts.policies().get();
        var client = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        var limit = policy == null ? CONNECTIONS : policy.limits().connectionsPerClient();
        var held = parts.clients().open(client);
        if (held > 2 * limit) {
            // Even telling it so would cost more than it may have.
            parts.clients().close(client);
            parts.metrics().connectionRefused();
            channel.close();
            return;
        }
        var encoder = new ResponseEncoder();
        var dispatch = new Dispatch(
                parts,
                (connection, in, subject, head, host, port, url) ->
                        new Tunnel(connection, parts, in, subject, head, host, port, url, ProxyPipeline::toTunnel),
                routes,
                held > limit);
        channel.pipeline()
                .addLast(new StrictRequestDecoder(
                        policy == null ? HEADER_BYTES : policy.limits().headerBytes()))
                .addLast(encoder)
                .addLast(new ClientConnection(parts, channel, encoder, dispatch));
    }

    /** HTTP leaves; the decoder goes last, since what it has not read goes to {@code handler}. */
    private static void toTunnel(Channel channel, ChannelHandler handler) {
        var pipeline = channel.pipeline();
        pipeline.remove(ClientConnection.class);
        pipeline.remove(ResponseEncoder.class);
        pipeline.addLast(handler);
        pipeline.remove(StrictRequestDecoder.class);
    }
}
