package dev.portcullis.benchmarks.proxy;

import dev.portcullis.benchmarks.scan.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The origin of every row: nginx with files of 1 KiB, 64 KiB, 1 MiB and 64 MiB, which answers a POST once it has read it. */
final class Upstream implements AutoCloseable {
    private final Contender server;
    private final int tlsPort = Contender.freePort();

    /**
     * Starts it, with its files in {@code folder}, which should be in memory.
     *
     * @param certificate of its HTTPS
     */
    Upstream(Path folder, Certificate certificate) throws IOException {
        Files.createDirectories(folder.resolve("files"));
        for (var size : Size.values()) {
            Files.write(folder.resolve("files").resolve(size.file()), size.text());
        }
        server = new Contender("nginx", (own, port) -> command(own, port, tlsPort, certificate), folder);
        server.start();
    }

    /** A size of body, and its file. */
    enum Size {
        KIB("1 KiB", 1 << 10),
        KIB64("64 KiB", 64 << 10),
        MIB("1 MiB", 1 << 20),
        MIB64("64 MiB", 64 << 20);

        private final String label;
        private final int bytes;

        Size(String label, int bytes) {
            this.label = label;
            this.bytes = bytes;
        }

        String label() {
            return label;
        }

        int bytes() {
            return bytes;
        }

        String file() {
            return bytes + ".json";
        }

        /** A JSON text of this size like those that agents and models exchange. */
        byte[] text() {
            return Texts.turns(bytes);
        }
    }

    private static List<String> command(Path folder, int port, int tlsPort, Certificate certificate)
            throws IOException {
        var config = folder.resolve("nginx.conf");
        Files.writeString(config, """
                daemon off;
                user root;
                worker_processes 1;
                worker_rlimit_nofile 22000;
                pid %1$s/pid;
                error_log %1$s/error.log;
                events { worker_connections 21000; }
                http {
                  access_log off;
                  sendfile on;
                  tcp_nopush on;
                  tcp_nodelay on;
                  keepalive_requests 1000000000;
                  keepalive_timeout 600s;
                  client_header_timeout 600s;
                  client_max_body_size 0;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  types { application/json json; }
                  server {
                    listen 127.0.0.1:%2$d backlog=16384;
                    listen 127.0.0.1:%3$d ssl backlog=16384;
                    ssl_certificate %4$s;
                    ssl_certificate_key %5$s;
                    ssl_session_tickets off;
                    location / { root %1$s/files; }
                    location /post { return 200 "{}"; }
                  }
                }
                """.formatted(folder, port, tlsPort, certificate.pem(), certificate.key()));
        return List.of("nginx", "-p", folder.toString(), "-c", config.toString(), "-e", folder + "/error.log");
    }

    int port() {
        return server.port();
    }

    /** The port of HTTPS, for {@code localhost}. */
    int tlsPort() {
        return tlsPort;
    }

    /** The URL of a body of {@code size}. */
    String url(Size size) {
        return "http://127.0.0.1:" + port() + "/" + size.file();
    }

    /** A URL that takes a POST. */
    String post() {
        return "http://127.0.0.1:" + port() + "/post";
    }

    @Override
    public void close() {
        server.close();
    }
}
