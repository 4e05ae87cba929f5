package dev.portcullis.operator;

import static dev.portcullis.operator.Manifests.labelled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.crd.v1alpha1.KillSwitchStatus;
import dev.portcullis.operator.status.ConditionType;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** KillSwitches on a real API server. */
class KillSwitchApiTest extends ApiTest {
    @Test
    void aSwitchIsEnforcedWhenEveryPodOfEverySelectedPolicyRunsIt() {
        create(Manifests.policy(namespace, "one", "{}"));
        create(Manifests.policy(namespace, "two", "{\"port\": 8889}"));
        run("one-firewall", 2);
        var slow = run("two-firewall", 1).getFirst();
        awaitTrue("one", ConditionType.Ready);
        awaitTrue("two", ConditionType.Ready);
        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": false}"));
        await().until(() -> "ReleasedEverywhere".equals(enforced("stop")));
        fleet.freeze(slow);

        edit(Manifests.killSwitch(namespace, "stop", "{\"engaged\": true, \"reason\": \"drill\"}"));

        await().until(() -> acknowledged("stop") == 2);
        assertThat(enforced("stop")).isEqualTo("WaitingForPods");
        fleet.thaw(slow);
        await().until(() -> "EngagedEverywhere".equals(enforced("stop")));
        var status = status("stop");
        assertThat(status.policiesMatched()).isEqualTo(2);
        assertThat(status.pods()).isEqualTo(new KillSwitchStatus.Pods(3, 3, "3/3"));
        assertThat(status.engagedAt()).isNotNull();
        assertThat(status.acknowledgedAfterMillis()).isNotNull().isNotNegative();
        awaitTrue("one", ConditionType.KillSwitchEngaged);
        await().untilAsserted(() -> assertThat(events("stop"))
                .anyMatch(
                        event -> event.startsWith("KillSwitchEngaged: engaged by fabric8") && event.endsWith(": drill"))
                .anyMatch(event -> event.startsWith("KillSwitchEnforced: all 3 pods refuse everything, after ")));

        edit(Manifests.killSwitch(namespace, "stop", "{\"engaged\": false}"));

        await().until(() -> "ReleasedEverywhere".equals(enforced("stop")));
        assertThat(status("stop").engagedAt()).isNull();
        awaitFalse("one", ConditionType.KillSwitchEngaged);
        await().untilAsserted(() ->
                assertThat(events("stop")).anyMatch(event -> event.startsWith("KillSwitchReleased: released by ")));
    }

    @Test
    void aSwitchReachesTheConfigMapInLessThanASecond() {
        create(Manifests.policy(namespace, "agents", "{}"));
        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": false}"));
        await().until(() -> configMap("agents-firewall").get() != null
                && config("agents-firewall").path("killSwitches").size() == 1);
        settle();
        var slowest = 0L;
        for (var i = 0; i < 10; i++) {
            var engaged = i % 2 == 0;
            var start = System.nanoTime();
            edit(Manifests.killSwitch(namespace, "stop", "{\"engaged\": " + engaged + "}"));
            await().pollInterval(Duration.ofMillis(5))
                    .until(() -> config("agents-firewall")
                                    .at("/killSwitches/0/engaged")
                                    .asBoolean()
                            == engaged);
            slowest = Math.max(slowest, System.nanoTime() - start);
        }

        assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void onlyPoliciesWithTheRightLabelsAreStopped() {
        create(labelled(Manifests.policy(namespace, "mine", "{}"), "team", "a"));
        create(labelled(Manifests.policy(namespace, "theirs", "{\"port\": 8889}"), "team", "b"));
        create(Manifests.killSwitch(
                namespace, "stop", "{\"engaged\": true, \"policySelector\": {\"matchLabels\": {\"team\": \"a\"}}}"));

        awaitTrue("mine", ConditionType.KillSwitchEngaged);
        await().until(() -> Objects.equals(status("stop").policiesMatched(), 1));
        awaitFalse("theirs", ConditionType.KillSwitchEngaged);

        edit(labelled(Manifests.policy(namespace, "theirs", "{\"port\": 8889}"), "team", "a"));

        awaitTrue("theirs", ConditionType.KillSwitchEngaged);
        await().until(() -> Objects.equals(status("stop").policiesMatched(), 2));
    }

    @Test
    void aBadEditOfAnEngagedSwitchReleasesNothing() {
        create(Manifests.policy(namespace, "agents", "{}"));
        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": true}"));
        awaitTrue("agents", ConditionType.KillSwitchEngaged);

        edit(
                Manifests.killSwitch(
                        namespace,
                        "stop",
                        "{\"engaged\": false, \"policySelector\": {\"matchExpressions\": [{\"key\": \"a\", \"operator\": \"In\"}]}}"));

        await().until(() -> "False"
                .equals(condition(killSwitch("stop"), ConditionType.Accepted).getStatus()));
        assertThat(condition(killSwitch("stop"), ConditionType.Accepted).getMessage())
                .contains("spec.policySelector.matchExpressions[0]");
        settle();
        assertThat(config("agents-firewall").at("/killSwitches/0/engaged").asBoolean())
                .isTrue();
        assertThat(condition(policy("agents"), ConditionType.KillSwitchEngaged).getStatus())
                .isEqualTo("True");
    }

    @Test
    void aPolicyWhoseNewestSpecIsBadIsStoppedAllTheSame() {
        create(Manifests.policy(namespace, "agents", "{}"));
        await().until(() -> configMap("agents-firewall").get() != null);
        edit(Manifests.policy(
                namespace, "agents", "{\"dlp\": {\"patterns\": [{\"name\": \"x\", \"regex\": \"a(b\"}]}}"));
        await().until(() -> "False"
                .equals(condition(policy("agents"), ConditionType.Accepted).getStatus()));

        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": true}"));

        await().until(() ->
                config("agents-firewall").at("/killSwitches/0/engaged").asBoolean());
        awaitTrue("agents", ConditionType.KillSwitchEngaged);
    }

    @Test
    void aSwitchThatSelectsNothingSaysSo() {
        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": true}"));

        await().until(() -> "NoPolicySelected".equals(enforced("stop")));
    }

    @Test
    void deletingTheSwitchReleases() {
        create(Manifests.policy(namespace, "agents", "{}"));
        create(Manifests.killSwitch(namespace, "stop", "{\"engaged\": true}"));
        awaitTrue("agents", ConditionType.KillSwitchEngaged);

        delete(killSwitch("stop"));

        await().until(() -> config("agents-firewall").path("killSwitches").isEmpty());
    }

    private KillSwitchStatus status(String name) {
        var status = killSwitch(name).getStatus();
        return status == null ? new KillSwitchStatus(null, null, null, null, null, null) : status;
    }

    private String enforced(String name) {
        return String.valueOf(
                condition(killSwitch(name), ConditionType.Enforced).getReason());
    }

    private int acknowledged(String name) {
        var pods = status(name).pods();
        return pods == null ? -1 : pods.acknowledged();
    }
}
