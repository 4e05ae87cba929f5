package dev.portcullis.benchmarks.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.policy.PolicyCompiler;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.session.CrossRequest;
import dev.portcullis.dataplane.firewall.verdict.DomainRate;
import dev.portcullis.dataplane.metrics.CrossRequestMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One more request of a client whose streams are full: its value is appended under its name and among all values, and the
 * seam is scanned, up to 512 bytes before and the value behind; its bits are added to the budget.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CrossRequestBenchmark {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private final FirewallPolicy policy = policy();
    private final CrossRequest across = across();
    private final String[] words = urls(24, "abcdefghijklmnopqrstuvwxyz-");
    private final String[] fragments = urls(24, ALPHABET);
    private final String[] values = urls(1024, ALPHABET);
    private int next;

    /** A value of 24 lower-case letters and dashes. */
    @Benchmark
    public List<Finding> words() {
        return across.target(policy, "192.0.2.3", words[next++ & 1023], false);
    }

    /** A fragment of 24 characters that could be anything wrapped in anything. */
    @Benchmark
    public List<Finding> fragment() {
        return across.target(policy, "192.0.2.1", fragments[next++ & 1023], false);
    }

    /** A value of a kibibyte. */
    @Benchmark
    public List<Finding> value() {
        return across.target(policy, "192.0.2.2", values[next++ & 1023], false);
    }

    private static String[] urls(int length, String alphabet) {
        var random = new Random(length);
        var urls = new String[1024];
        for (var i = 0; i < urls.length; i++) {
            var url = new StringBuilder("http://origin.example/?d=");
            for (var c = 0; c < length; c++) {
                url.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            urls[i] = url.toString();
        }
        return urls;
    }

    private static CrossRequest across() {
        return new CrossRequest(
                new CrossRequestMetrics(new PrometheusRegistry()), new DomainRate(System::nanoTime), System::nanoTime);
    }

    private static FirewallPolicy policy() {
        try {
            var id = new ResourceId("AgentPolicy", "agents", "benchmark");
            var spec = new ObjectMapper()
                    .readTree("{\"crossRequest\": {\"enabled\": true, \"entropyBudget\": {\"bits\": 2000000000}}}");
            var set = new ResourceSet(List.of(new Resource(id, Map.of(), 1L, spec)), Set.of(), "default");
            var config = Resolver.resolve(set).firewalls().get(id);
            if (config == null) {
                throw new IllegalStateException("the policy of the benchmark is refused");
            }
            return new PolicyCompiler().compile(config, ref -> Optional.empty());
        } catch (JsonProcessingException | ConfigRefusedException e) {
            throw new IllegalStateException(e);
        }
    }
}
