package dev.portcullis.dataplane.firewall.websocket;

import java.util.LinkedHashMap;
import java.util.Map;

/** What passed over one connection, for the audit log. */
final class WebSocketTally {
    private long textFrames;
    private long binaryFrames;
    private long toServer;
    private long toClient;
    private int code;

    /** Counts a frame of a message of this opcode. */
    void frame(int opcode, boolean fromClient, int bytes) {
        if (opcode == Opcode.TEXT) {
            textFrames++;
        } else if (opcode == Opcode.BINARY) {
            binaryFrames++;
        }
        if (fromClient) {
            toServer += bytes;
        } else {
            toClient += bytes;
        }
    }

    /** Remembers the first close code. */
    void closed(int with) {
        if (code == 0) {
            code = with;
        }
    }

    /** Names and values of the audit event. */
    Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("client_to_server_bytes", toServer);
        fields.put("server_to_client_bytes", toClient);
        fields.put("text_frames", textFrames);
        fields.put("binary_frames", binaryFrames);
        fields.put("close_code", code);
        return fields;
    }
}
