/** The scan engine: text or bytes in, findings out. No channel, no Kubernetes, no I/O. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan;

import org.jspecify.annotations.NullMarked;
