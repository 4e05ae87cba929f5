package dev.portcullis.dataplane.flow;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.api.AccessTokens;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.mitigate.Protection;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a flow role runs on: a configuration with its secrets, made ready for each room. Immutable.
 *
 * @param secrets as they were when it was compiled
 * @param ipfixTls the certificate of IPFIX over TLS, null where there is none
 */
public record CompiledDetector(
        FlowPolicy detection,
        Protection protection,
        AccessTokens tokens,
        SecretSource secrets,
        @Nullable SslContext ipfixTls) {
    /**
     * Compiles {@code config}.
     *
     * @throws ConfigRefusedException for a value no Resolver would have accepted
     */
    public static CompiledDetector compile(FlowConfig config, SecretSource secrets) throws ConfigRefusedException {
        try {
            return new CompiledDetector(
                    FlowPolicy.compile(config),
                    Protection.compile(config),
                    AccessTokens.read(config.spec().api(), secrets),
                    secrets,
                    IpfixCertificate.read(config.spec().listeners().ipfixTcp(), secrets));
        } catch (IllegalArgumentException notRunnable) {
            throw new ConfigRefusedException(List.of(String.valueOf(notRunnable.getMessage())));
        }
    }

    /** What it was compiled from. */
    public FlowConfig config() {
        return detection.config();
    }
}
