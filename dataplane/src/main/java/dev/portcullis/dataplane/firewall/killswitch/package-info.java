/** Four sources, one OR. */
@NullMarked
package dev.portcullis.dataplane.firewall.killswitch;

import org.jspecify.annotations.NullMarked;
