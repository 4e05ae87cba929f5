package dev.portcullis.dataplane.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what the admin port serves. */
final class AdminRoutes extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(AdminRoutes.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RoleView role;

    AdminRoutes(RoleView role) {
        this.role = role;
    }

    private record Answer(int status, String contentType, byte[] body) {}

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        var answer = answer(request);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (answer.status() == 405) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET");
        }
        var stays = HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        HttpUtil.setKeepAlive(response, stays);
        var written = ctx.writeAndFlush(response);
        if (!stays) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private Answer answer(FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return json(400, Map.of("error", "the request is not HTTP/1.1"));
        }
        var uri = request.uri();
        var query = uri.indexOf('?');
        var path = query < 0 ? uri : uri.substring(0, query);
        if (!request.method().equals(HttpMethod.GET)) {
            return json(405, Map.of("error", "method not allowed: use GET"));
        }
        try {
            return switch (path) {
                case "/metrics" -> {
                    var page = MetricsPage.render(
                            role.registry(), request.headers().get(HttpHeaderNames.ACCEPT));
                    yield new Answer(200, page.contentType(), page.body());
                }
                case "/stats" -> json(200, role.stats());
                case "/status" -> json(200, role.status());
                case "/healthz" -> json(200, Map.of("status", "ok"));
                case "/readyz" ->
                    role.ready()
                            ? json(200, Map.of("status", "ready"))
                            : json(
                                    503,
                                    Map.of(
                                            "status",
                                            "not ready",
                                            "problems",
                                            role.status().problems()));
                default -> json(404, Map.of("error", "there is /metrics, /stats, /status, /healthz and /readyz here"));
            };
        } catch (RuntimeException e) {
            LOG.error("The admin port could not answer {}", path, e);
            return json(500, Map.of("error", "internal error, see the log"));
        }
    }

    private static Answer json(int status, Object document) {
        try {
            return new Answer(
                    status,
                    "application/json",
                    (JSON.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document of the admin port cannot be written", e);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
