package dev.portcullis.dataplane;

import dev.portcullis.dataplane.admin.BuildVersion;
import dev.portcullis.dataplane.cli.FirewallCommand;
import dev.portcullis.dataplane.cli.FlowCommand;
import dev.portcullis.dataplane.cli.FlowgenCommand;
import dev.portcullis.dataplane.cli.KillSwitchCommand;
import dev.portcullis.dataplane.cli.RunCommand;
import dev.portcullis.dataplane.cli.StatusCommand;
import dev.portcullis.dataplane.cli.TrainingCommand;
import dev.portcullis.dataplane.cli.ValidateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line, on a laptop and in the pods. */
@Command(
        name = "portcullis",
        description = "An egress firewall for AI agents and a DDoS flow detector.",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        versionProvider = Portcullis.Version.class,
        subcommands = {
            RunCommand.class,
            ValidateCommand.class,
            StatusCommand.class,
            KillSwitchCommand.class,
            FlowgenCommand.class,
            FirewallCommand.class,
            FlowCommand.class,
            TrainingCommand.class
        })
public final class Portcullis {
    private Portcullis() {}

    /** The version of this build. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"portcullis " + BuildVersion.current()};
        }
    }

    /** Runs one command; its exit code is the process's: 0 done, 1 refused or failed, 2 wrong arguments. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line: {@code v9} names a protocol as well as {@code V9}. */
    static CommandLine commandLine() {
        return new CommandLine(new Portcullis())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, commandLine, result) -> {
                    commandLine.getErr().println(commandLine.getCommandName() + ": " + failure.getMessage());
                    return 1;
                });
    }
}
