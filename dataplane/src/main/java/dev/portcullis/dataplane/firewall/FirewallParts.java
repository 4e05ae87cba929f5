package dev.portcullis.dataplane.firewall;

import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.firewall.http.PageReaders;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitchApi;
import dev.portcullis.dataplane.firewall.net.Dialer;
import dev.portcullis.dataplane.firewall.net.UpstreamPools;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.session.ClientTable;
import dev.portcullis.dataplane.firewall.session.CrossRequest;
import dev.portcullis.dataplane.firewall.session.LiveConnections;
import dev.portcullis.dataplane.firewall.tls.LeafCache;
import dev.portcullis.dataplane.firewall.verdict.ClientRate;
import dev.portcullis.dataplane.firewall.verdict.DataBudget;
import dev.portcullis.dataplane.firewall.verdict.DomainRate;
import dev.portcullis.dataplane.firewall.verdict.Enforcer;
import dev.portcullis.dataplane.firewall.verdict.RequestIds;
import dev.portcullis.dataplane.metrics.FirewallMetrics;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What every connection of one firewall shares.
 *
 * @param openTunnels tunnels open or opening
 * @param openWebSockets WebSocket connections open or opening
 * @param nanoClock monotonic nanoseconds
 */
public record FirewallParts(
        ConfigHolder<FirewallPolicy> policies,
        KillSwitch killSwitch,
        KillSwitchApi killSwitchApi,
        Enforcer enforcer,
        FirewallMetrics metrics,
        LiveConnections live,
        ClientTable clients,
        ClientRate clientRate,
        DomainRate domainRate,
        DataBudget dataBudget,
        CrossRequest crossRequest,
        RequestIds requestIds,
        Dialer dialer,
        UpstreamPools upstreams,
        PageReaders pageReaders,
        LeafCache leaves,
        AtomicInteger openTunnels,
        AtomicInteger openWebSockets,
        RoleView view,
        LongSupplier nanoClock) {}
