/** UDP workers and their drop counters. */
@NullMarked
package dev.portcullis.dataplane.flow.ingest;

import org.jspecify.annotations.NullMarked;
