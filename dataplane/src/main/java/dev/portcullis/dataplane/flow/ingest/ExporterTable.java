package dev.portcullis.dataplane.flow.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.ExporterBudget;
import dev.portcullis.dataplane.flow.decode.ExporterMemory;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The exporters that telemetry came from, bounded in number and in what their templates take. Any thread.
 *
 * <p>Sources of UDP datagrams can be made up, so a table that newcomers may fill is a table that an attacker empties.
 * There are two. Newcomers displace one another (Caffeine: those heard of often stay). One that has sent flows for
 * {@value #PROVING_MILLIS} ms is established, as is one that the policy lists by its address, and stays until it has been
 * silent for long; no newcomer displaces it, however quiet it is, and each table has a budget of its own.
 */
public final class ExporterTable {
    /** Time over which an exporter has to send flows before newcomers cannot displace it any more. */
    static final long PROVING_MILLIS = 60_000;

    /** Bound of the newcomers, in template fields; one without any weighs {@link #EMPTY_WEIGHT}. */
    static final long MOST_NEWCOMER_WEIGHT = 1 << 19;

    static final int EMPTY_WEIGHT = 64;
    static final int MOST_ESTABLISHED = 16_384;

    /** An established exporter that was silent for this long is forgotten. */
    static final long SILENT_MILLIS = 24 * 3_600_000L;

    /** The same when others need its room. */
    static final long SILENT_AND_CROWDED_MILLIS = 3_600_000L;

    /** RFC 7011 section 8.4 leaves the lifetime of templates over UDP to the collector: three times a lazy repetition. */
    static final long TEMPLATE_MILLIS = 24 * 3_600_000L;

    private static final long EXPIRY_MILLIS = 30_000;

    private final FlowMetrics metrics;
    private final ExporterLabels labels;
    private final ExporterBudget newcomersBudget = new ExporterBudget(4_096, 1 << 20, 65_536, 8 << 20);
    private final ExporterBudget establishedBudget = new ExporterBudget(65_536, 1 << 21, 65_536, 16 << 20);
    private final Cache<InetAddress, ExporterSource> newcomers;
    private final ConcurrentHashMap<InetAddress, ExporterSource> established = new ConcurrentHashMap<>();
    private final AtomicLong expired = new AtomicLong(Long.MIN_VALUE);
    private volatile @Nullable FlowPolicy policy;

    /** An empty table. */
    public ExporterTable(FlowMetrics metrics) {
        this.metrics = metrics;
        labels = new ExporterLabels(metrics);
        newcomers = Caffeine.newBuilder()
                .maximumWeight(MOST_NEWCOMER_WEIGHT)
                .weigher((InetAddress address, ExporterSource source) ->
                        EMPTY_WEIGHT + (int) source.exporter().templateFields())
                .executor(Runnable::run)
                .evictionListener(
                        (@Nullable InetAddress address, @Nullable ExporterSource source, RemovalCause cause) -> {
                            if (source != null) {
                                drop(source);
                                metrics.evictedExporter();
                            }
                        })
                .build();
    }

    /** Puts a policy's list of exporters in force. */
    public void apply(FlowPolicy newPolicy) {
        policy = newPolicy;
        for (var known : List.of(established, newcomers.asMap())) {
            known.forEach((address, source) -> {
                if (!believed(newPolicy, address) && known.remove(address, source)) {
                    drop(source);
                }
            });
        }
    }

    /** The exporter at an address, known or new; null when it is not believed. */
    @Nullable
    ExporterSource source(InetAddress address) {
        var known = established.get(address);
        if (known == null) {
            known = newcomers.getIfPresent(address);
        }
        if (known != null) {
            return known;
        }
        var now = policy;
        return now == null || !believed(now, address) ? null : unknown(now, address);
    }

    /** Under the same lock as {@link #establish}: whoever moves from one table to the other meanwhile is not met anew. */
    private synchronized ExporterSource unknown(FlowPolicy now, InetAddress address) {
        var known = established.get(address);
        if (known != null) {
            return known;
        }
        if (now.listedExporters().contains(address) && established.size() < MOST_ESTABLISHED) {
            return established.computeIfAbsent(address, this::listed);
        }
        return newcomers.get(address, this::newcomer);
    }

    private static boolean believed(FlowPolicy policy, InetAddress address) {
        var allowed = policy.allowedExporters();
        return allowed == null || allowed.lookup(IpBits.high(address), IpBits.low(address)) >= 0;
    }

    private ExporterSource listed(InetAddress address) {
        var source = new ExporterSource(new Exporter(address, establishedBudget), metrics);
        source.establish();
        labels.give(source, true);
        return source;
    }

    private ExporterSource newcomer(InetAddress address) {
        var source = new ExporterSource(new Exporter(address, newcomersBudget), metrics);
        labels.give(source, false);
        return source;
    }

    /** Says that a datagram of this exporter was decoded, which may have changed what it weighs or proved it. */
    void decoded(ExporterSource source) {
        if (source.established()) {
            return;
        }
        var now = policy;
        if (source.exporter().provenMillis() >= PROVING_MILLIS
                || now != null
                        && now.listedExporters().contains(source.exporter().address())) {
            establish(source);
            return;
        }
        if (source.weighs(source.exporter().templateFields())) {
            newcomers.asMap().replace(source.exporter().address(), source);
        }
    }

    /** Says that an exporter is where it says it is: it answered there. */
    void proven(ExporterSource source) {
        if (!source.established()) {
            establish(source);
        }
    }

    private synchronized void establish(ExporterSource source) {
        if (established.size() >= MOST_ESTABLISHED
                || !source.exporter().move(establishedBudget)
                || !source.establish()) {
            return;
        }
        established.put(source.exporter().address(), source);
        newcomers.asMap().remove(source.exporter().address(), source);
        labels.give(source, true);
    }

    /** Forgets, now and then, exporters that have been silent for too long and templates not announced any more. */
    void expire(long nowMillis) {
        var last = expired.get();
        if (last != Long.MIN_VALUE && nowMillis - last < EXPIRY_MILLIS || !expired.compareAndSet(last, nowMillis)) {
            return;
        }
        var silent = established.size() >= MOST_ESTABLISHED ? SILENT_AND_CROWDED_MILLIS : SILENT_MILLIS;
        established.forEach((address, source) -> {
            var lastSeen = source.exporter().lastSeenMillis();
            if (lastSeen > 0 && nowMillis - lastSeen > silent && established.remove(address, source)) {
                drop(source);
            } else {
                source.exporter().expireTemplates(nowMillis - TEMPLATE_MILLIS);
            }
        });
    }

    /** What established exporters announced. */
    List<ExporterMemory> remember() {
        return established.values().stream()
                .map(source -> source.exporter().remember())
                .filter(memory -> !memory.domains().isEmpty())
                .sorted(Comparator.comparing(ExporterMemory::address))
                .toList();
    }

    /** Establishes exporters by what they announced before a restart, those that are still believed. */
    void recall(List<ExporterMemory> memories, long nowMillis) {
        var now = policy;
        for (var memory : memories) {
            var bytes = NetUtil.createByteArrayFromIpAddressString(memory.address());
            if (bytes == null || now == null || established.size() >= MOST_ESTABLISHED) {
                continue;
            }
            try {
                var address = InetAddress.getByAddress(bytes);
                if (believed(now, address)) {
                    established
                            .computeIfAbsent(address, this::listed)
                            .exporter()
                            .recall(memory, nowMillis);
                }
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address of 4 or 16 bytes is always one", e);
            }
        }
    }

    private void drop(ExporterSource source) {
        source.exporter().forget();
        labels.takeBack(source);
    }

    /** All exporters known, in no order. */
    public List<Exporter> exporters() {
        var all = new ArrayList<Exporter>();
        established.values().forEach(source -> all.add(source.exporter()));
        newcomers.asMap().values().forEach(source -> all.add(source.exporter()));
        return all;
    }

    /** The metric label of each exporter that has its own. */
    void labelled(LabelReader reader) {
        for (var known : List.of(established, newcomers.asMap())) {
            known.values().forEach(source -> {
                if (!source.label().equals(ExporterLabels.OTHER)) {
                    reader.read(source.label(), source.exporter());
                }
            });
        }
    }

    /** Receives exporters with their labels. */
    interface LabelReader {
        /** One exporter. */
        void read(String label, Exporter exporter);
    }
}
