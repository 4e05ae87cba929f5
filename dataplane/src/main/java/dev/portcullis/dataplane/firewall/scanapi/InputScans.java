package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scanapi.TextScan.Pass;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;

/** What each kind of input is scanned for. */
final class InputScans {
    private static final String PLAIN = "text/plain";

    private InputScans() {}

    /**
     * Begins the scan of {@code input}.
     *
     * @param resume called on {@code loop} when a scan that waits can go on
     */
    static InputScan open(
            ScanApi api, FirewallPolicy policy, ScanRequest.Input input, EventLoop loop, Runnable resume) {
        return switch (input.kind()) {
            case url -> new UrlScan(api.parts().domainRate(), api.names(), policy, input.name(), loop, resume);
            case dlp -> new TextScan(List.of(secrets(policy, ByteBuffer.wrap(input.text()), "text")));
            case prompt_injection ->
                new TextScan(List.of(injections(policy, ByteBuffer.wrap(input.text()), "content")));
            case tool_call -> {
                var texts = new ToolCallText(input.name(), input.text());
                yield new TextScan(List.of(
                        secrets(policy, texts.lines(), "tool call"),
                        injections(policy, texts.lines(), "tool call"),
                        secrets(policy, texts.written(), "tool call"),
                        secrets(policy, texts.values(), "tool call")));
            }
        };
    }

    private static Pass secrets(FirewallPolicy policy, ByteBuffer text, String where) {
        return new Pass(
                () -> policy.scanner().openRequestBody(PLAIN, ""), text, finding -> ScanFinding.inText(finding, where));
    }

    private static Pass injections(FirewallPolicy policy, ByteBuffer text, String where) {
        return new Pass(
                () -> policy.scanner().openResponseBody(PLAIN, ""),
                text,
                finding -> ScanFinding.inContent(finding, where));
    }
}
