/** Listener, pipeline order, dialer and relay. */
@NullMarked
package dev.portcullis.dataplane.firewall.net;

import org.jspecify.annotations.NullMarked;
