package dev.portcullis.dataplane.firewall.net;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
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
 * of its own. Answers are kept for {@value #KEEP_SECONDS} s whatever their TTL, at most {@value #KEPT} of them.
 */
public final class DnsNames implements NameResolver {
    private static final int KEPT = 10_000;
    private static final int KEEP_SECONDS = 10;
    private static final int QUERY_MILLIS = 2_000;
    private static final int MOST_QUERIES = 12;
    private static final int PLATFORM_QUEUE = 256;

    private final EventLoops loops;
    private final Map<EventLoop, DnsNameResolver> resolvers = new ConcurrentHashMap<>();
    private final Cache<String, List<InetAddress>> answers = Caffeine.newBuilder()
            .maximumSize(KEPT)
            .expireAfterWrite(Duration.ofSeconds(KEEP_SECONDS))
            .build();
    private final ThreadPoolExecutor platform = new ThreadPoolExecutor(
            2,
            2,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(PLATFORM_QUEUE),
            Thread.ofPlatform().name("platform-resolver-", 0).daemon(true).factory());

    public DnsNames(EventLoops loops) {
        this.loops = loops;
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
            return loop.newSucceededFuture(known);
        }
        Promise<List<InetAddress>> answer = loop.newPromise();
        resolvers
                .computeIfAbsent(loop, this::resolver)
                .resolveAll(host)
                .addListener((Future<List<InetAddress>> found) -> {
                    if (found.isSuccess()) {
                        var addresses = List.copyOf(found.getNow());
                        answers.put(host, addresses);
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
        resolvers.values().forEach(DnsNameResolver::close);
        platform.shutdownNow();
    }

    private DnsNameResolver resolver(EventLoop loop) {
        return new DnsNameResolverBuilder(loop)
                .datagramChannelType(loops.datagram())
                .socketChannelType(loops.client().asSubclass(SocketChannel.class))
                .queryTimeoutMillis(QUERY_MILLIS)
                .maxQueriesPerResolve(MOST_QUERIES)
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .build();
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
                    answers.put(host, addresses);
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
