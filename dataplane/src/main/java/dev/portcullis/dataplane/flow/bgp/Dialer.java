package dev.portcullis.dataplane.flow.bgp;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;

/** Opens connections to neighbours. */
@FunctionalInterface
interface Dialer {
    /** Connects to {@code peer} without waiting; the future fails where that cannot be, and says why. */
    ChannelFuture dial(Peer peer, ChannelHandler handler);
}
