/** The HTTP API under /api/v1. */
@NullMarked
package dev.portcullis.dataplane.flow.api;

import org.jspecify.annotations.NullMarked;
