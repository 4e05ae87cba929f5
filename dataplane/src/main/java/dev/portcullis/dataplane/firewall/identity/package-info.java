/** Which agent a request comes from. */
@NullMarked
package dev.portcullis.dataplane.firewall.identity;

import org.jspecify.annotations.NullMarked;
