package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host. */
public interface NameResolver extends AutoCloseable {
    /**
     * The addresses of {@code host}, an address literal included, in the order they should be tried. Never blocks; the
     * future completes on {@code loop} and fails with {@link java.net.UnknownHostException}.
     */
    Future<List<InetAddress>> resolve(EventLoop loop, String host);

    @Override
    void close();
}
