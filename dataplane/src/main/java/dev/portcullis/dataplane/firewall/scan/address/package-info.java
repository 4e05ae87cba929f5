/** Addresses in every form they are written, which of them are internal, and lists of host names. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.address;

import org.jspecify.annotations.NullMarked;
