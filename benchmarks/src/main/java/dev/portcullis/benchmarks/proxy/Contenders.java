package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who takes part, each as its package ships it but for what the load needs: room for the connections, no cache, no line a
 * request. Portcullis takes part twice: with every scanner of mode Balanced, and with what scans switched off where a
 * policy can.
 */
final class Contenders {
    /** No proxy at all. */
    static final String DIRECT = "direct";
    /** Scanning as little as a policy can say. */
    static final String BARE = "portcullis bare";
    /** Scanning everything. */
    static final String BALANCED = "portcullis";
    /** What the ratios are taken against. */
    static final String SQUID = "squid";

    /** Of Debian's squid-openssl. */
    private static final String CERTIFICATES = "/usr/lib/squid/security_file_certgen";

    private static final String LIMITS = """
            apiVersion: portcullis.dev/v1alpha1
            kind: AgentPolicy
            metadata: {name: benchmark}
            spec:
              mode: Balanced
              port: %d
              network: {allowedRanges: ["127.0.0.0/8"]}
              connect: {ports: []}
              audit: {includeAllowed: false}
            """;

    private Contenders() {}

    /**
     * All of them, none started.
     *
     * @param portcullis the command line that begins Portcullis, without its arguments
     */
    static Map<String, Contender> in(Path folder, List<String> portcullis) {
        var all = new LinkedHashMap<String, Contender>();
        add(all, new Contender(DIRECT, null, folder));
        add(all, new Contender(BARE, (own, port) -> portcullis(portcullis, own, port, """
                          limits: {requestsPerMinutePerHost: 0, connectionsPerClient: 30000, tunnels: 30000, tunnelLifetime: 1h, idleTimeout: 1h, requestBody: "1", responseBody: "1"}
                          dlp: {headers: {scan: "Off"}}
                          entropy: {url: "0", subdomain: "0"}
                        """), folder.resolve("bare")));
        add(
                all,
                new Contender(
                        BALANCED, (own, port) -> portcullis(portcullis, own, port, """
                          limits: {requestsPerMinutePerHost: 0, connectionsPerClient: 30000, tunnels: 30000, tunnelLifetime: 1h, idleTimeout: 1h}
                        """), folder.resolve("balanced")));
        add(all, new Contender(SQUID, Contenders::squid, folder.resolve("squid")));
        add(all, new Contender("tinyproxy", Contenders::tinyproxy, folder.resolve("tinyproxy")));
        add(all, new Contender("mitmproxy", Contenders::mitmproxy, folder.resolve("mitmproxy")));
        return all;
    }

    /**
     * Those that can look into HTTPS, set up to look into all of it, none started.
     *
     * @param origin the certificate of the origin, which they are to trust
     */
    static Map<String, Contender> intercepting(Path folder, List<String> portcullis, Certificate origin) {
        var all = new LinkedHashMap<String, Contender>();
        add(
                all,
                new Contender(
                        BALANCED,
                        (own, port) -> intercepting(portcullis, own, port, origin),
                        folder.resolve("balanced")));
        add(all, new Contender(SQUID, (own, port) -> bumping(own, port, origin), folder.resolve("squid")));
        add(all, new Contender("mitmproxy", Contenders::mitmproxy, folder.resolve("mitmproxy")));
        return all;
    }

    private static List<String> intercepting(List<String> java, Path folder, int port, Certificate origin)
            throws IOException {
        var command = new ArrayList<>(portcullis(
                java, folder, port, """
                  limits: {requestsPerMinutePerHost: 0, connectionsPerClient: 30000}
                  tlsInterception: {enabled: true, domains: ["*"], upstreamTrust: {configMapRef: {name: origin, key: ca.crt}}}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: origin}
                data:
                  ca.crt: |
                """ + Files.readString(origin.pem()).indent(4)));
        command.addAll(List.of("--state", folder.resolve("state").toString()));
        return command;
    }

    private static List<String> bumping(Path folder, int port, Certificate origin) throws IOException {
        var authority = new Certificate(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        try {
            Certificate.in(folder);
            var made = new ProcessBuilder(
                            CERTIFICATES,
                            "-c",
                            "-s",
                            folder.resolve("certificates").toString(),
                            "-M",
                            "4MB")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("certgen.log").toFile())
                    .start();
            if (made.waitFor() != 0) {
                throw new IOException(Files.readString(folder.resolve("certgen.log")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        // Squid started by root goes on as another user, with its certificates.
        try (var files = Files.walk(folder)) {
            for (var file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
        }
        var command = squid(folder, port);
        var config = folder.resolve("squid.conf");
        Files.writeString(
                config,
                Files.readString(config)
                                .replace(
                                        "http_port 127.0.0.1:" + port,
                                        "http_port 127.0.0.1:%d ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=4MB tls-cert=%s tls-key=%s"
                                                .formatted(port, authority.pem(), authority.key()))
                        + """
                        sslcrtd_program %s -s %s/certificates -M 4MB
                        tls_outgoing_options cafile=%s
                        acl hello at_step SslBump1
                        ssl_bump peek hello
                        ssl_bump bump all
                        """.formatted(CERTIFICATES, folder, origin.pem()));
        return command;
    }

    private static void add(Map<String, Contender> all, Contender one) {
        all.put(one.name(), one);
    }

    private static List<String> portcullis(List<String> java, Path folder, int port, String rest) throws IOException {
        var policy = folder.resolve("policy.yaml");
        Files.writeString(policy, LIMITS.formatted(port) + rest);
        var command = new ArrayList<>(java);
        command.addAll(List.of("run", "-f", policy.toString()));
        return command;
    }

    private static List<String> squid(Path folder, int port) throws IOException {
        var config = folder.resolve("squid.conf");
        Files.writeString(config, """
                http_port 127.0.0.1:%1$d
                pid_filename %2$s/pid
                cache deny all
                memory_cache_shared off
                access_log none
                cache_log %2$s/cache.log
                coredump_dir %2$s
                max_filedescriptors 22000
                http_access allow all
                shutdown_lifetime 0 seconds
                """.formatted(port, folder));
        // Without the processes it would fork and the worker would leave the process tree that is measured.
        return List.of("squid", "-N", "-n", "bench" + port, "-f", config.toString());
    }

    private static List<String> tinyproxy(Path folder, int port) throws IOException {
        var config = folder.resolve("tinyproxy.conf");
        Files.writeString(config, """
                Port %d
                Listen 127.0.0.1
                MaxClients 20000
                Timeout 3600
                LogLevel Critical
                LogFile "%s/tinyproxy.log"
                """.formatted(port, folder));
        return List.of("tinyproxy", "-d", "-c", config.toString());
    }

    private static List<String> mitmproxy(Path folder, int port) {
        return List.of(
                "mitmdump",
                "--quiet",
                "--set",
                "confdir=" + folder,
                "--set",
                "flow_detail=0",
                "--set",
                "stream_large_bodies=64k",
                "--set",
                "ssl_insecure=true",
                "--listen-host",
                "127.0.0.1",
                "--listen-port",
                Integer.toString(port));
    }
}
