package dev.portcullis.operator;

import java.util.List;

/**
 * Everything the operator may do, as RBAC rules: what its reconcilers call, verb by verb. The chart's ClusterRole and Role
 * say the same, and a test compares them. No wildcards.
 */
public final class OperatorPermissions {
    private static final List<String> READ = List.of("get", "list", "watch");
    private static final List<String> OWN = List.of("create", "delete", "get", "list", "patch", "watch");

    /** In every watched namespace. */
    public static final List<Rule> CLUSTER = List.of(
            // The kinds and what is said about them.
            new Rule(
                    "portcullis.dev",
                    List.of("agentpolicies", "killswitches", "flowdetectors", "mitigationpolicies"),
                    READ),
            new Rule(
                    "portcullis.dev",
                    List.of(
                            "agentpolicies/status",
                            "killswitches/status",
                            "flowdetectors/status",
                            "mitigationpolicies/status"),
                    List.of("patch")),
            // What is made of them. Secrets and ConfigMaps: nobody may grant pods what he may not do himself.
            new Rule("apps", List.of("daemonsets"), OWN),
            new Rule("", List.of("configmaps", "secrets", "serviceaccounts", "services"), OWN),
            new Rule("", List.of("pods"), READ),
            new Rule("", List.of("events"), List.of("create")),
            new Rule("rbac.authorization.k8s.io", List.of("roles", "rolebindings"), OWN),
            new Rule("networking.k8s.io", List.of("networkpolicies"), OWN),
            new Rule("monitoring.coreos.com", List.of("podmonitors", "prometheusrules"), OWN),
            // Whether the Prometheus Operator's kinds are there.
            new Rule("apiextensions.k8s.io", List.of("customresourcedefinitions"), READ));

    /** In the operator's own namespace: the Lease. */
    public static final List<Rule> OPERATOR_NAMESPACE = List.of(
            new Rule("coordination.k8s.io", List.of("leases"), List.of("create")),
            new Rule(
                    "coordination.k8s.io",
                    List.of("leases"),
                    List.of("get", "patch", "update"),
                    List.of(PortcullisOperator.LEASE)));

    private OperatorPermissions() {}

    /**
     * One RBAC rule.
     *
     * @param apiGroup empty for the core group
     * @param resourceNames empty for all
     */
    public record Rule(String apiGroup, List<String> resources, List<String> verbs, List<String> resourceNames) {
        Rule(String apiGroup, List<String> resources, List<String> verbs) {
            this(apiGroup, resources, verbs, List.of());
        }
    }
}
