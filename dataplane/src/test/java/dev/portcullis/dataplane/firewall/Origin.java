package dev.portcullis.dataplane.firewall;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** A web server on loopback that remembers what reached it. */
final class Origin implements AutoCloseable {
    /** A request that reached it. */
    record Seen(String method, String uri, Map<String, List<String>> headers, byte[] body) {}

    /** How it answers. */
    @FunctionalInterface
    interface Answer {
        void to(HttpExchange exchange, byte[] body) throws IOException;
    }

    final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private Origin(Answer answer, @org.jspecify.annotations.Nullable SSLContext tls) throws IOException {
        var address = new InetSocketAddress("127.0.0.1", 0);
        if (tls == null) {
            server = HttpServer.create(address, 256);
        } else {
            var secure = HttpsServer.create(address, 256);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secure;
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                var body = exchange.getRequestBody().readAllBytes();
                seen.add(new Seen(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        Map.copyOf(exchange.getRequestHeaders()),
                        body));
                answer.to(exchange, body);
            }
        });
        server.start();
    }

    static Origin answering(Answer answer) throws IOException {
        return new Origin(answer, null);
    }

    static Origin saying(String text) throws IOException {
        return new Origin(text(text), null);
    }

    /** One that speaks HTTPS. */
    static Origin secure(SSLContext tls, Answer answer) throws IOException {
        return new Origin(answer, tls);
    }

    /** Answers everything with {@code text}. */
    static Answer text(String text) {
        return (exchange, body) -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url(String path) {
        return "http://origin.test:" + port() + path;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
