/** WebSocket connections (RFC 6455), judged message by message. */
@NullMarked
package dev.portcullis.dataplane.firewall.websocket;

import org.jspecify.annotations.NullMarked;
