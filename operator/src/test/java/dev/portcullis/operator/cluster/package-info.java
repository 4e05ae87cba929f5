/** A real API server for tests, and what stands in for the rest of a cluster. */
@NullMarked
package dev.portcullis.operator.cluster;

import org.jspecify.annotations.NullMarked;
