package dev.portcullis.dataplane.flow.api;

import dev.portcullis.crd.v1alpha1.FlowDetectorSpec.Role;
import dev.portcullis.dataplane.admin.MetricsPage;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.flow.api.AccessTokens.Access.Denied;
import dev.portcullis.dataplane.flow.api.AccessTokens.Access.Granted;
import dev.portcullis.dataplane.flow.api.AccessTokens.Caller;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every route of the port, in one list, and the order of the checks before each. Any thread. */
final class ApiRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(ApiRoutes.class);
    private static final Caller NOBODY = new Caller("", Role.Viewer);
    private static final String HEALTH = "/healthz";
    private static final ApiResponse ALIVE = ApiResponse.text(200, "ok");

    private final List<Route> routes;
    private final Supplier<AccessTokens> tokens;

    ApiRoutes(RoleView role, FlowReads reads, BanOrders orders, AttackFeed feed, Supplier<AccessTokens> tokens) {
        this.tokens = tokens;
        this.routes = List.of(
                open("/metrics", request -> metrics(role, request)),
                open(HEALTH, request -> ALIVE),
                open(
                        "/readyz",
                        request -> role.ready()
                                ? ApiResponse.text(200, "ready")
                                : ApiResponse.text(
                                        503,
                                        "not ready: "
                                                + String.join(
                                                        "; ", role.status().problems()))),
                open("/status", request -> StatusDocument.of(role.status())),
                view("/api/v1/status", reads::status),
                view("/api/v1/attacks", (request, caller) -> reads.attacks(request)),
                new Route(
                        "GET",
                        "/api/v1/attacks/{id}",
                        Route.Access.VIEWER,
                        (request, caller, id) -> CompletableFuture.completedFuture(reads.attack(id))),
                view("/api/v1/hosts", (request, caller) -> reads.hosts(request)),
                view("/api/v1/groups", (request, caller) -> reads.groups()),
                view("/api/v1/traffic", (request, caller) -> reads.traffic(request)),
                view("/api/v1/events", (request, caller) -> events(request, feed)),
                view("/api/v1/bans", (request, caller) -> reads.bans(request)),
                view("/api/v1/exporters", (request, caller) -> reads.exporters()),
                view("/api/v1/peers", (request, caller) -> reads.peers()),
                view("/api/v1/openapi.json", (request, caller) -> OpenApiDocument.response()),
                order("/api/v1/ban", orders::ban),
                order("/api/v1/unban", orders::unban),
                order("/api/v1/withdraw-all", orders::withdrawAll));
    }

    /** All routes, for the document that describes them. */
    List<Route> all() {
        return routes;
    }

    /** Answers {@code request}; the stage never fails. */
    CompletionStage<ApiResponse> answer(ApiRequest request) {
        try {
            return dispatch(request).exceptionally(ApiRoutes::failed);
        } catch (RuntimeException failure) {
            return CompletableFuture.completedFuture(failed(failure));
        }
    }

    /** Answers what nobody has time for: whoever asks only whether the process lives is told so all the same. */
    static ApiResponse busy(ApiRequest request) {
        return request.path().equals(HEALTH)
                ? ALIVE
                : ApiResponse.error(503, "too many requests are waiting, or the detector is about to end; try again")
                        .with("Retry-After", "1");
    }

    private CompletionStage<ApiResponse> dispatch(ApiRequest request) {
        var caller = NOBODY;
        // Before anything is said about what exists.
        if (request.path().startsWith("/api/")) {
            switch (tokens.get().judge(request.authorization())) {
                case Granted granted -> caller = granted.caller();
                case Denied denied -> {
                    return CompletableFuture.completedFuture(
                            ApiResponse.error(401, denied.why()).with("WWW-Authenticate", "Bearer"));
                }
            }
        }
        var ofPath =
                routes.stream().filter(route -> route.matches(request.path())).toList();
        var found = ofPath.stream()
                .filter(route -> route.method().equals(request.method()))
                .findFirst();
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(notFound(ofPath));
        }
        var route = found.get();
        if (route.access() == Route.Access.OPERATOR) {
            if (caller.role() != Role.Operator) {
                throw new ApiException(403, "this token's role may not perform this action");
            }
            var type = request.contentType();
            if (type == null || !type.regionMatches(true, 0, ApiResponse.JSON, 0, ApiResponse.JSON.length())) {
                throw new ApiException(415, "send JSON with 'Content-Type: application/json'");
            }
        }
        return route.action().answer(request, caller, route.id(request.path()));
    }

    private static ApiResponse notFound(List<Route> ofPath) {
        if (ofPath.isEmpty()) {
            return ApiResponse.error(404, "no such resource; /api/v1/openapi.json lists all");
        }
        var allowed = ofPath.stream().map(Route::method).collect(Collectors.joining(", "));
        return ApiResponse.error(405, "this resource answers " + allowed).with("Allow", allowed);
    }

    private static ApiResponse failed(Throwable failure) {
        var cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return switch (cause) {
            case ApiException known -> known.response();
            case RejectedExecutionException busy ->
                ApiResponse.error(503, "too much is waiting; try again").with("Retry-After", "1");
            case IllegalStateException early
            when "no configuration is in force yet".equals(early.getMessage()) ->
                ApiResponse.error(503, "no configuration is in force yet").with("Retry-After", "1");
            default -> {
                LOG.error("a request of the API failed", cause);
                yield ApiResponse.error(500, "internal error; the log of the pod says more");
            }
        };
    }

    private ApiResponse events(ApiRequest request, AttackFeed feed) {
        if (!feed.hasRoom()) {
            throw new ApiException(503, "too many event streams are open; close one");
        }
        var last = request.lastEventId();
        var after = last != null && last.matches("[0-9]{1,18}") ? Long.parseLong(last) : feed.last();
        return ApiResponse.events(new ApiResponse.Stream(
                feed, after, () -> tokens.get().judge(request.authorization()) instanceof Granted));
    }

    private static ApiResponse metrics(RoleView role, ApiRequest request) {
        var page = MetricsPage.render(role.registry(), request.accept());
        return new ApiResponse(200, page.contentType(), page.body(), Map.of());
    }

    /** Answers at once. */
    @FunctionalInterface
    private interface View {
        ApiResponse of(ApiRequest request, Caller caller);
    }

    /** Answers whoever asks. */
    @FunctionalInterface
    private interface OpenView {
        ApiResponse of(ApiRequest request);
    }

    /** Answers once an order has been carried out. */
    @FunctionalInterface
    private interface Order {
        CompletionStage<ApiResponse> carriedOut(ApiRequest request, Caller caller);
    }

    private static Route open(String path, OpenView view) {
        return new Route(
                "GET",
                path,
                Route.Access.ANYONE,
                (request, caller, id) -> CompletableFuture.completedFuture(view.of(request)));
    }

    private static Route view(String path, View view) {
        return new Route(
                "GET",
                path,
                Route.Access.VIEWER,
                (request, caller, id) -> CompletableFuture.completedFuture(view.of(request, caller)));
    }

    private static Route order(String path, Order order) {
        return new Route(
                "POST", path, Route.Access.OPERATOR, (request, caller, id) -> order.carriedOut(request, caller));
    }
}
