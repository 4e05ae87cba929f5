package dev.portcullis.dataplane.firewall.tls;

import dev.portcullis.dataplane.firewall.http.Carrier;
import dev.portcullis.dataplane.firewall.http.Exchanges;
import dev.portcullis.dataplane.firewall.tunnel.Tunnel;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;

/** How the pipeline of an intercepted client changes, step by step. Called on the channel's event loop. */
public interface ClientPipeline extends Tunnel.Upgrade {
    /** TLS comes, and is given what the gate held. */
    void toTls(Channel client, SslHandler tls);

    /** HTTP/1.1 comes behind TLS. */
    void toHttp1(Channel client, Exchanges requests, Carrier carrier);

    /** HTTP/2 comes behind TLS; each stream is a connection of its own that carries one request. */
    void toHttp2(Channel client, Exchanges requests, Carrier carrier);
}
