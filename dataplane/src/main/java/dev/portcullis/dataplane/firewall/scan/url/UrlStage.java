package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.dataplane.firewall.scan.Finding;
import java.util.function.Consumer;

/** One stage of the {@link UrlPipeline}. Immutable, any thread. */
interface UrlStage {
    /**
     * Judges {@code url}.
     *
     * @param tunnel true for CONNECT, whose path and query are unknown
     */
    void judge(Url url, boolean tunnel, Consumer<Finding> findings);
}
