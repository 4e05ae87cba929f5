package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.LimitsSpec.OnOversize;
import dev.portcullis.dataplane.firewall.scan.address.AddressTable;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.url.UrlPipeline;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything of one policy that scans, compiled. Compiling takes some ten milliseconds and belongs on no event loop.
 * Immutable, any thread.
 *
 * <p>{@code spec.dlp.disabledClasses} and {@code spec.injection.disabledClasses} cannot switch off core classes; those of
 * the former report as scanner {@code core_dlp}.
 */
public final class ScanEngine implements RequestScanner {
    /** The files of credential classes, beside this class. */
    public static final List<String> CREDENTIAL_PACKS = List.of(
            "rules/credentials/core.yaml",
            "rules/credentials/models.yaml",
            "rules/credentials/clouds.yaml",
            "rules/credentials/builds.yaml",
            "rules/credentials/people.yaml",
            "rules/credentials/services.yaml",
            "rules/credentials/money.yaml",
            "rules/credentials/general.yaml");

    /** The files of injection classes, beside this class. */
    public static final List<String> INJECTION_PACKS = List.of(
            "rules/injection/en.yaml",
            "rules/injection/zh.yaml",
            "rules/injection/ja.yaml",
            "rules/injection/ko.yaml",
            "rules/injection/es.yaml",
            "rules/injection/fr.yaml",
            "rules/injection/de.yaml",
            "rules/injection/pt.yaml",
            "rules/injection/ru.yaml",
            "rules/injection/ar.yaml",
            "rules/injection/several.yaml");

    private final UrlPipeline urls;
    private final HeaderScan headers;
    private final SecretPolicy secrets;
    private final InjectionPolicy injections;
    private final @Nullable SeamScan seams;
    private final @Nullable RedactionPolicy redaction;
    private final AddressRules addresses;
    private final long requestLimit;
    private final long responseLimit;
    private final boolean refuseOversize;

    private ScanEngine(AgentPolicySpec spec, List<KnownValue> known) {
        secrets = new SecretPolicy(spec, Packs.CREDENTIALS, known);
        injections = new InjectionPolicy(spec, Packs.INJECTIONS);
        seams = spec.crossRequest().enabled() ? new SeamScan(secrets) : null;
        redaction = RedactionPolicy.of(spec, Packs.CREDENTIALS);
        addresses = new AddressTable(spec.network());
        urls = new UrlPipeline(spec, addresses, secrets);
        headers = new HeaderScan(secrets, spec.dlp().headers());
        requestLimit = spec.limits().requestBody().getNumericalAmount().longValue();
        responseLimit = spec.limits().responseBody().getNumericalAmount().longValue();
        refuseOversize = spec.limits().onOversize() == OnOversize.Refuse;
    }

    /** The rule packs of this build, read once. */
    private static final class Packs {
        static final RulePack CREDENTIALS = RulePack.read(ScanEngine.class, CREDENTIAL_PACKS);
        static final RulePack INJECTIONS = RulePack.read(ScanEngine.class, INJECTION_PACKS);
    }

    /** Reads the rule packs on a thread of their own, so that they are there when the first policy is compiled. */
    public static void prepare() {
        Thread.ofPlatform().daemon(true).name("rule-packs").start(() -> Packs.INJECTIONS.rules());
    }

    /**
     * Compiles {@code spec}, in which every default is filled in.
     *
     * @param known values that must never leave
     * @throws IllegalArgumentException naming the field, when an expression or a range is not valid
     */
    public static ScanEngine compile(AgentPolicySpec spec, List<KnownValue> known) {
        return new ScanEngine(spec, known);
    }

    /** Which addresses may be connected to. */
    public AddressRules addresses() {
        return addresses;
    }

    @Override
    public List<Finding> scanUrl(String url, boolean tunnel) {
        return urls.judge(url, tunnel);
    }

    @Override
    public List<Finding> scanPath(String pathAndQuery, String host) {
        return urls.secrets(pathAndQuery, host);
    }

    @Override
    public List<Finding> scanHeaders(Iterable<? extends Map.Entry<String, String>> entries, String host) {
        return headers.scan(entries, host);
    }

    @Override
    public List<Finding> scanMethod(String method, String host) {
        return headers.method(method, host);
    }

    @Override
    public List<Finding> scanSeam(byte[] text, int seam, int length, String host) {
        return seams == null ? List.of() : seams.scan(text, seam, length, host);
    }

    @Override
    public BodyScan openRequestBody(String contentType, String host) {
        var judge = new RequestJudge(secrets, host, refuseOversize);
        var syntax = BodySyntax.of(contentType);
        return opened(
                contentType,
                () -> new BodyWindow(secrets.rules(), judge, requestLimit, syntax),
                (scanner, rule, what) -> Unreadable.finding(scanner, rule, "request", what, secrets.action()));
    }

    @Override
    public BodyScan openFile() {
        return opened(
                "text/plain",
                () -> new BodyWindow(
                        secrets.rules(), new FileJudge(secrets), requestLimit, BodySyntax.of("text/plain")),
                (scanner, rule, what) -> Unreadable.finding(scanner, rule, "file", what, secrets.action()));
    }

    @Override
    public boolean redacts() {
        return redaction != null && redaction.rewrites();
    }

    @Override
    public RedactionScan openRedaction(RedactionScan.Spans spans) {
        var policy = redaction;
        if (policy == null) {
            throw new IllegalStateException("the policy redacts nothing");
        }
        return policy.open(spans);
    }

    @Override
    public @Nullable BodyScan openRedactionCheck(String contentType) {
        var policy = redaction;
        if (policy == null || policy.rewrites() && MediaType.json(MediaType.essence(contentType))) {
            return null;
        }
        return opened(
                contentType,
                policy::check,
                (scanner, rule, what) -> Unreadable.finding(scanner, rule, "request", what, secrets.action()));
    }

    @Override
    public BodyScan openResponseBody(String contentType, String host) {
        var judge = new ResponseJudge(injections, host, refuseOversize);
        if (MediaType.binary(contentType)) {
            return new UnscannedBody(judge, responseLimit);
        }
        return opened(
                contentType,
                () -> new BodyWindow(injections.rules(), judge, responseLimit, null),
                (scanner, rule, what) -> Unreadable.finding(scanner, rule, "response", what, injections.action(host)));
    }

    private static BodyScan opened(String contentType, Supplier<BodyScan> text, Unreadable unreadable) {
        var charset = BodyCharset.of(contentType);
        if (!charset.readable()) {
            return new RefusedBody(unreadable.finding(
                    ScannerName.PARSER,
                    "body-charset",
                    "says it is in the character set " + charset.quoted() + ": send it as UTF-8"));
        }
        return new MarkedBody(text, charset.decoder());
    }

    @Override
    public MessageScan openClientMessages(String host) {
        return new MessageWindow(secrets.rules(), new ClientMessageJudge(secrets, host));
    }

    @Override
    public MessageScan openServerMessages(String host) {
        return new MessageWindow(injections.rules(), new ServerMessageJudge(injections, host));
    }
}
