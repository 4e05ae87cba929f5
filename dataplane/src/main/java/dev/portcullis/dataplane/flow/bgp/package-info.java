/** A small announce-only BGP speaker. */
@NullMarked
package dev.portcullis.dataplane.flow.bgp;

import org.jspecify.annotations.NullMarked;
