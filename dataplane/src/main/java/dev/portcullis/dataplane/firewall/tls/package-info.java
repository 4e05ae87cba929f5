/** TLS interception: leaves signed by the policy's authority, the client's handshake, and TLS towards origins. */
@NullMarked
package dev.portcullis.dataplane.firewall.tls;

import org.jspecify.annotations.NullMarked;
