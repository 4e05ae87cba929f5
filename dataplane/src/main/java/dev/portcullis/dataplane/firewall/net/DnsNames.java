package dev.portcullis.dataplane.firewall.net;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Resolves by the hosts file and DNS servers of this machine, search domains included, without blocking. Where DNS gives
 * no answer at all (not where it says that a name does not exist), the platform's own resolver is asked on two threads
 * of its own. An answer is kept for as long as the shortest-lived of its records says, {@value #LEAST_SECONDS} to
 * {@value #MOST_SECONDS} s, or {@value #KEEP_SECONDS} s where nothing says how long: from the hosts file and the platform. At most {@value #KEPT}
 * of them are kept.
 */
public final class DnsNames implements NameResolver {
    private static final int KEPT = 10_000;
    private static final int KEEP_SECONDS = 10;
    private static final int LEAST_SECONDS = 1;
    private static final int MOST_SECONDS = 60;
    private static final int QUERY_MILLIS = 2_000;
    private static final int MOST_QUERIES = 12;
    private static final int PLATFORM_QUEUE = 256;

    private record Answer(List<InetAddress> addresses, int seconds) {}

    private record Asked(DnsNameResolver resolver, RecordLifetimes lifetimes) {}

    private final EventLoops loops;
    private final DnsServerAddressStreamProvider servers;
    private final Map<EventLoop, Asked> resolvers = new ConcurrentHashMap<>();
    private final Cache<String, Answer> answers;
    private final ThreadPoolExecutor platform = new ThreadPoolExecutor(
            2,
            2,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(PLATFORM_QUEUE),
            Thread.ofPlatform().name("platform-resolver-", 0).daemon(true).factory());

    /** Asks the servers of this machine. */
    public DnsNames(EventLoops loops) {
        this(loops, DnsServerAddressStreamProviders.platformDefault(), Ticker.systemTicker());
    }

    DnsNames(EventLoops loops, DnsServerAddressStreamProvider servers, Ticker ticker) {
        this.loops = loops;
        this.servers = servers;
        answers = Caffeine.newBuilder()
                .maximumSize(KEPT)
                .ticker(ticker)
                .expireAfter(Expiry.writing((String host, Answer answer) -> Duration.ofSeconds(answer.seconds())))
                .build();
        platform.allowCoreThreadTimeOut(true);
    }

    @Override
    public Future<List<InetAddress>> resolve(EventLoop loop, String host) {
        var literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            return loop.newSucceededFuture(List.of(address(literal)));
        }
        var known = answers.getIfPresent(host);
        if (known != null) {
            return loop.newSucceededFuture(known.addresses());
        }
        Promise<List<InetAddress>> answer = loop.newPromise();
        var asked = resolvers.computeIfAbsent(loop, this::resolver);
        asked.resolver().resolveAll(host).addListener((Future<List<InetAddress>> found) -> {
            if (found.isSuccess()) {
                var addresses = List.copyOf(found.getNow());
                var seconds = asked.lifetimes().take(host);
                answers.put(
                        host,
                        new Answer(
                                addresses,
                                seconds < 0 ? KEEP_SECONDS : (int) Math.clamp(seconds, LEAST_SECONDS, MOST_SECONDS)));
                answer.trySuccess(addresses);
            } else if (saysThereIsNone(found.cause())) {
                answer.tryFailure(found.cause());
            } else {
                askPlatform(host, answer);
            }
        });
        return answer;
    }

    @Override
    public void close() {
        resolvers.values().forEach(asked -> asked.resolver().close());
        platform.shutdownNow();
    }

    private Asked resolver(EventLoop loop) {
        var lifetimes = new RecordLifetimes();
        var resolver = new DnsNameResolverBuilder(loop)
                .nameServerProvider(servers)
                .datagramChannelType(loops.datagram())
                .socketChannelType(loops.client().asSubclass(SocketChannel.class))
                .queryTimeoutMillis(QUERY_MILLIS)
                .maxQueriesPerResolve(MOST_QUERIES)
                .resolveCache(lifetimes)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .build();
        return new Asked(resolver, lifetimes);
    }

    private static boolean saysThereIsNone(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsErrorCauseException error) {
                return error.getCode().equals(DnsResponseCode.NXDOMAIN);
            }
        }
        return false;
    }

    private void askPlatform(String host, Promise<List<InetAddress>> answer) {
        try {
            platform.execute(() -> {
                try {
                    var addresses = List.of(InetAddress.getAllByName(host));
                    answers.put(host, new Answer(addresses, KEEP_SECONDS));
                    answer.trySuccess(addresses);
                } catch (UnknownHostException e) {
                    answer.tryFailure(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.tryFailure(new UnknownHostException(host + ": too many lookups are waiting"));
        }
    }

    private static InetAddress address(byte[] literal) {
        try {
            return InetAddress.getByAddress(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
