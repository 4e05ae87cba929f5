package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.Carrier;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Dispatch;
import dev.portcullis.dataplane.firewall.http.Exchanges;
import dev.portcullis.dataplane.firewall.http.LocalRoutes;
import dev.portcullis.dataplane.firewall.http.ResponseEncoder;
import dev.portcullis.dataplane.firewall.http.StrictRequestDecoder;
import dev.portcullis.dataplane.firewall.tls.ClientPipeline;
import dev.portcullis.dataplane.firewall.tls.Interception;
import dev.portcullis.dataplane.firewall.tunnel.ConnectRequest;
import dev.portcullis.dataplane.firewall.tunnel.SniGate;
import dev.portcullis.dataplane.firewall.tunnel.Tunnel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.SslHandler;

/**
 * The order of handlers on a client's channel; nothing else adds or removes any.
 *
 * <pre>
 * HTTP:    StrictRequestDecoder, ResponseEncoder, ClientConnection
 * tunnel:  SniGate where names are verified, then Relay
 * TLS:     SniGate, then SslHandler, then as for HTTP behind it, or Http2FrameLimit, Http2FrameCodec,
 *          Http2MultiplexHandler and for each stream Http2Translation, ClientConnection
 * </pre>
 */
public final class ProxyPipeline extends ChannelInitializer<Channel> implements ClientPipeline {
    private final FirewallParts parts;
    private final LocalRoutes routes;

    public ProxyPipeline(FirewallParts parts) {
        this.parts = parts;
        this.routes = new LocalRoutes(parts);
    }

    @Override
    protected void initChannel(Channel channel) {
        var bounds = ConnectionBounds.admit(parts, channel);
        if (bounds == null) {
            return;
        }
        var encoder = new ResponseEncoder();
        var dispatch = new Dispatch(
                parts,
                (connection, in, subject, head, host, port, url) -> {
                    var request = new ConnectRequest(connection, parts, in, subject, head, host, port, url);
                    return in.interception().covers(host) ? new Interception(request, this) : new Tunnel(request, this);
                },
                routes,
                bounds.overLimit());
        addHttp1(channel, encoder, new ClientConnection(parts, channel, encoder, dispatch));
    }

    private void addHttp1(Channel channel, ResponseEncoder encoder, ClientConnection connection) {
        channel.pipeline()
                .addLast(new StrictRequestDecoder(ConnectionBounds.headerBytes(parts)))
                .addLast(encoder)
                .addLast(connection);
    }

    /** HTTP leaves; the decoder goes last, since what it has not read goes to {@code handler}. */
    @Override
    public void toTunnel(Channel channel, ChannelHandler handler) {
        var pipeline = channel.pipeline();
        pipeline.remove(ClientConnection.class);
        pipeline.remove(ResponseEncoder.class);
        pipeline.addLast(handler);
        pipeline.remove(StrictRequestDecoder.class);
    }

    @Override
    public void toTls(Channel channel, SslHandler tls) {
        channel.pipeline().addLast(tls, HandshakeErrors.IGNORED);
        channel.pipeline().remove(SniGate.class);
    }

    @Override
    public void toHttp2(Channel channel, Exchanges requests, Carrier carrier) {
        var headerBytes = ConnectionBounds.headerBytes(parts);
        var translation = new Http2Translation(true);
        var largeHeaders = new ClientHttp2.LargeHeaders(headerBytes);
        var streams = new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.config().setAutoRead(false);
                stream.pipeline()
                        .addLast(new ClientHttp2.RequiredFields())
                        .addLast(translation)
                        .addLast(largeHeaders)
                        .addLast(new ClientConnection(parts, stream, null, requests, carrier));
            }
        };
        channel.pipeline().remove(HandshakeErrors.IGNORED);
        var codec = ClientHttp2.codec(headerBytes);
        channel.pipeline()
                .addLast(new Http2FrameLimit(true, parts.nanoClock()))
                .addLast(codec)
                .addLast(new Http2MultiplexHandler(streams))
                .addLast(new ClientHttp2.Faults(parts.metrics()));
        Http2Windows.widen(channel, codec, ClientHttp2.STREAMS);
        // What streams cannot take is held back by their windows.
        channel.config().setAutoRead(true);
    }

    @Override
    public void toHttp1(Channel channel, Exchanges requests, Carrier carrier) {
        channel.pipeline().remove(HandshakeErrors.IGNORED);
        var encoder = new ResponseEncoder();
        addHttp1(channel, encoder, new ClientConnection(parts, channel, encoder, requests, carrier));
    }
}
