package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.ResponseEncoder;
import dev.portcullis.dataplane.firewall.http.ReverseRequests;
import dev.portcullis.dataplane.firewall.http.ReverseTally;
import dev.portcullis.dataplane.firewall.http.StrictRequestDecoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;

/**
 * The order of handlers on a channel to a reverse proxy.
 *
 * <pre>
 * StrictRequestDecoder, ResponseEncoder, ReverseTally, ClientConnection
 * </pre>
 */
public final class ReversePipeline extends ChannelInitializer<Channel> {
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
        var bounds = ConnectionBounds.admit(parts, channel);
        if (bounds == null) {
            return;
        }
        var encoder = new ResponseEncoder();
        channel.pipeline()
                .addLast(new StrictRequestDecoder(bounds.headerBytes()))
                .addLast(encoder)
                .addLast(new ReverseTally(parts.metrics().reverseProxy()))
                .addLast(new ClientConnection(
                        parts, channel, encoder, new ReverseRequests(parts, name, bounds.overLimit())));
    }
}
