package dev.portcullis.dataplane.firewall.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LeafCacheTest {
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("test", Instant.now());

    private final AtomicLong ticks = new AtomicLong();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    private LeafCache cache() {
        return new LeafCache(now::get, (Ticker) ticks::get);
    }

    private void pass(Duration time) {
        ticks.addAndGet(time.toNanos());
        now.updateAndGet(instant -> instant.plus(time));
    }

    private static InterceptionRules rules(CertificateAuthority authority, Duration lifetime, int size) {
        return new InterceptionRules(authority, new DomainSet(List.of("*")), new DomainSet(List.of()), lifetime, size);
    }

    private static SslContext leaf(LeafCache cache, InterceptionRules rules, String host) throws Exception {
        return cache.of(rules, host).get(20, TimeUnit.SECONDS);
    }

    @Test
    void everyoneWhoAsksAtOnceGetsTheOneCertificate() throws Exception {
        var rules = rules(AUTHORITY, Duration.ofHours(24), 100);
        try (var cache = cache()) {
            var go = new CountDownLatch(1);
            var all = new ArrayList<CompletableFuture<SslContext>>();
            for (var i = 0; i < 50; i++) {
                var one = new CompletableFuture<SslContext>();
                all.add(one);
                Thread.ofVirtual().start(() -> {
                    try {
                        go.await();
                        one.complete(leaf(cache, rules, "a.test"));
                    } catch (Exception e) {
                        one.completeExceptionally(e);
                    }
                });
            }
            go.countDown();
            var first = all.getFirst().get(20, TimeUnit.SECONDS);
            for (var one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS)).isSameAs(first);
            }
            assertThat(cache.size()).isEqualTo(1);
        }
    }

    @Test
    void noMoreAreKeptThanThePolicySaysAndTheirMemoryIsGivenBack() throws Exception {
        var rules = rules(AUTHORITY, Duration.ofHours(24), 10);
        try (var cache = cache()) {
            var made = new ArrayList<SslContext>();
            for (var i = 0; i < 60; i++) {
                made.add(leaf(cache, rules, "host" + i + ".test"));
            }
            await().untilAsserted(() -> {
                assertThat(cache.size()).isEqualTo(10);
                assertThat(made.stream().filter(context -> ReferenceCountUtil.refCnt(context) > 0))
                        .hasSize(10);
            });
        }
    }

    @Test
    void oneIsMadeAnewBeforeItExpires() throws Exception {
        var rules = rules(AUTHORITY, Duration.ofHours(10), 10);
        try (var cache = cache()) {
            var first = leaf(cache, rules, "a.test");
            pass(Duration.ofMinutes(8 * 60 + 59));
            assertThat(leaf(cache, rules, "a.test")).isSameAs(first);
            pass(Duration.ofMinutes(2));
            assertThat(leaf(cache, rules, "a.test")).isNotSameAs(first);
        }
    }

    @Test
    void anotherAuthorityBeginsANewCacheAndWhatIsInUseStays() throws Exception {
        var other = CertificateAuthority.create("other", Instant.now());
        try (var cache = cache()) {
            var before = leaf(cache, rules(AUTHORITY, Duration.ofHours(10), 10), "a.test");
            var used = before.newHandler(UnpooledByteBufAllocator.DEFAULT);
            var after = leaf(cache, rules(other, Duration.ofHours(10), 10), "a.test");
            assertThat(after).isNotSameAs(before);
            assertThat(cache.size()).isEqualTo(1);
            // The handler of an open connection holds what it needs of the first.
            assertThat(used.engine().getSession()).isNotNull();
            ReferenceCountUtil.release(used.engine());
            assertThat(ReferenceCountUtil.refCnt(before)).isZero();
        }
    }

    @Test
    void anAuthorityThatHasExpiredSignsNothingAndSaysSo() throws Exception {
        var rules = rules(AUTHORITY, Duration.ofHours(10), 10);
        try (var cache = cache()) {
            leaf(cache, rules, "a.test");
            pass(CertificateAuthority.LIFETIME);
            for (var host : List.of("a.test", "b.test")) {
                assertThatThrownBy(() -> leaf(cache, rules, host))
                        .isInstanceOf(ExecutionException.class)
                        .rootCause()
                        .isInstanceOf(GeneralSecurityException.class)
                        .hasMessageContaining("expired on");
            }
        }
    }

    @Test
    void aLeafIsNeverKeptLongerThanItsAuthorityLives() throws Exception {
        var rules = rules(AUTHORITY, Duration.ofDays(30), 10);
        try (var cache = cache()) {
            pass(CertificateAuthority.LIFETIME.minusDays(1));
            var first = leaf(cache, rules, "a.test");
            pass(Duration.ofHours(20));
            assertThat(leaf(cache, rules, "a.test")).isSameAs(first);
            pass(Duration.ofHours(5));
            assertThatThrownBy(() -> leaf(cache, rules, "a.test")).isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void aClosedCacheMakesNothing() {
        var cache = cache();
        cache.close();
        assertThat(cache.of(rules(AUTHORITY, Duration.ofHours(1), 10), "a.test"))
                .isCompletedExceptionally();
    }
}
