package dev.portcullis.dataplane.flow.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import dev.portcullis.dataplane.flow.api.AccessTokens.Caller;
import dev.portcullis.dataplane.flow.mitigate.Ban;
import dev.portcullis.dataplane.flow.mitigate.BanRequest;
import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Orders given by hand: bodies in, bans out. */
final class BanOrders {
    /** Longest reason of a ban, in characters. */
    static final int MAX_REASON = 500;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(LogicalType.Textual, config -> {
                config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
            })
            .build();

    private record BanBody(
            @Nullable String ip,
            @Nullable String ttl,
            @Nullable String method,
            @Nullable String reason) {}

    private record UnbanBody(@Nullable String ip) {}

    private record WithdrawAllBody(@Nullable String pause) {}

    private record Withdrawn(int withdrawn, List<BanView> bans) {}

    private final Mitigator mitigator;

    BanOrders(Mitigator mitigator) {
        this.mitigator = mitigator;
    }

    CompletionStage<ApiResponse> ban(ApiRequest request, Caller caller) {
        var body = read(request, BanBody.class);
        var reason = body.reason();
        if (reason != null && reason.length() > MAX_REASON) {
            throw new ApiException(400, "reason: longer than " + MAX_REASON + " characters");
        }
        var ttl = body.ttl() == null ? null : duration("ttl", body.ttl(), BanRequest.MIN_TTL, BanRequest.MAX_TTL);
        var order = new BanRequest(address(body.ip()), ttl, method(body.method()), caller.name(), reason);
        return mitigator
                .ban(order)
                .thenApply(ban -> ApiResponse.json(ban.state() == Ban.State.REJECTED ? 409 : 200, BanView.of(ban)));
    }

    CompletionStage<ApiResponse> unban(ApiRequest request, Caller caller) {
        var target = address(read(request, UnbanBody.class).ip());
        return mitigator.unban(target, caller.name()).thenApply(ban -> ban.map(
                        over -> ApiResponse.json(200, BanView.of(over)))
                .orElseGet(() -> ApiResponse.error(404, "no active ban for " + target.getHostAddress())));
    }

    CompletionStage<ApiResponse> withdrawAll(ApiRequest request, Caller caller) {
        var pause = request.body().length == 0
                ? null
                : read(request, WithdrawAllBody.class).pause();
        var time = pause == null ? Duration.ZERO : duration("pause", pause, Duration.ZERO, BanRequest.MAX_TTL);
        return mitigator
                .withdrawAll(caller.name(), time)
                .thenApply(bans -> ApiResponse.json(
                        200,
                        new Withdrawn(
                                bans.size(), bans.stream().map(BanView::of).toList())));
    }

    private static <T> T read(ApiRequest request, Class<T> type) {
        try {
            var body = MAPPER.readValue(request.body(), type);
            if (body == null) {
                throw new ApiException(400, "the body must be a JSON object");
            }
            return body;
        } catch (JsonProcessingException notThis) {
            // The parser's own words can quote the body, and classes of ours.
            var at = notThis.getLocation();
            throw new ApiException(
                    400,
                    "the body is not a JSON object of the fields that /api/v1/openapi.json names"
                            + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"));
        } catch (IOException unreadable) {
            throw new ApiException(400, "the body cannot be read");
        }
    }

    /** Literals alone: an API that resolved names would ask DNS for whoever calls it. */
    private static InetAddress address(@Nullable String text) {
        if (text != null && text.length() <= 45 && text.indexOf('%') < 0) {
            try {
                var address = InetAddress.ofLiteral(text);
                // Forms such as 010.1 or 3405803777 mean an address to some readers and another to others.
                if (text.indexOf(':') >= 0 || address.getHostAddress().equals(text)) {
                    return address;
                }
            } catch (IllegalArgumentException notAnAddress) {
                throw new ApiException(400, "ip: not an IP address; write one such as 203.0.113.45 or 2001:db8::45");
            }
        }
        throw new ApiException(400, "ip: not an IP address; write one such as 203.0.113.45 or 2001:db8::45");
    }

    private static @Nullable Method method(@Nullable String text) {
        return switch (text) {
            case null -> null;
            case "blackhole" -> Method.Blackhole;
            case "flowspec" -> Method.FlowSpec;
            default -> throw new ApiException(400, "method: write blackhole or flowspec, or leave it out");
        };
    }

    private static Duration duration(String field, String text, Duration least, Duration most) {
        if (text.length() <= 32) {
            try {
                var duration = TimeSpan.parse(text).duration();
                if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                    return duration;
                }
            } catch (IllegalArgumentException notADuration) {
                throw new ApiException(400, field + ": not a duration; write one such as 90s, 10m or 24h");
            }
        }
        throw new ApiException(
                400, field + ": write a duration from " + new TimeSpan(least) + " to " + new TimeSpan(most));
    }
}
