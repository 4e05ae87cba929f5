/** CONNECT tunnels and the server name check. */
@NullMarked
package dev.portcullis.dataplane.firewall.tunnel;

import org.jspecify.annotations.NullMarked;
