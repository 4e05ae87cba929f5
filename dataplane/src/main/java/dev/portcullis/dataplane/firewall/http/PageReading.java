package dev.portcullis.dataplane.firewall.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.media.MediaScan;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBody;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is made of one page that a fetch brought: what its stages find, one after the other, and its readable text. Read by
 * one thread; another may give it up meanwhile.
 */
final class PageReading {
    private static final int PIECE = 64 * 1024;

    private final FirewallPolicy policy;
    private final String host;
    private final HttpResponse head;
    private final byte[] body;
    private final ObjectNode reply;
    private final String type;
    private final List<List<Finding>> findings = new ArrayList<>();
    private byte @Nullable [] document;
    private volatile boolean givenUp;

    /**
     * A page.
     *
     * @param reply what is known of it, and becomes the reply
     */
    PageReading(FirewallPolicy policy, String host, HttpResponse head, byte[] body, ObjectNode reply) {
        this.policy = policy;
        this.host = host;
        this.head = head;
        this.body = body;
        this.reply = reply;
        this.type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    }

    /** Nobody waits for it: ends after the piece that is being looked at. */
    void giveUp() {
        givenUp = true;
    }

    /** What each stage found, up to the first that refuses the page. */
    List<List<Finding>> findings() {
        return findings;
    }

    /** HTTP status of the origin's reply. */
    int status() {
        return head.status().code();
    }

    /** Bytes of the page. */
    int length() {
        return body.length;
    }

    /** The reply; null where a stage refused the page, or it was given up or could not be read. */
    byte @Nullable [] document() {
        return document;
    }

    /** Reads it. */
    void read() {
        if (refused(MediaScan.judge(policy.media(), type, status() == 206, body))) {
            return;
        }
        try (var scan = new CodedBody(List.of(), new BodyDirection(policy, false, type, host))) {
            for (var at = 0; at < body.length && !givenUp; at += PIECE) {
                scan.feed(ByteBuffer.wrap(body, at, Math.min(PIECE, body.length - at)));
            }
            scan.finish();
            if (refused(scan.findings())) {
                return;
            }
        }
        describe();
        if (!refused(readable())) {
            reply.put("blocked", false);
            document = Replies.bytes(reply);
        }
    }

    private boolean refused(List<Finding> found) {
        findings.add(found);
        return givenUp
                || policy.mode() != Mode.Audit && found.stream().anyMatch(finding -> finding.action() == Action.Block);
    }

    private void describe() {
        reply.put("status_code", status());
        reply.put("content_type", type);
        var lower = type.toLowerCase(Locale.ROOT);
        if (!lower.isEmpty() && !lower.startsWith("text/") && !lower.contains("json") && !lower.contains("xml")) {
            reply.put("content", "");
            reply.put("error", "the content is not text");
            return;
        }
        var content = new String(body, HttpUtil.getCharset(head, StandardCharsets.UTF_8));
        if (lower.contains("html")) {
            var page = PageText.of(content);
            reply.put("title", page.title());
            reply.put("content", page.text());
        } else {
            reply.put("content", content);
        }
    }

    /** What is found in the text as the agent will read it, tags and character references resolved. */
    private List<Finding> readable() {
        var text = reply.path("title").asText("") + '\n' + reply.path("content").asText("");
        var scan = policy.scanner().openResponseBody("text/plain; charset=utf-8", host);
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        for (var at = 0; at < bytes.length && !givenUp; at += PIECE) {
            scan.feed(ByteBuffer.wrap(bytes, at, Math.min(PIECE, bytes.length - at)));
        }
        scan.finish();
        return scan.findings();
    }
}
