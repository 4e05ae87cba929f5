/** Benchmarks of what only the room itself can call. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.match;

import org.jspecify.annotations.NullMarked;
