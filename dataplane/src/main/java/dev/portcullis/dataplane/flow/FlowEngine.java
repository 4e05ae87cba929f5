package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.Detector;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.detect.Rates;
import dev.portcullis.dataplane.flow.ingest.FlowWorker;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.flow.window.WindowSums;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From datagrams to attacks: sockets, counters and the tick. {@link #start} and {@link #close} are called once each;
 * listeners are told on the tick thread; read models are snapshots that any thread may ask for.
 *
 * <p>Rates are measured by a monotonic clock, so that a wall clock that jumps neither starts nor ends an attack; the
 * wall clock only dates events.
 */
public final class FlowEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlowEngine.class);

    /** Time between looks at what is near a limit, which bring the next tick forward where it is above. */
    private static final Duration GLANCE = Duration.ofMillis(100);

    private static final Duration SAVE = Duration.ofMinutes(5);

    private final ConfigHolder<FlowPolicy> policies;
    private final FlowMetrics metrics;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Ingest.Settings settings;
    private final Detection detection;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("flow-tick").daemon(true).factory());
    private volatile @Nullable Ingest ingest;
    private @Nullable BaselineFile baselineFile;
    private @Nullable FlowPolicy inForce;
    private @Nullable ScheduledFuture<?> next;
    private long savedAt;

    /** An engine that runs on {@code policies}, which must hold one when it is started. */
    public FlowEngine(ConfigHolder<FlowPolicy> policies, FlowMetrics metrics, InstantSource clock) {
        this(policies, metrics, clock, Ingest.Settings.standard());
    }

    /** The same with sockets made as {@code settings} say. */
    public FlowEngine(
            ConfigHolder<FlowPolicy> policies, FlowMetrics metrics, InstantSource clock, Ingest.Settings settings) {
        this.policies = policies;
        this.metrics = metrics;
        this.clock = clock;
        this.settings = settings;
        // Seconds of the window are counted from 1: the origin of nanoTime may lie in the future.
        var origin = System.nanoTime() - TimeUnit.HOURS.toNanos(1);
        this.nanoTime = () -> System.nanoTime() - origin;
        this.detection = new Detection(metrics, nanoTime);
    }

    /**
     * Binds the ports of the policy and begins to decide.
     *
     * @throws IOException when a port cannot be bound, with the port and what to do
     * @throws IllegalStateException when there is no policy yet
     */
    public void start() throws IOException {
        var policy = policies.get();
        if (policy == null) {
            throw new IllegalStateException("a flow engine needs a policy to start with");
        }
        var running = new Ingest(policy, settings, metrics, nanoTime);
        ingest = running;
        inForce = policy;
        policies.onChange(changed -> onTimer(this::adopt));
        // One may have come since this one was read.
        onTimer(this::adopt);
        running.whenNearALimit(() -> onTimer(this::lookSoon));
        onTimer(this::schedule);
    }

    private void onTimer(Runnable task) {
        try {
            timer.execute(task);
        } catch (RejectedExecutionException closing) {
            LOG.debug("What comes while the engine closes is not looked at.", closing);
        }
    }

    /**
     * Puts the latest policy in force. On the tick's thread: what a decision sums up and what it judges it by are of one policy,
     * or a group would be judged by the traffic of another that had its number.
     */
    private void adopt() {
        var latest = policies.get();
        var running = ingest;
        if (latest != null && running != null && latest != inForce) {
            running.apply(latest);
            inForce = latest;
        }
    }

    private void schedule() {
        var policy = inForce;
        var running = ingest;
        if (policy == null || running == null || timer.isShutdown()) {
            return;
        }
        var tick = untilNext(policy.tick().toNanos());
        // Looks lie on multiples of their own period; one just before a tick would tell it nothing.
        var glance = untilNext(GLANCE.toNanos());
        // Where nothing is near a limit, which is nearly always, there is nothing to look at: a worker says when there
        // is.
        var look = glance < tick - GLANCE.toNanos() / 2 && running.nearALimit();
        next = look
                ? timer.schedule(this::glanceAndSchedule, glance, TimeUnit.NANOSECONDS)
                : timer.schedule(this::tickAndSchedule, tick, TimeUnit.NANOSECONDS);
    }

    /** Something is near a limit, which was not the case when what comes next was scheduled. */
    private void lookSoon() {
        var scheduled = next;
        // What comes within the time of a look is soon enough, and one that is due must not be put off.
        if (scheduled != null
                && scheduled.getDelay(TimeUnit.NANOSECONDS) > GLANCE.toNanos()
                && scheduled.cancel(false)) {
            schedule();
        }
    }

    /** Ticks lie on multiples of their period, so that a slow one delays none of the others. */
    private long untilNext(long period) {
        return period - nanoTime.getAsLong() % period;
    }

    private void glanceAndSchedule() {
        var policy = inForce;
        var running = ingest;
        if (policy == null || running == null) {
            return;
        }
        try {
            // Asking a worker wakes it.
            var near = running.workers().stream().filter(FlowWorker::nearALimit).toList();
            if (!near.isEmpty() && detection.urgent(near, policy)) {
                detection.tick(running.workers(), policy, clock.instant());
            }
        } catch (RuntimeException e) {
            LOG.error("A look between two decisions failed.", e);
        }
        schedule();
    }

    private void tickAndSchedule() {
        var policy = inForce;
        var running = ingest;
        if (policy == null || running == null) {
            return;
        }
        try {
            detection.tick(running.workers(), policy, clock.instant());
            running.reportKernelDrops();
            saveBaselines(policy);
        } catch (RuntimeException e) {
            // The next decision must be taken all the same.
            LOG.error("A decision failed.", e);
        }
        schedule();
    }

    private void saveBaselines(FlowPolicy policy) {
        var file = baselineFile;
        if (file != null && policy.baseline() != null && nanoTime.getAsLong() - savedAt >= SAVE.toNanos()) {
            savedAt = nanoTime.getAsLong();
            file.save(detection::writeBaselines);
        }
    }

    /** Keeps what is learned of targets in {@code directory} over restarts. Before {@link #start}. */
    public void keepBaselinesIn(Path directory) {
        var file = new BaselineFile(directory.resolve("baselines"));
        file.load(detection::readBaselines);
        baselineFile = file;
    }

    /** Tells {@code listener} of attacks from the next tick on. */
    public void addListener(AttackListener listener) {
        detection.addListener(listener);
    }

    /** The UDP port bound for NetFlow and IPFIX. */
    public int netflowPort() {
        return started().netflowPort();
    }

    /** The TCP port bound for IPFIX, 0 where there is none. */
    public int ipfixTcpPort() {
        return started().ipfixTcpPort();
    }

    /** The UDP port bound for sFlow. */
    public int sflowPort() {
        return started().sflowPort();
    }

    private Ingest started() {
        var running = ingest;
        if (running == null) {
            throw new IllegalStateException("the flow engine has not been started");
        }
        return running;
    }

    /** Attacks going on at the latest tick, in the order they began. */
    public List<Attack> activeAttacks() {
        return detection.active();
    }

    /** The last {@value Detection#MOST_RECENT} attacks that ended, the latest first. */
    public List<Attack> recentAttacks() {
        return detection.recent();
    }

    /**
     * Tracked hosts as of the latest tick, heaviest first.
     *
     * @param group hosts of this group alone, or null for all
     * @param offset hosts to leave out, 0 or more
     * @param limit most hosts to give, 0 or more; together with {@code offset} at most {@link HostPage#DEEPEST} are reached
     */
    public HostPage hosts(@Nullable String group, int offset, int limit, HostPage.Sort sort) {
        if (offset < 0 || limit < 0) {
            throw new IllegalArgumentException("offset and limit must not be negative: " + offset + ", " + limit);
        }
        var page = detection.read(
                (sums, policy) -> HostPage.of(sums.incoming(), sums.outgoing(), policy, group, offset, limit, sort));
        return page == null ? new HostPage(List.of(), 0, 0) : page;
    }

    /** Rates towards the groups that are judged as a whole, by name, as of the latest tick. */
    public Map<String, Rates> groupRates() {
        var rates = detection.read(FlowEngine::rates);
        return rates == null ? Map.of() : rates;
    }

    private static Map<String, Rates> rates(WindowSums sums, FlowPolicy policy) {
        var rates = new HashMap<String, Rates>();
        for (var number = 0; number < policy.groups().size(); number++) {
            var group = policy.groups().get(number);
            if (group.summed()) {
                var row = sums.totals().find(0, number + 1);
                rates.put(group.name(), row < 0 ? Rates.ZERO : Detector.rates(sums.totals(), row));
            }
        }
        return rates;
    }

    /** What is remembered of a host, oldest first. */
    List<TrafficHistory.Point> traffic(InetAddress host, Instant from, Instant to) {
        return detection.history().points(host, from, to);
    }

    /** Exporters as they are now, by address. */
    public List<ExporterView> exporters() {
        var running = ingest;
        if (running == null) {
            return List.of();
        }
        var nowMillis = nanoTime.getAsLong() / 1_000_000;
        var now = clock.instant();
        return running.exporters().stream()
                .map(exporter -> view(exporter, nowMillis, now))
                .sorted(Comparator.comparing(view -> view.address().getHostAddress()))
                .toList();
    }

    private static ExporterView view(Exporter exporter, long nowMillis, Instant now) {
        return new ExporterView(
                exporter.address(),
                Arrays.stream(Protocol.values()).filter(exporter::speaks).toList(),
                exporter.datagrams(),
                exporter.flows(),
                exporter.errors(),
                exporter.lost(),
                exporter.templates(),
                exporter.contestedTemplates(),
                exporter.lastRate(),
                now.minusMillis(Math.max(0, nowMillis - exporter.lastSeenMillis())));
    }

    private void closeBaselines() {
        var file = baselineFile;
        if (file == null) {
            return;
        }
        try {
            // The tick in progress writes what is about to be read.
            if (timer.awaitTermination(2, TimeUnit.SECONDS)) {
                file.save(detection::writeBaselines);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        closeBaselines();
        var running = ingest;
        if (running != null) {
            running.close();
        }
    }
}
