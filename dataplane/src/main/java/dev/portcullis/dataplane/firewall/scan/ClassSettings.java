package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.resolve.Nearest;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.BuiltInClass;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a policy says about the built-in classes it names. Immutable. */
final class ClassSettings {
    /** What is different about one class. */
    record Setting(@Nullable Action action, DomainSet exempt) {}

    private final Map<String, Setting> settings = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();

    /**
     * The classes of {@code pack} under one policy.
     *
     * @param disabled names of those that are off
     * @param classes what is said about others
     * @param group where both are said, such as {@code spec.dlp}
     * @throws IllegalArgumentException naming the field, where there is no class of a name
     */
    ClassSettings(RulePack pack, List<String> disabled, List<BuiltInClass> classes, String group) {
        var known = pack.rules().stream().map(RulePack.Entry::name).collect(Collectors.toSet());
        for (var i = 0; i < disabled.size(); i++) {
            check(disabled.get(i), known, group + ".disabledClasses[" + i + "]");
        }
        var said = new HashMap<String, BuiltInClass>();
        for (var i = 0; i < classes.size(); i++) {
            var name = classes.get(i).name();
            check(name, known, group + ".classes[" + i + "].name");
            said.put(name, classes.get(i));
            settings.put(
                    name,
                    new Setting(
                            classes.get(i).action(),
                            new DomainSet(classes.get(i).exemptDomains())));
        }
        for (var rule : pack.rules(disabled, said.keySet())) {
            var about = said.get(rule.name());
            rules.add(about == null || about.severity() == null ? rule : rule.with(about.severity()));
        }
    }

    /** A name nobody knows would leave on, unnoticed, what its writer thinks is off. */
    private static void check(String name, Set<String> known, String field) {
        if (!known.contains(name)) {
            var nearest = Nearest.to(name, known);
            throw new IllegalArgumentException(field + ": there is no built-in class '" + name + "'"
                    + (nearest == null ? ": findings show the names" : "; did you mean '" + nearest + "'?"));
        }
    }

    /** The rules that are on, with their severities. */
    List<Rule> rules() {
        return rules;
    }

    /** What is said about the class, or null. */
    @Nullable
    Setting of(String name) {
        return settings.get(name);
    }

    /** True where {@code host} is exempt from the class. */
    boolean exempts(String name, String host) {
        var setting = settings.get(name);
        return setting != null && !host.isEmpty() && setting.exempt().matches(host);
    }
}
