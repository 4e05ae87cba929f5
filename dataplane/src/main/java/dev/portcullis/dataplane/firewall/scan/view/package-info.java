/** Other readings of the same bytes: escapes resolved, look-alike letters folded, encoded runs decoded. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.view;

import org.jspecify.annotations.NullMarked;
