package dev.portcullis.dataplane.flow.mitigate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.detect.Attack;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MitigationBookTest {
    private static final String VICTIM = "203.0.113.45";
    private static final String LIVE = "{dryRun: false}";
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve(MitigationBook.FILE_NAME);
    }

    private Mitigation written() throws IOException {
        var mitigation = new Mitigation(directory).under("{dryRun: false, ban: {maxBannedFraction: '1'}}");
        mitigation.sees(Attacks.on(VICTIM, "ntp_amplification", 123, Attack.Direction.INCOMING));
        mitigation.orders(new BanRequest(
                InetAddress.ofLiteral("2001:db8::45"), Duration.ofHours(1), Method.FlowSpec, "noc", "by \"hand\"\n"));
        mitigation.bans("203.0.113.47");
        mitigation.unbans("203.0.113.47");
        return mitigation.saves();
    }

    @Test
    void bansOutliveTheProcess() throws IOException {
        written();

        var next = new Mitigation(directory, Attacks.START.plus(SECOND)).under(LIVE);
        assertThat(next.announced())
                .as("nothing before a configuration is in force")
                .isEmpty();
        next.round();

        assertThat(next.announced()).containsExactly(VICTIM + "/32");
        assertThat(next.bans())
                .extracting(Ban::state)
                .containsExactly(Ban.State.ACTIVE, Ban.State.WITHDRAWN, Ban.State.REJECTED);
    }

    @Test
    void everyFieldComesBack() throws IOException {
        var before = written()
                .under("{dryRun: false, flowSpec: {allowDestinationOnly: true}, ban: {maxBannedFraction: '1'}}");
        before.orders(new BanRequest(
                InetAddress.ofLiteral("2001:db8::45"), Duration.ofHours(1), Method.FlowSpec, "noc", "by \"hand\"\n"));
        before.saves();

        var after = new Mitigation(directory).under(before.protection()).round();

        var manual = Objects.requireNonNull(after.book.active(InetAddress.ofLiteral("2001:db8::45")));
        assertThat(manual.order()).isEqualTo(new Ban.Order(true, Method.FlowSpec, "noc", "by \"hand\"\n"));
        assertThat(manual.life().expiresAt()).isEqualTo(Attacks.START.plus(Duration.ofHours(1)));
        assertThat(manual.life().ttl()).isEqualTo(Duration.ofHours(1));
        var automatic = Objects.requireNonNull(after.book.active(InetAddress.ofLiteral(VICTIM)));
        assertThat(automatic.cause().metric()).isEqualTo("pps");
        assertThat(automatic.cause().vectors())
                .containsExactly(new Vector(Attack.Direction.INCOMING, "ntp_amplification", 123));
        assertThat(automatic.policy()).isEqualTo("edge");
        assertThat(automatic.life().startedAt()).isEqualTo(Attacks.START);
    }

    @Test
    void aRestoredBanHoldsUntilItsTtlUnlessItsAttackIsSeenToEnd() throws IOException {
        written();
        var attack = Attacks.on(VICTIM, "udp_flood");

        var silent = new Mitigation(directory, Attacks.START.plus(Duration.ofMinutes(9)))
                .under(LIVE)
                .round();
        assertThat(silent.announced()).hasSize(1);
        assertThat(silent.after(Duration.ofMinutes(1)).round().announced()).isEmpty();

        silent.saves();
        written();
        var ending = new Mitigation(directory, Attacks.START.plus(SECOND)).under("{dryRun: false, method: FlowSpec}");
        assertThat(ending.sees(attack).announced()).isNotEmpty();
        assertThat(ending.sees(Attacks.ended(attack)).announced()).isEmpty();
    }

    @Test
    void whatTheGuardsNoLongerAllowIsNotRestored() throws IOException {
        written();

        var next = new Mitigation(directory)
                .under("{dryRun: false, whitelist: [203.0.113.45]}")
                .round();

        assertThat(next.announced()).isEmpty();
    }

    @Test
    void aBanPastItsTtlIsNotRestored() throws IOException {
        written();

        var next = new Mitigation(directory, Attacks.START.plus(Duration.ofHours(2)))
                .under(LIVE)
                .round();

        assertThat(next.announced()).isEmpty();
        assertThat(next.router.told()).allMatch(java.util.List::isEmpty);
    }

    @Test
    void theRateLimitRemembersTheBansBeforeTheRestart() throws IOException {
        written();

        var next = new Mitigation(directory, Attacks.START.plus(SECOND))
                .under("{dryRun: false, ban: {maxPerWindow: 1, maxBannedFraction: '1'}}")
                .sees(Attacks.on("203.0.113.99", "udp_flood"));

        assertThat(next.announced()).containsExactly(VICTIM + "/32");
        assertThat(next.rejectedFor(Refusal.BLAST_RADIUS_RATE)).isEqualTo(1);
    }

    @Test
    void thePauseOutlivesTheProcess() throws IOException {
        var before = new Mitigation(directory).under(LIVE);
        before.withdrawsAll(before.now().plus(Duration.ofMinutes(5)));
        before.saves();

        var next = new Mitigation(directory, Attacks.START.plus(SECOND)).under(LIVE);

        assertThat(next.sees(Attacks.on(VICTIM, "udp_flood")).announced()).isEmpty();
    }

    @Test
    void aFileCutOffAnywhereIsKeptAsideAndTheBookStartsEmpty() throws IOException {
        written();
        var whole = Files.readAllBytes(file());

        for (var length = 0; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            var book = MitigationBook.open(directory, Attacks.START.plusMillis(length));
            assertThat(book.active()).as("cut off at %d", length).isEmpty();
            assertThat(file()).doesNotExist();
            assertThat(directory.resolve("bans.json.unreadable-" + (Attacks.START.toEpochMilli() + length)))
                    .hasBinaryContent(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void hostileFilesAreKeptAsideAndTheBookStartsEmpty() throws IOException {
        written();
        var whole = Files.readString(file());
        var files = new String[] {
            whole + "{}",
            whole.replace("\"version\":1", "\"version\":2"),
            whole.replace("\"version\":1,", ""),
            whole.replace(VICTIM, "localhost"),
            whole.replace(VICTIM, "203.0.113.45/24"),
            whole.replace("\"ttl_millis\"", "\"ttl_minutes\""),
            whole.replace("incoming", "sideways"),
            "null",
            "[]",
            "[".repeat(100_000),
            "{\"version\":1,\"bans\":" + "[".repeat(100_000),
            "\u0000".repeat(1000)
        };
        for (var content : files) {
            Files.write(file(), content.getBytes(StandardCharsets.UTF_8));
            assertThat(MitigationBook.open(directory, Attacks.START).active()).isEmpty();
            assertThat(file()).doesNotExist();
        }
    }

    @Test
    void aHalfWrittenReplacementDoesNoHarm() throws IOException {
        written();
        Files.writeString(directory.resolve("bans.json.new"), "{\"version\":1,\"ba");

        var next = new Mitigation(directory).under(LIVE).round();

        assertThat(next.announced()).containsExactly(VICTIM + "/32");
        next.sees(Attacks.on("203.0.113.46", "udp_flood")).saves();
        assertThat(new Mitigation(directory).book.active()).hasSize(2);
    }

    @Test
    void aBookThatCannotBeWrittenSaysSoAndKeepsWhatItHas() throws IOException {
        var blocked = directory.resolve("a-file");
        Files.writeString(blocked, "not a directory");
        var mitigation = new Mitigation(blocked).under(LIVE).sees(Attacks.on(VICTIM, "udp_flood"));

        assertThatThrownBy(mitigation::saves).isInstanceOf(IOException.class);
        assertThat(mitigation.announced()).hasSize(1);
    }

    @Test
    void renewalsReachTheDiskBeforeAQuarterOfTheTtlIsLost() throws IOException {
        var attack = Attacks.on(VICTIM, "udp_flood");
        var mitigation = new Mitigation(directory).under(LIVE);
        for (var second = 0; second < 1800; second++) {
            mitigation.sees(attack).saves().after(SECOND);
        }

        var expires = MitigationBook.open(directory, mitigation.now())
                .active()
                .getFirst()
                .life()
                .expiresAt();

        assertThat(Duration.between(mitigation.now(), expires)).isGreaterThan(Duration.ofSeconds(440));
    }

    @Test
    void historyIsBounded() {
        var book = MitigationBook.open(directory, Attacks.START);
        var mitigation = new Mitigation(directory).under("{ban: {maxPerWindow: 100000}}");
        for (var i = 0; i < MitigationBook.MAX_HISTORY + 10; i++) {
            mitigation.bans(VICTIM);
            mitigation.unbans(VICTIM);
        }

        assertThat(book.history()).isEmpty();
        assertThat(mitigation.book.history()).hasSize(MitigationBook.MAX_HISTORY);
    }
}
