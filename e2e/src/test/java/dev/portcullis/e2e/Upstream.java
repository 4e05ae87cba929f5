package dev.portcullis.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server on this machine, at an address that pods reach, and an agent's way to it through a proxy. */
final class Upstream implements AutoCloseable {
    static final String GREETING = "hello from upstream";

    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();

    Upstream(String address) throws IOException {
        server = HttpServer.create(new InetSocketAddress(address, 0), 16);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            var body = GREETING.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, body.length);
            try (exchange) {
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    /** Requests that have arrived. */
    int requests() {
        return requests.get();
    }

    URI uri(String pathAndQuery) {
        var address = server.getAddress();
        return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + pathAndQuery);
    }

    /** GETs a path of this server through {@code proxy}, as a client that understands JSON. */
    HttpResponse<String> through(InetSocketAddress proxy, String pathAndQuery)
            throws IOException, InterruptedException {
        try (var agent = agent(proxy)) {
            return agent.send(
                    HttpRequest.newBuilder(uri(pathAndQuery))
                            .header("Accept", "application/json, */*")
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** POSTs a body in a content coding to this server through {@code proxy}. */
    HttpResponse<String> post(InetSocketAddress proxy, String coding, byte[] body)
            throws IOException, InterruptedException {
        try (var agent = agent(proxy)) {
            return agent.send(
                    HttpRequest.newBuilder(uri("/"))
                            .header("Content-Type", "application/json")
                            .header("Content-Encoding", coding)
                            .timeout(Duration.ofSeconds(10))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static HttpClient agent(InetSocketAddress proxy) {
        return HttpClient.newBuilder()
                .proxy(ProxySelector.of(proxy))
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    /** GETs a URI without any proxy. */
    static String get(String uri) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var response = client.send(
                    HttpRequest.newBuilder(URI.create(uri))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError(uri + " answered " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
