package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Requests as fast as a number of kept connections allow, with wrk: requests a second, p50 and p99, CPU a request. */
record WrkRow(
        String group, String title, Upstream upstream, Upstream.Size size, int connections, int seconds, Path folder)
        implements Row {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern COUNT = Pattern.compile("(\\d+) requests in");
    private static final Pattern PERCENTILE = Pattern.compile("\\s(50|99)%\\s+([0-9.]+)(us|ms|s)\\b");
    private static final Pattern FAILED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    static WrkRow get(Upstream upstream, Upstream.Size size, int connections, int seconds, Path folder) {
        var title = "GET " + size.label() + ", " + connections + " connections, requests/s";
        return new WrkRow("get", title, upstream, size, connections, seconds, folder);
    }

    static WrkRow post(Upstream upstream, Upstream.Size size, int connections, int seconds, Path folder) {
        var title = "POST " + size.label() + ", " + connections + " connections, requests/s";
        return new WrkRow("post", title, upstream, size, connections, seconds, folder);
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException, InterruptedException {
        var script = folder.resolve("wrk.lua");
        Files.writeString(script, script(contender));
        var target = contender.direct() ? upstream.port() : contender.port();
        var before = contender.cpuSeconds();
        var wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds + "s",
                        "--timeout",
                        "10s",
                        "--latency",
                        "-s",
                        script.toString(),
                        "http://127.0.0.1:" + target)
                .redirectErrorStream(true)
                .start();
        var output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        wrk.waitFor();
        var cpu = contender.cpuSeconds() - before;
        var failed = FAILED.matcher(output);
        var rate = RATE.matcher(output);
        var count = COUNT.matcher(output);
        if (!rate.find() || !count.find()) {
            throw new IOException("wrk said: " + output);
        }
        if (failed.find()) {
            System.err.println(contender.name() + ", " + title + ": " + failed.group() + " of " + count.group(1));
            return null;
        }
        var p50 = Double.NaN;
        var p99 = Double.NaN;
        for (var line = PERCENTILE.matcher(output); line.find(); ) {
            var millis = Double.parseDouble(line.group(2))
                    * switch (line.group(3)) {
                        case "us" -> 0.001;
                        case "s" -> 1000;
                        default -> 1;
                    };
            if (line.group(1).equals("50")) {
                p50 = millis;
            } else {
                p99 = millis;
            }
        }
        var requests = Double.parseDouble(count.group(1));
        if (requests == 0) {
            return null;
        }
        return new Cell(
                Double.parseDouble(rate.group(1)),
                true,
                contender.direct() ? Double.NaN : cpu / requests * 1e6,
                Map.of("p50 ms", p50, "p99 ms", p99));
    }

    private String script(Contender contender) throws IOException {
        var url = group.equals("get") ? upstream.url(size) : upstream.post();
        var path = contender.direct() ? URI.create(url).getPath() : url;
        if (group.equals("get")) {
            return "wrk.path = \"" + path + "\"\nwrk.headers[\"Host\"] = \"127.0.0.1:" + upstream.port() + "\"\n";
        }
        var body = folder.resolve("body");
        Files.write(body, size.text());
        return """
                wrk.method = "POST"
                wrk.path = "%s"
                wrk.headers["Host"] = "127.0.0.1:%d"
                wrk.headers["Content-Type"] = "application/json"
                local file = io.open("%s", "rb")
                wrk.body = file:read("*a")
                file:close()
                """.formatted(path, upstream.port(), body);
    }
}
