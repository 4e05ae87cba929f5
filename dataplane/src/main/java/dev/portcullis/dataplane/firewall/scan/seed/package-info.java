/** Wallet seed phrases (BIP-39): word lists, checksum, and the walk that finds them. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.seed;

import org.jspecify.annotations.NullMarked;
