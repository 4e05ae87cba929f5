package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.ResponseEncoder;
import dev.portcullis.dataplane.firewall.http.StrictRequestDecoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetSocketAddress;

/** The handlers of a connection to the scan API: those of the proxy, with other answers. */
public final class ScanApiPipeline extends ChannelInitializer<Channel> {
    private static final int HEADER_BYTES = 16 * 1024;

    private final ScanApi api;

    public ScanApiPipeline(ScanApi api) {
        this.api = api;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!api.connected()) {
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> api.disconnected());
        // ClientConnection counts it out again.
        var unused = api.parts().clients().open(((InetSocketAddress) channel.remoteAddress()).getAddress());
        var encoder = new ResponseEncoder();
        channel.pipeline()
                .addLast(new StrictRequestDecoder(HEADER_BYTES))
                .addLast(encoder)
                .addLast(new ClientConnection(api.parts(), channel, encoder, api));
    }
}
