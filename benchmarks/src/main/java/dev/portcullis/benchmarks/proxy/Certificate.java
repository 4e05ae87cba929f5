package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A certificate for {@code localhost} that is its own authority, made by {@code openssl}.
 *
 * @param pem file of the certificate
 * @param key file of its key
 */
record Certificate(Path pem, Path key) {
    /** Makes one in {@code folder}. */
    static Certificate in(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var made = new Certificate(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        var openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=DNS:localhost",
                        "-addext",
                        "basicConstraints=critical,CA:TRUE",
                        "-keyout",
                        made.key().toString(),
                        "-out",
                        made.pem().toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (openssl.waitFor() != 0) {
            throw new IOException("openssl said: " + said);
        }
        return made;
    }
}
