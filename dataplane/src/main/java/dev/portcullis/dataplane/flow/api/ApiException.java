package dev.portcullis.dataplane.flow.api;

/** A request that cannot be served, with the status and the sentence the client gets. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ApiException(int status, String sentence) {
        super(sentence, null, false, false);
        this.status = status;
    }

    ApiResponse response() {
        var sentence = getMessage();
        return ApiResponse.error(status, sentence == null ? "" : sentence);
    }
}
