package dev.portcullis.dataplane.flow.bgp;

/**
 * Bytes that are not a message.
 *
 * @param reply what the sender of the bytes is told before the connection closes
 */
record Malformed(Notification reply) implements Message {}
