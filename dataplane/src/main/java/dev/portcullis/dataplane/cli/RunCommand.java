package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.config.LocalFiles;
import dev.portcullis.dataplane.config.LocalFiles.Loaded;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs every AgentPolicy and FlowDetector of YAML files in this process, with the KillSwitches and MitigationPolicies beside them. */
@Command(
        name = "run",
        description =
                "Run the firewalls and detectors that YAML files describe, in this process, and apply edits live.")
public final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-f", "--file"},
            required = true,
            arity = "1..*",
            description = "Files, or folders whose YAML files are read and watched.")
    List<Path> files = List.of();

    @Option(
            names = "--bind",
            defaultValue = "127.0.0.1",
            description = "Address to listen on. Default ${DEFAULT-VALUE}.")
    String bind = "127.0.0.1";

    @Option(
            names = "--state",
            description =
                    "Folder where bans, and the authority of TLS interception, are kept over a restart. Default: bans are not kept, the authority is in ~/.local/state/portcullis.")
    @Nullable
    Path state;

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ScanEngine.prepare();
        var commandLine = Objects.requireNonNull(spec).commandLine();
        var err = commandLine.getErr();
        var local = new LocalFiles(files);
        var loaded = local.load();
        if (!loaded.problems().isEmpty()) {
            loaded.problems().forEach(err::println);
            err.println("Nothing was started: mend the lines above, './portcullis validate' checks them again.");
            return 1;
        }
        var roles = new LocalRoles(bind, state, System.out);
        var failures = roles.apply(loaded);
        if (failures.isEmpty() && roles.describe(loaded).isEmpty()) {
            failures = List.of("no AgentPolicy and no FlowDetector in " + files);
        }
        if (!failures.isEmpty()) {
            failures.forEach(err::println);
            roles.close();
            return 1;
        }
        banner(err, roles.describe(loaded), roles.tries(loaded));
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            roles.close();
            ended.countDown();
        }));
        try (var watch = local.watch(edited -> reload(roles, edited, err))) {
            ended.await();
        }
        return 0;
    }

    private static void reload(LocalRoles roles, Loaded edited, PrintWriter err) {
        if (!edited.problems().isEmpty()) {
            edited.problems().forEach(err::println);
            err.println("This edit changes nothing: what ran before goes on until the lines above are mended.");
            return;
        }
        roles.apply(edited).forEach(err::println);
    }

    private void banner(PrintWriter err, List<String> roles, List<String> tries) {
        err.println();
        roles.forEach(err::println);
        err.println();
        err.println("To try in another terminal:");
        tries.forEach(line -> err.println("  " + line));
        err.println(
                "  ./portcullis killswitch engage -f " + files.getFirst() + "   everything stops; 'release' lets go");
        err.println();
        err.println("Edit the files while this runs. Audit lines follow; Ctrl-C ends.");
        err.flush();
    }
}
