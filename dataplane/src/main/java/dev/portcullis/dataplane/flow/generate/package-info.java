/** Made-up telemetry of made-up attacks, to try a detector with. */
@NullMarked
package dev.portcullis.dataplane.flow.generate;

import org.jspecify.annotations.NullMarked;
