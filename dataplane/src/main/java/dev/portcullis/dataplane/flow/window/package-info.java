/** Primitive per-host counters, bounded, IPv4 and IPv6 alike. */
@NullMarked
package dev.portcullis.dataplane.flow.window;

import org.jspecify.annotations.NullMarked;
