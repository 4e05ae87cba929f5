package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first address of a host that answers (Happy Eyeballs, RFC 8305): the families by turns, IPv6 first, a new
 * attempt whenever one fails or {@value #DELAY_MILLIS} ms pass without an answer, at most {@value #ATTEMPTS} addresses in
 * all. The connections that come second are closed. Belongs to one event loop.
 */
final class HappyEyeballs {
    /** Time between attempts: the Connection Attempt Delay of RFC 8305 section 5. */
    static final long DELAY_MILLIS = 250;
    /** Most addresses tried. */
    static final int ATTEMPTS = 8;

    private final EventLoop loop;
    private final Function<InetAddress, ChannelFuture> attempt;
    private final ArrayDeque<InetAddress> untried;
    private final List<ChannelFuture> running = new ArrayList<>(2);
    private final Promise<Channel> won;
    private @Nullable ScheduledFuture<?> next;

    private HappyEyeballs(EventLoop loop, List<InetAddress> addresses, Function<InetAddress, ChannelFuture> attempt) {
        this.loop = loop;
        this.attempt = attempt;
        this.untried = new ArrayDeque<>(order(addresses));
        this.won = loop.newPromise();
    }

    /**
     * Connects.
     *
     * @param addresses at least one, all of them judged
     * @param attempt begins a connection to one of them
     * @return the connection; where none came about, the last failure
     */
    static Promise<Channel> connect(
            EventLoop loop, List<InetAddress> addresses, Function<InetAddress, ChannelFuture> attempt) {
        var race = new HappyEyeballs(loop, addresses, attempt);
        race.tryNext();
        return race.won;
    }

    /** The addresses by turns of their family, IPv6 first, otherwise in the order given (RFC 8305 section 4). */
    static List<InetAddress> order(List<InetAddress> addresses) {
        if (addresses.size() == 1) {
            return addresses;
        }
        var six = new ArrayDeque<InetAddress>();
        var four = new ArrayDeque<InetAddress>();
        for (var address : addresses) {
            (address instanceof Inet6Address ? six : four).add(address);
        }
        var ordered = new ArrayList<InetAddress>(Math.min(ATTEMPTS, addresses.size()));
        while (ordered.size() < ATTEMPTS && !(six.isEmpty() && four.isEmpty())) {
            var turn = ordered.size() % 2 == 0 ? six : four;
            var other = turn == six ? four : six;
            ordered.add((turn.isEmpty() ? other : turn).removeFirst());
        }
        return ordered;
    }

    private void tryNext() {
        var address = untried.pollFirst();
        if (address == null || won.isDone()) {
            return;
        }
        if (!untried.isEmpty()) {
            next = loop.schedule(this::tryNext, DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
        var connecting = attempt.apply(address);
        running.add(connecting);
        connecting.addListener((ChannelFuture done) -> ended(done));
    }

    private void ended(ChannelFuture done) {
        running.remove(done);
        if (done.isSuccess()) {
            if (won.trySuccess(done.channel())) {
                stopTimer();
                List.copyOf(running).forEach(late -> late.channel().close());
            } else {
                done.channel().close();
            }
            return;
        }
        if (won.isDone()) {
            return;
        }
        if (!untried.isEmpty()) {
            stopTimer();
            tryNext();
        } else if (running.isEmpty()) {
            won.tryFailure(done.cause());
        }
    }

    private void stopTimer() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }
}
