package dev.portcullis.dataplane.cli;

import dev.portcullis.crd.ca.CertificateAuthority;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.dataplane.config.SecretSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The authority that {@code run} signs with where a policy intercepts TLS and names none: two files in one folder, made
 * once and kept, so that whoever trusts it need not do so again after a restart. The key's file is readable by its owner
 * alone.
 */
final class LocalAuthority {
    private static final String CERTIFICATE = "ca.crt";
    private static final String KEY = "ca.key";

    private final Path folder;
    private final InstantSource clock;

    LocalAuthority(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** The folder that is used where none is named: {@code $XDG_STATE_HOME/portcullis} or {@code ~/.local/state/portcullis}. */
    static Path defaultFolder(@Nullable String xdgStateHome, String home) {
        var state = xdgStateHome == null || xdgStateHome.isBlank()
                ? Path.of(home, ".local", "state")
                : Path.of(xdgStateHome);
        return state.resolve("portcullis");
    }

    /** True where {@code config} needs it. */
    static boolean isFor(FirewallConfig config) {
        var tls = config.spec().tlsInterception();
        return tls != null && tls.enabled() && tls.caSecretRef() == null;
    }

    /** Where the certificate is that clients must trust. */
    Path certificate() {
        return folder.resolve(CERTIFICATE);
    }

    /**
     * {@code secrets} and, where {@code config} needs it, the authority under the name the firewall looks for.
     *
     * @throws IOException when it can neither be read nor made; the message names the file
     */
    SecretSource beside(FirewallConfig config, SecretSource secrets) throws IOException {
        if (!isFor(config)) {
            return secrets;
        }
        make();
        var certificate = read(CERTIFICATE);
        var key = read(KEY);
        return ref -> ref.name().equals(config.authoritySecret())
                ? switch (ref.key()) {
                    case CertificateAuthority.CERTIFICATE_KEY -> Optional.of(certificate.clone());
                    case CertificateAuthority.PRIVATE_KEY_KEY -> Optional.of(key.clone());
                    default -> Optional.empty();
                }
                : secrets.read(ref);
    }

    private byte[] read(String name) throws IOException {
        var file = folder.resolve(name);
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(
                    file + " cannot be read: put back the pair " + CERTIFICATE + " and " + KEY
                            + ", or remove both and a new authority is made, which clients must then trust",
                    e);
        }
    }

    private void make() throws IOException {
        if (Files.exists(folder.resolve(CERTIFICATE)) || Files.exists(folder.resolve(KEY))) {
            return;
        }
        try {
            Files.createDirectories(folder);
            var authority = CertificateAuthority.create("of " + System.getProperty("user.name"), clock.instant());
            write(KEY, authority.keyPem(), "rw-------");
            write(CERTIFICATE, authority.certificatePem(), "rw-r--r--");
        } catch (IOException e) {
            throw new IOException(
                    "the authority of TLS interception cannot be kept in " + folder + ": " + e.getMessage()
                            + "; name another folder with --state",
                    e);
        }
    }

    private void write(String name, String text, String permissions) throws IOException {
        var made = Files.createTempFile(
                folder, name, "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(made, text.getBytes(StandardCharsets.US_ASCII));
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(permissions));
        Files.move(made, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
