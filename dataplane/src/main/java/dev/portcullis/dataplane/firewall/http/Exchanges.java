package dev.portcullis.dataplane.firewall.http;

import io.netty.handler.codec.http.HttpRequest;

/** Decides what kind of exchange a request is. */
@FunctionalInterface
public interface Exchanges {
    /** The exchange for {@code head}; {@link Exchange#start()} is called next. */
    Exchange open(ClientConnection connection, HttpRequest head);
}
