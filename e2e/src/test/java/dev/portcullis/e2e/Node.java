package dev.portcullis.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One real Kubernetes node with the two images on it, started by tools/node for all test classes of a run and removed
 * after the last. A machine that cannot run one skips them.
 */
public final class Node implements ExecutionCondition, ParameterResolver, AutoCloseable {
    private static final Path SCRIPT = Project.ROOT.resolve("tools/node/node");

    private final String name = "e2e-" + Integer.toHexString(Project.ROOT.hashCode());
    private String kubeconfig = "";
    private String hostAddress = "";

    /** A constructor that wants a node is too late to skip its class: the machine is judged before. */
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        var check = script("check").run();
        var lack = check.errors().strip();
        if (check.exit() == 0 || Project.REQUIRED) {
            return ConditionEvaluationResult.enabled(lack);
        }
        if (context.getTestMethod().isEmpty()) {
            System.out.println("SKIPPED: " + context.getDisplayName() + ": " + lack);
        }
        return ConditionEvaluationResult.disabled(lack);
    }

    private static Node start() {
        var node = new Node();
        Runtime.getRuntime().addShutdownHook(new Thread(node::close)); // Ctrl-C
        System.out.print(
                node.script("up", node.name, Project.DATAPLANE_IMAGE.toString(), Project.OPERATOR_IMAGE.toString())
                        .within(Duration.ofMinutes(10))
                        .run()
                        .orFail());
        node.kubeconfig = node.script("kubeconfig", node.name).run().orFail().strip();
        node.hostAddress = node.script("host-address", node.name).run().orFail().strip();
        return node;
    }

    private Command script(String... arguments) {
        return Command.of(SCRIPT, arguments).with("KUBERNETES_BINARIES", Project.BINARIES.toString());
    }

    /** Runs kubectl as the administrator. */
    Command kubectl(String... arguments) {
        return Command.of(Project.BINARIES.resolve("kubectl"), arguments).with("KUBECONFIG", kubeconfig);
    }

    /** Runs helm as the administrator. */
    Command helm(String... arguments) {
        return Command.of(Project.helm(), arguments).with("KUBECONFIG", kubeconfig);
    }

    /** Runs a program of this machine in the node's network, where Services have their addresses. */
    Command inside(String... words) {
        var all = new ArrayList<>(List.of("--net=/run/netns/" + namespace()));
        all.addAll(List.of(words));
        return Command.of(Project.installed("nsenter", "util-linux"), all.toArray(String[]::new));
    }

    private String namespace() {
        return "portcullis-" + hostAddress.split("\\.")[2];
    }

    /** The address of this machine as pods see it. */
    String hostAddress() {
        return hostAddress;
    }

    @Override
    public void close() {
        script("down", name).run();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Node.class;
    }

    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Node.class, key -> start(), Node.class);
    }
}
