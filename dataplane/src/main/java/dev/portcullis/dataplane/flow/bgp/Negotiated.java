package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Notification.OPEN_MESSAGE_ERROR;

import java.util.EnumSet;
import java.util.Set;

/**
 * What two OPENs agree on.
 *
 * @param internal the neighbour is of our AS
 * @param fourOctetAs AS numbers in AS_PATH have four octets (RFC 6793 section 4.1)
 * @param holdSeconds the smaller of both; 0 means neither KEEPALIVE nor hold timer (RFC 4271 section 4.2)
 * @param families both sides named
 * @param extendedMessage both sides take messages beyond 4096 octets (RFC 8654)
 */
record Negotiated(
        boolean internal,
        long localAsn,
        boolean fourOctetAs,
        int holdSeconds,
        Set<AddressFamily> families,
        boolean extendedMessage) {
    private static final int BAD_PEER_AS = 2;
    private static final int BAD_IDENTIFIER = 3;

    /** What is agreed on before the OPENs. */
    static Negotiated nothing() {
        return new Negotiated(false, 0, false, 0, Set.of(), false);
    }

    /**
     * What {@code peer}, as configured, and the OPEN it sent agree on.
     *
     * @throws MalformedMessageException when it is of another AS or, inside the AS, has our identifier (RFC 6286)
     */
    static Negotiated between(Peer peer, Open theirs) throws MalformedMessageException {
        if (theirs.asn() != peer.remoteAsn()) {
            throw new MalformedMessageException(OPEN_MESSAGE_ERROR, BAD_PEER_AS);
        }
        var internal = peer.localAsn() == peer.remoteAsn();
        if (internal && theirs.identifier() == peer.identifier()) {
            throw new MalformedMessageException(OPEN_MESSAGE_ERROR, BAD_IDENTIFIER);
        }
        // Without capability 1 a neighbour speaks IPv4 unicast, as before there were families.
        var offered = theirs.multiprotocol() ? theirs.families() : EnumSet.of(AddressFamily.IPV4_UNICAST);
        var families = EnumSet.noneOf(AddressFamily.class);
        families.addAll(peer.families());
        families.retainAll(offered);
        return new Negotiated(
                internal,
                peer.localAsn(),
                theirs.fourOctetAs(),
                Math.min(peer.holdSeconds(), theirs.holdSeconds()),
                families,
                theirs.extendedMessage());
    }
}
