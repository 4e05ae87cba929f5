/** Request bodies in JSON go on with placeholders in place of what should not leave. */
@NullMarked
package dev.portcullis.dataplane.firewall.redact;

import org.jspecify.annotations.NullMarked;
