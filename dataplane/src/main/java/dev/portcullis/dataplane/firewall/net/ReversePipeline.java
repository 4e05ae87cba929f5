package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.ResponseEncoder;
import dev.portcullis.dataplane.firewall.http.ReverseRequests;
import dev.portcullis.dataplane.firewall.http.ReverseTally;
import dev.portcullis.dataplane.firewall.http.StrictRequestDecoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetSocketAddress;

/**
 * The order of handlers on a channel to a reverse proxy.
 *
 * <pre>
 * StrictRequestDecoder, ResponseEncoder, ReverseTally, ClientConnection
 * </pre>
 */
public final class ReversePipeline extends ChannelInitializer<Channel> {
    private static final int HEADER_BYTES = 64 * 1024;
    private static final int CONNECTIONS = 256;

    private final FirewallParts parts;
    private final String name;

    /**
     * Pipelines.
     *
     * @param name of the reverse proxy
     */
    public ReversePipeline(FirewallParts parts, String name) {
        this.parts = parts;
        this.name = name;
    }

    @Override
    protected void initChannel(Channel channel) {
        var policy = parts.policies().get();
        var client = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        var limit = policy == null ? CONNECTIONS : policy.limits().connectionsPerClient();
        var held = parts.clients().open(client);
        if (held > 2 * limit) {
            parts.clients().close(client);
            parts.metrics().connectionRefused();
            channel.close();
            return;
        }
        var encoder = new ResponseEncoder();
        channel.pipeline()
                .addLast(new StrictRequestDecoder(
                        policy == null ? HEADER_BYTES : policy.limits().headerBytes()))
                .addLast(encoder)
                .addLast(new ReverseTally(parts.metrics().reverseProxy()))
                .addLast(new ClientConnection(parts, channel, encoder, new ReverseRequests(parts, name, held > limit)));
    }
}
