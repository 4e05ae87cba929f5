package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.flow.mitigate.Announcer.PeerState;

/** A BGP neighbour and the MitigationPolicy whose bans it is told of. */
public record PolicyPeer(String policy, PeerState peer) {}
