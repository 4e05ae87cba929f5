package dev.portcullis.dataplane.firewall.tls;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.portcullis.crd.ca.CertificateAuthority;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of hosts whose tunnels are intercepted, each with the TLS context that presents it. They are made on
 * threads of their own, once for each host however many ask at once, and kept until nine tenths of their life are over or
 * {@code cacheSize} others were used later. Another authority, lifetime or size begins a new cache; connections that are
 * open keep what they have. At most {@value #QUEUE} hosts wait for a certificate; a further one gets none. Thread-safe.
 */
public final class LeafCache implements AutoCloseable {
    private static final int QUEUE = 1024;
    private static final int THREADS = 2;

    /** What one authority signs. */
    private static final class Generation {
        final CertificateAuthority authority;
        final Duration lifetime;
        final int size;
        final LeafSigner signer;
        final AsyncCache<String, SslContext> contexts;

        Generation(InterceptionRules rules, CertificateAuthority authority, InstantSource clock, Ticker ticker) {
            this.authority = authority;
            this.lifetime = rules.leafLifetime();
            this.size = rules.cacheSize();
            this.signer = new LeafSigner(authority);
            var last = authority.certificate().getNotAfter().toInstant();
            this.contexts = Caffeine.newBuilder()
                    .maximumSize(size)
                    .ticker(ticker)
                    .expireAfter(Expiry.<String, SslContext>creating((host, context) -> {
                        var kept = lifetime.multipliedBy(9).dividedBy(10);
                        var left = Duration.between(clock.instant(), last);
                        return left.compareTo(kept) < 0 ? left : kept;
                    }))
                    .evictionListener((@Nullable String host, @Nullable SslContext context, RemovalCause cause) ->
                            ReferenceCountUtil.release(context))
                    .buildAsync();
        }

        /** Gives the native memory back; open connections hold their own reference. */
        void letGo() {
            contexts.asMap().values().forEach(context -> context.thenAccept(ReferenceCountUtil::release));
        }

        boolean serves(InterceptionRules rules) {
            return authority.equals(rules.authority())
                    && lifetime.equals(rules.leafLifetime())
                    && size == rules.cacheSize();
        }
    }

    /**
     * A certificate that is being made. What fails is completed with null, which the cache drops without a word; a failure it
     * would log with its stack each time, beside the line of the tunnel that ends by it.
     */
    private static final class Minting extends CompletableFuture<@Nullable SslContext> {
        /** Its outcome for those who asked, once the cache knows it. */
        final CompletableFuture<SslContext> told = new CompletableFuture<>();
    }

    private final InstantSource clock;
    private final Ticker ticker;
    private final ThreadPoolExecutor minting = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("leaf-certificates-", 0).daemon(true).factory());
    private volatile @Nullable Generation current;

    /** An empty cache. */
    public LeafCache(InstantSource clock) {
        this(clock, Ticker.systemTicker());
    }

    LeafCache(InstantSource clock, Ticker ticker) {
        this.clock = clock;
        this.ticker = ticker;
        minting.allowCoreThreadTimeOut(true);
    }

    /**
     * The TLS context that presents a certificate for {@code host}; a user retains it while it makes a handler of it, and
     * asks again where it was dropped meanwhile. Never blocks. It may be done at once or completed on another thread; it
     * fails with the reason in a {@link GeneralSecurityException} or {@link
     * java.util.concurrent.RejectedExecutionException}, perhaps wrapped in a {@link CompletionException}.
     *
     * @param host in lower case, a name or an address without brackets
     */
    public CompletableFuture<SslContext> of(InterceptionRules rules, String host) {
        try {
            var generation = generation(rules);
            var kept = generation.contexts.get(host, (name, unused) -> mint(generation, name));
            return kept instanceof Minting made ? made.told : kept;
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Minting mint(Generation generation, String host) {
        var made = new Minting();
        minting.execute(() -> {
            try {
                var context = context(generation, host);
                made.complete(context);
                made.told.complete(context);
            } catch (Throwable e) {
                made.complete(null);
                made.told.completeExceptionally(e);
            }
        });
        return made;
    }

    private Generation generation(InterceptionRules rules) {
        var now = current;
        if (now != null && now.serves(rules)) {
            return now;
        }
        synchronized (this) {
            now = current;
            if (now == null || !now.serves(rules)) {
                var before = now;
                now = new Generation(rules, Objects.requireNonNull(rules.authority()), clock, ticker);
                current = now;
                if (before != null) {
                    before.letGo();
                }
            }
            return now;
        }
    }

    private SslContext context(Generation generation, String host) {
        try {
            var chain = generation.signer.sign(host, clock.instant(), generation.lifetime);
            return SslContextBuilder.forServer(
                            generation.signer.key(), chain.toArray(java.security.cert.X509Certificate[]::new))
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_2,
                            ApplicationProtocolNames.HTTP_1_1))
                    .build();
        } catch (GeneralSecurityException | SSLException e) {
            throw new CompletionException(e);
        }
    }

    /** How many certificates are kept now. */
    public long size() {
        var now = current;
        if (now == null) {
            return 0;
        }
        var kept = now.contexts.synchronous();
        kept.cleanUp();
        return kept.estimatedSize();
    }

    /** Stops making certificates and lets go of those that are kept. */
    @Override
    public synchronized void close() {
        minting.shutdownNow();
        var last = current;
        current = null;
        if (last != null) {
            last.letGo();
        }
    }
}
