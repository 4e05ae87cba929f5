package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** nghttp2's own client and load generator through interception, HTTP/2 on both sides. */
@Timeout(120)
class NghttpTest {
    @TempDir
    Path folder;

    @Test
    void requestsTrailersAndUploadsPass() throws Exception {
        var nghttp = Installed.program("nghttp", "nghttp2-client");
        var file = Files.writeString(folder.resolve("body"), "x".repeat(3_000_000));
        try (var origin = new Http2Origin(Http2Settings.defaultSettings(), request -> {
                    request.head(false, "content-type", "text/plain");
                    request.data(request.ctx().alloc().buffer().writeBytes("body of it\n".getBytes()), false);
                    request.trailers("x-behind", "the body");
                });
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var bridge = new ConnectBridge(firewall, "origin.test", origin.port())) {
            var url = "https://127.0.0.1:" + bridge.port() + "/";
            var authority = ":authority: origin.test:" + origin.port();
            var get = Program.run(folder, "", List.of(nghttp, "-y", "-v", "-m", "5", "-H", authority, url));
            assertThat(get.out()).contains("body of it", "x-behind: the body");
            assertThat(origin.requests).hasValue(5);
            var post = Program.run(folder, "", List.of(nghttp, "-y", "-d", file.toString(), "-H", authority, url));
            assertThat(post.out()).contains("body of it");
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"allowed\"}"))
                    .isEqualTo(6);
            assertThat(firewall.metric("portcullis_http2_faults_total")).isZero();
        }
    }

    @Test
    void aBurstOfStreamsOverSeveralConnectionsLosesNone() throws Exception {
        var h2load = Installed.program("h2load", "nghttp2-client");
        try (var origin = new Http2Origin(Http2Settings.defaultSettings(), request -> request.say("short"));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var bridge = new ConnectBridge(firewall, "origin.test", origin.port())) {
            var run = Program.run(
                    folder,
                    "",
                    List.of(
                            h2load,
                            "-n",
                            "2000",
                            "-c",
                            "4",
                            "-m",
                            "50",
                            "-H",
                            ":authority: origin.test:" + origin.port(),
                            "https://127.0.0.1:" + bridge.port() + "/"));
            assertThat(run.out()).contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", "status codes: 2000 2xx");
            assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"allowed\"}"))
                    .isEqualTo(2000);
        }
    }
}
