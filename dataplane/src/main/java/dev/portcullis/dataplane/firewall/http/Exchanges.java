package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.killswitch.KillSwitch;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Decides what kind of exchange a request is. */
@FunctionalInterface
public interface Exchanges {
    /** The exchange for {@code head}; {@link Exchange#start()} is called next. */
    Exchange open(ClientConnection connection, HttpRequest head);

    /** What ends the exchanges of {@code client} while they run: an engaged kill switch that does not exempt it, or null. */
    default @Nullable Engagement engagement(KillSwitch killSwitch, InetAddress client) {
        return killSwitch.engagementFor(client);
    }
}
