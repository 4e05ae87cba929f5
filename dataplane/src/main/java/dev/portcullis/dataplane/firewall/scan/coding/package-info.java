/** Content codings undone, so that what they wrap is scanned while the original bytes pass. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.coding;

import org.jspecify.annotations.NullMarked;
