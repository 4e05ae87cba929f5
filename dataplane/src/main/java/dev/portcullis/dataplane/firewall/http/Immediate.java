package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import io.netty.handler.codec.http.HttpContent;
import org.jspecify.annotations.Nullable;

/** An exchange whose answer is known from the head. */
public record Immediate(Runnable answer) implements Exchange {
    @Override
    public void start() {
        answer.run();
    }

    @Override
    public boolean wantsContent() {
        return false;
    }

    @Override
    public void content(HttpContent part) {
        part.release();
    }

    @Override
    public void unreadable(String sentence) {}

    @Override
    public void clientWritabilityChanged() {}

    @Override
    public void clientGone() {}

    @Override
    public void idle() {}

    @Override
    public void recheck(@Nullable FirewallPolicy policy, @Nullable Engagement engagement) {}
}
