/** Addresses of crypto currencies: their forms and checksums, and what looks like a known one but is another. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.crypto;

import org.jspecify.annotations.NullMarked;
