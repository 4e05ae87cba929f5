package dev.portcullis.operator.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** A small HTTP server for probes or metrics: each path answers what a supplier says. */
public final class ProbeServer implements AutoCloseable {
    /** An answer. */
    public record Answer(int status, String contentType, String body) {
        /** 200 when {@code problem} is empty, else 503 with it. */
        public static Answer ofProblem(String problem) {
            return new Answer(
                    problem.isEmpty() ? 200 : 503,
                    "text/plain; charset=utf-8",
                    problem.isEmpty() ? "ok\n" : problem + "\n");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Listens on {@code port}, or on a free one when it is 0. */
    public ProbeServer(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(port), 16);
        server.setExecutor(threads);
    }

    /** Answers GET {@code path}. */
    public ProbeServer on(String path, Supplier<Answer> answer) {
        server.createContext(path, exchange -> reply(exchange, path, answer));
        return this;
    }

    private static void reply(HttpExchange exchange, String path, Supplier<Answer> answer) throws IOException {
        try (exchange) {
            var found = exchange.getRequestURI().getPath().equals(path);
            var reply = found ? answer.get() : new Answer(404, "text/plain; charset=utf-8", "not found\n");
            var body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", reply.contentType());
            exchange.sendResponseHeaders(reply.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Starts answering. */
    public ProbeServer start() {
        server.start();
        return this;
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
