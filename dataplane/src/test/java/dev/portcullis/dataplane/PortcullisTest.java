package dev.portcullis.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortcullisTest {
    @ParameterizedTest
    @CsvSource({"v9, 9", "V9, 9", "v5, 5", "ipfix, 10"})
    void aProtocolIsNamedInSmallOrInCapitalLetters(String name, int version) throws Exception {
        try (var collector = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            collector.setSoTimeout(30_000);

            var code = Portcullis.commandLine()
                    .execute(
                            "flowgen",
                            "--protocol",
                            name,
                            "--seconds",
                            "1",
                            "--to",
                            "127.0.0.1:" + collector.getLocalPort());

            assertThat(code).isZero();
            var packet = new DatagramPacket(new byte[9000], 9000);
            collector.receive(packet);
            assertThat(packet.getData()[1]).isEqualTo((byte) version);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"run -f somewhere", "validate", "status", "killswitch engage", "flowgen", "firewall", "flow"})
    void everyCommandTellsItsOptions(String command) {
        var told = new StringWriter();
        var line = Portcullis.commandLine().setOut(new PrintWriter(told));

        var code = line.execute((command + " --help").split(" "));

        assertThat(code).isZero();
        assertThat(told.toString()).startsWith("Usage: portcullis " + command.split(" ")[0]);
    }
}
